"""`reprohrl calibrate camera`, from image files and from a live deck, as typed."""

from __future__ import annotations

import itertools
from pathlib import Path

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from firmware_bridge.aideck.calibration import CameraCalibration
from firmware_bridge.aideck.checkerboard import Board
from firmware_bridge.virtual.aideck import VirtualAiDeck
from reprohrl.cli.main import main
from tests.fakes.checkerboard import CAMERA, picture, poses

BOARD = Board(9, 6, 0.025)


@pytest.fixture(scope="module")
def pictures() -> list[NDArray[np.uint8]]:
    return [picture(BOARD, tilt, at) for tilt, at in poses(BOARD, 12)]


@pytest.fixture
def folder(pictures: list[NDArray[np.uint8]], tmp_path: Path) -> Path:
    for number, image in enumerate(pictures):
        cv2.imwrite(str(tmp_path / f"{number:02d}.png"), image)
    cv2.imwrite(str(tmp_path / "wall.png"), np.full((244, 324), 128, np.uint8))
    return tmp_path


def test_a_folder_of_images_becomes_a_file(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = folder / "out" / "camera.json"
    assert main(["calibrate", "camera", str(folder), "--out", str(out), "--name", "deck 7"]) == 0
    found = CameraCalibration.read(out)
    assert (found.width, found.height, found.camera, found.views) == (324, 244, "deck 7", 12)
    assert found.fx == pytest.approx(CAMERA.fx, rel=0.02)
    said = capsys.readouterr().out
    assert "no whole board in 1 images" in said
    assert "wall.png" in said
    assert f"wrote {out}" in said.replace("\n", "")


def test_a_live_deck_is_calibrated_while_the_board_moves(
    pictures: list[NDArray[np.uint8]], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    turn = itertools.cycle(pictures)
    with VirtualAiDeck(lambda: next(turn), fps=10) as deck:
        status = main([
            "calibrate", "camera", "--stream", f"127.0.0.1:{deck.port}", "--views", "10", "--seconds", "60",
            "--keep", str(tmp_path / "kept"), "--out", str(tmp_path / "camera.json"),
        ])  # fmt: skip
    assert status == 0
    assert len(list((tmp_path / "kept").glob("*.png"))) == 10
    assert CameraCalibration.read(tmp_path / "camera.json").fx == pytest.approx(CAMERA.fx, rel=0.02)
    assert "view 10 of 10" in capsys.readouterr().err


def test_a_board_to_print_is_drawn(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = tmp_path / "board.svg"
    assert main(["calibrate", "board", "--columns", "7", "--rows", "5", "--out", str(out)]) == 0
    assert "--columns 7 --rows 5 --square-mm 25" in out.read_text()
    assert main(["calibrate", "board", "--square-mm", "0", "--out", str(out)]) == 2
    assert "squares of 0 mm" in capsys.readouterr().err


def test_squares_counted_for_corners_are_pointed_out(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (folder / "wall.png").unlink()
    assert main(["calibrate", "camera", str(folder / "0[01].png"), "--columns", "10", "--rows", "7"]) == 2
    said = capsys.readouterr().err
    assert "no board with 10 x 7 inner corners" in said
    assert "--columns 9 --rows 6" in said


def test_a_set_that_is_not_good_enough_is_written_only_by_force(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = folder / "camera.json"
    for path in list(folder.glob("*.png")):  # the board in the middle of a larger picture only
        image = cv2.imread(str(path), cv2.IMREAD_GRAYSCALE)
        cv2.imwrite(str(path), np.pad(image, 200, constant_values=120))
    assert main(["calibrate", "camera", str(folder), "--out", str(out)]) == 2
    assert "of the image only" in capsys.readouterr().err
    assert not out.exists()
    assert main(["calibrate", "camera", str(folder), "--out", str(out), "--force"]) == 0
    assert CameraCalibration.read(out).width == 724


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ([], "one source is needed"),
        (["a.png", "--stream", "1.2.3.4"], "not both"),
        (["--stream", "1.2.3.4:x"], "is no address of a camera"),
        (["nothing-here-*.png"], "there are no images in nothing-here"),
        (["nothing.png", "--columns", "1"], "1 x 6 inner corners cannot be used"),
    ],
)
def test_mistakes_are_sentences(
    arguments: list[str], message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["calibrate", "camera", *arguments]) == 2
    assert message in capsys.readouterr().err

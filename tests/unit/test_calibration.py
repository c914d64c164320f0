"""Camera calibration: the published AI-deck camera is found again from images of it; bad sets are refused."""

from __future__ import annotations

import dataclasses
import json
import math
from pathlib import Path
from xml.etree import ElementTree

import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from firmware_bridge.aideck import checkerboard
from firmware_bridge.aideck.board_sheet import board_svg
from firmware_bridge.aideck.board_views import ViewCollector, from_files, image_files
from firmware_bridge.aideck.calibration import CameraCalibration
from firmware_bridge.aideck.checkerboard import Board, Fit, View, calibrate, find_corners, likely_board
from firmware_bridge.aideck.nanocockpit import FrameMetadata
from firmware_bridge.aideck.newest import CameraHealth
from firmware_bridge.aideck.rectify import RectifiedCamera, Rectifier
from firmware_bridge.aideck.stream import PosedFrame
from reprohrl.contracts.camera_model import AI_DECK
from reprohrl.contracts.drone import Frame
from reprohrl.contracts.errors import UserError
from tests.fakes.checkerboard import CAMERA, picture, poses

BOARD = Board(9, 6, 0.025)
Image = NDArray[np.uint8]


@pytest.fixture(scope="module")
def pictures() -> list[Image]:
    return [picture(BOARD, tilt, at) for tilt, at in poses(BOARD, 18)]


@pytest.fixture(scope="module")
def views(pictures: list[Image]) -> list[View]:
    found = [(f"image {k}", find_corners(image, BOARD)) for k, image in enumerate(pictures)]
    return [View(name, corners) for name, corners in found if corners is not None]


@pytest.fixture(scope="module")
def fit(views: list[View]) -> Fit:
    return calibrate(views, BOARD, 324, 244)


def test_every_whole_board_is_found(views: list[View]) -> None:
    assert len(views) == 18


def test_the_camera_that_took_the_images_is_found_again(fit: Fit) -> None:
    found = fit.calibration
    assert (found.fx, found.fy) == pytest.approx((CAMERA.fx, CAMERA.fy), rel=0.01)
    assert (found.cx, found.cy) == pytest.approx((CAMERA.cx, CAMERA.cy), abs=1.0)
    assert found.distortion[:2] == pytest.approx(CAMERA.distortion[:2], abs=0.02)
    assert found.rms_px < 0.3
    assert fit.coverage > 0.6
    assert fit.left_out == ()
    checkerboard.check(fit)


def test_the_field_of_view_is_the_one_of_the_decks_lens(fit: Fit) -> None:
    assert math.degrees(fit.calibration.hfov_rad) == pytest.approx(83.3, abs=1.0)


def test_a_view_that_does_not_fit_is_left_out(views: list[View]) -> None:
    shifted = View("moved", views[3].corners + np.random.default_rng(1).normal(0, 6, views[3].corners.shape))
    fit = calibrate(
        [*views, dataclasses.replace(shifted, corners=shifted.corners.astype(np.float32))], BOARD, 324, 244
    )
    assert fit.left_out == ("moved",)
    assert fit.calibration.views == 18


def test_too_few_views_are_refused_with_their_number(views: list[View]) -> None:
    with pytest.raises(UserError, match="found in 5 images; at least 8"):
        calibrate(views[:5], BOARD, 324, 244)


def test_views_of_two_cameras_are_refused(views: list[View]) -> None:
    stretched = [View(f"{v.name}b", (v.corners * (1.2, 0.8) - (20, -15)).astype(np.float32)) for v in views]
    with pytest.raises(UserError, match="do not fit one camera"):
        checkerboard.check(calibrate([*views[::2], *stretched[1::2]], BOARD, 324, 244))


def test_a_board_shown_in_the_middle_only_is_refused(fit: Fit) -> None:
    with pytest.raises(UserError, match=r"shown in 12 % of the image only.*corners of the picture"):
        checkerboard.check(dataclasses.replace(fit, coverage=0.12))


def test_an_uncertain_focal_length_is_refused(fit: Fit) -> None:
    with pytest.raises(UserError, match=r"181.*\+- 9.0 px.*tilted"):
        checkerboard.check(dataclasses.replace(fit, sd_focal_px=9.0))


@pytest.mark.parametrize("wrong", [(10, 7), (8, 5)], ids=["squares counted", "one too few"])
def test_the_board_that_is_there_is_named(pictures: list[Image], wrong: tuple[int, int]) -> None:
    assert find_corners(pictures[1], Board(*wrong)) is None
    assert likely_board(pictures[1], Board(*wrong)) == Board(9, 6)


@pytest.mark.parametrize("size", [(2, 6), (9, 60)])
def test_an_impossible_board_is_refused(size: tuple[int, int]) -> None:
    with pytest.raises(UserError, match=f"{size[0]} x {size[1]} inner corners cannot be used"):
        Board(*size)


def test_metres_for_millimetres_are_refused() -> None:
    with pytest.raises(UserError, match="squares of 25000 mm"):
        Board(9, 6, 25.0)


def test_a_collector_takes_new_views_only_and_says_where_to_hold_the_board(pictures: list[Image]) -> None:
    collector = ViewCollector(BOARD)
    assert not collector.offer(np.full((244, 324), 128, np.uint8))
    assert collector.offer(pictures[0])
    assert not collector.offer(pictures[0])
    assert "hold it" in collector.hint
    for image in pictures[1:]:
        collector.offer(image)
    assert len(collector.views.found) >= 14
    assert collector.hint == "tilt it, nearer and farther"
    with pytest.raises(UserError, match="changed from 324x244 to 100x100"):
        collector.offer(np.zeros((100, 100), np.uint8))


def test_images_of_two_sizes_are_refused_by_name(pictures: list[Image], tmp_path: Path) -> None:
    cv2.imwrite(str(tmp_path / "a.png"), pictures[0])
    cv2.imwrite(str(tmp_path / "b.png"), pictures[0][:-10])
    with pytest.raises(UserError, match=r"a.png is 324x244, .*b.png 324x234"):
        from_files(image_files([str(tmp_path)]), BOARD, lambda _: None)


def test_a_file_that_is_no_image_is_named(tmp_path: Path) -> None:
    (tmp_path / "x.png").write_text("hello")
    with pytest.raises(UserError, match=r"cannot read .*x.png"):
        from_files(image_files([str(tmp_path / "*.png")]), BOARD, lambda _: None)


def test_no_images_at_all_is_an_error_with_an_example(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="there are no images in"):
        image_files([str(tmp_path / "*.png")])


def test_a_calibration_comes_back_from_its_file(tmp_path: Path, fit: Fit) -> None:
    path = tmp_path / "new" / "camera.json"
    fit.calibration.write(path)
    assert CameraCalibration.read(path) == fit.calibration
    assert [p.name for p in path.parent.iterdir()] == ["camera.json"]


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({"format": "x"}, "its format is not"),
        ({"version": 2}, "has version 2"),
        ({"fx": None}, "damaged"),
        ({"fx": -1.0}, "above 0"),
        ({"distortion": [1, 2]}, "damaged"),
        ({"fy": float("nan")}, "above 0"),
    ],
)
def test_a_damaged_file_says_what_is_wrong(change: dict[str, object], why: str, tmp_path: Path) -> None:
    path = tmp_path / "camera.json"
    CAMERA.write(path)
    path.write_text(json.dumps(json.loads(path.read_text()) | change))
    with pytest.raises(UserError, match=why):
        CameraCalibration.read(path)


JSON = st.recursive(
    st.none() | st.booleans() | st.floats() | st.integers() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=6) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=8,
)


@given(st.dictionaries(st.sampled_from(sorted(dataclasses.asdict(CAMERA))), JSON, max_size=4))
def test_any_values_in_a_file_are_a_calibration_or_a_sentence(
    tmp_path_factory: pytest.TempPathFactory, change: dict[str, object]
) -> None:
    path = tmp_path_factory.mktemp("any") / "camera.json"
    CAMERA.write(path)
    path.write_text(json.dumps(json.loads(path.read_text()) | change))
    try:
        found = CameraCalibration.read(path)
    except UserError:
        return
    assert min(found.width, found.height, found.fx, found.fy) > 0


@given(st.binary(max_size=40))
def test_any_bytes_are_no_calibration(tmp_path_factory: pytest.TempPathFactory, data: bytes) -> None:
    path = tmp_path_factory.mktemp("any") / "camera.json"
    path.write_bytes(data)
    with pytest.raises(UserError, match="is no calibration"):
        CameraCalibration.read(path)


def test_the_printed_board_is_true_to_scale_and_found_in_a_picture_of_it() -> None:
    root = ElementTree.fromstring(board_svg(BOARD))
    assert (root.get("width"), root.get("height")) == ("300mm", "225mm")
    paper = np.full((225, 300), 255, np.uint8)
    for square in list(root)[1:-1]:
        x, y, side = (int(float(square.get(name, "0"))) for name in ("x", "y", "width"))
        paper[y : y + side, x : x + side] = 0
    corners = find_corners(cv2.GaussianBlur(paper, (3, 3), 0), BOARD)
    assert corners is not None
    assert np.linalg.norm(corners[1] - corners[0]) == pytest.approx(25.0, abs=0.2)


def test_a_missing_or_foreign_file_says_so(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="cannot read"):
        CameraCalibration.read(tmp_path / "none.json")
    (tmp_path / "x.json").write_text("{")
    with pytest.raises(UserError, match="not JSON"):
        CameraCalibration.read(tmp_path / "x.json")


def test_a_straightened_image_has_the_geometry_of_the_model(pictures: list[Image]) -> None:
    """Corners of the straightened image lie where the model's pinhole sees the board's corners."""
    tilt, at = next(iter(poses(BOARD, 1)))
    straight = Rectifier(CAMERA)(picture(BOARD, tilt, at))
    assert straight.shape == (AI_DECK.height, AI_DECK.width)
    corners = find_corners(straight, BOARD)
    assert corners is not None
    middle = BOARD.points - np.array([(BOARD.columns - 1) / 2, (BOARD.rows - 1) / 2, 0]) * BOARD.square_m
    ideal = np.array([[AI_DECK.fx, 0, AI_DECK.cx - 0.5], [0, AI_DECK.fy, AI_DECK.cy - 0.5], [0, 0, 1.0]])
    expected, _ = cv2.projectPoints(middle, np.array(tilt), np.array(at), ideal, None)
    expected = expected.reshape(-1, 2)
    error = min(np.abs(corners - e).max() for e in (expected, expected[::-1]))
    assert error < 0.5


def test_the_nanocockpits_square_image_covers_the_view_of_the_detector() -> None:
    """160x160 of a sensor read at half its resolution sees as far to the sides, and farther up and down."""
    square = CameraCalibration(160, 160, 91.0, 91.3, 79.5, 79.5)
    rectifier = Rectifier(square)
    assert rectifier.seen > 0.97
    assert rectifier(np.zeros((160, 160), np.uint8)).shape == (244, 324)


def test_an_image_of_another_mode_is_refused() -> None:
    with pytest.raises(UserError, match=r"sends 324x324 images.*made at 324x244"):
        Rectifier(CAMERA)(np.zeros((324, 324), np.uint8))


def test_the_decks_modes_are_known_without_a_calibration(pictures: list[Image]) -> None:
    half = cv2.resize(pictures[0][2:-2, 2:-2], (160, 120), interpolation=cv2.INTER_AREA)
    camera = RectifiedCamera(StillCamera(Frame(half, 1.0)))
    camera.open(1.0)
    frame = camera.read(1.0)
    assert frame is not None
    assert frame.pixels.shape == (244, 324)
    inner = (slice(20, -20), slice(20, -20))
    difference = np.abs(frame.pixels[inner].astype(int) - cv2.blur(pictures[0], (3, 3))[inner])
    assert difference.mean() < 4  # the same picture, at half the resolution


def test_frames_of_the_models_own_size_pass_as_they_are(pictures: list[Image]) -> None:
    camera = RectifiedCamera(StillCamera(Frame(pictures[0], 1.0)))
    frame = camera.read(1.0)
    assert frame is not None
    assert frame.pixels is pictures[0]


def test_an_unknown_mode_is_refused_when_the_camera_is_opened() -> None:
    camera = RectifiedCamera(StillCamera(Frame(np.zeros((50, 60), np.uint8), 1.0)))
    with pytest.raises(UserError, match=r"sends 60x50 images.*known modes are 324x324"):
        camera.open(1.0)


def test_a_mode_that_changes_in_flight_is_a_camera_without_frames(pictures: list[Image]) -> None:
    inner = StillCamera(Frame(pictures[0], 1.0))
    camera = RectifiedCamera(inner, CAMERA)
    camera.open(1.0)
    inner.frame = Frame(np.zeros((160, 160), np.uint8), 2.0)
    assert camera.read(1.0) is None
    inner.frame = Frame(pictures[0], 3.0)
    assert camera.read(1.0) is not None


class StillCamera:
    """Gives the same frame again and again."""

    def __init__(self, frame: Frame) -> None:
        self.frame, self.calls = frame, list[str]()

    def open(self, timeout_s: float = 10.0) -> None:
        self.calls.append("open")

    def read(self, timeout_s: float) -> Frame | None:
        return self.frame if timeout_s > 0 else None

    def health(self) -> CameraHealth:
        return CameraHealth(1, 8.0, 0.1, 0, 0, 0, 0)

    def close(self) -> None:
        self.calls.append("close")


@pytest.mark.parametrize("color", [False, True])
def test_a_rectified_camera_keeps_stamp_and_metadata(pictures: list[Image], color: bool) -> None:
    image = np.dstack([pictures[0]] * 3) if color else pictures[0]
    about = FrameMetadata(324, 244, 1, 2, 3)
    inner = StillCamera(PosedFrame(image, 12.5, about))
    camera = RectifiedCamera(inner, CAMERA)
    camera.open(1.0)
    frame = camera.read(1.0)
    assert isinstance(frame, PosedFrame)
    assert (frame.stamp, frame.metadata) == (12.5, about)
    assert frame.pixels.shape == (244, 324, 3) if color else (244, 324)
    assert camera.read(0.0) is None
    assert camera.health().fps == 8.0
    camera.close()
    assert inner.calls == ["open", "close"]

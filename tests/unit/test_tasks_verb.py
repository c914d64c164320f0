"""`reprohrl tasks` lists every cell and draws scenes whole."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pytest

from reprohrl.cli.main import main
from reprohrl.reporting.topview import TopView
from reprohrl.reporting.walkers import at, still_and_walking
from sim.movers import mover_position
from sim.tasks import TASKS, make_scene


def test_the_list_names_every_task_and_the_guide_explains_it(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["tasks", "list"]) == 0
    listed = capsys.readouterr().out
    page = (Path(__file__).parents[2] / "docs" / "guide" / "tasks.md").read_text()
    assert not [task for task in TASKS if task not in listed or task not in page]


@pytest.mark.parametrize("task", ["X2R", "XM"])
def test_a_preview_is_a_top_view_and_a_contact_sheet(
    task: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["tasks", "preview", task, "--count", "2", "--seed", "4", "--out", str(tmp_path)]) == 0
    told = capsys.readouterr().out
    names = {path.name for path in tmp_path.iterdir()}
    assert names == {f"{task}-test-4-top.png", f"{task}-test-4-camera.png"}
    assert all(str(tmp_path / name) in told for name in names)
    camera = cv2.imread(str(tmp_path / f"{task}-test-4-camera.png"))
    assert camera.shape[0] > 2 * 244 and camera.shape[1] > 4 * 324


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["X2"], 'did you mean "X2R"?'),
        (["X2R", "--split", "tets"], 'did you mean "test"?'),
        (["X2R", "--renderer", "rai"], 'did you mean "ray"?'),
        (["S1", "--count", "1", "--out", "/dev/null/x"], "cannot write /dev/null/x"),
    ],
)
def test_a_mistake_is_answered_in_sentences(
    words: list[str], said: str, capfd: pytest.CaptureFixture[str]
) -> None:
    assert main(["tasks", "preview", *words]) == 2
    assert said in capfd.readouterr().err


def test_drawings_and_worlds_agree_on_where_a_walker_is() -> None:
    scene = make_scene("XM", 3)
    still, ((solid, mover),) = still_and_walking(scene.to_dict())
    assert len(still) == len(scene.objects) - 1
    for time_s in (0.0, 0.7, 3.3, 12.9, 61.0):
        x, y, _ = at(solid, mover, time_s)["position"]
        assert (x, y) == pytest.approx(mover_position(scene.mover_rows()[0], time_s))


def test_the_top_view_shows_the_wall_and_its_doorway() -> None:
    scene = make_scene("X2R", 0)
    view = TopView(scene.to_dict(), 480)
    picture = view.cropped(view.frame([]))
    middle = picture[:, 240].astype(int).sum(1)
    y = scene.doorways[0].position[1]
    metre = 480 / (2 * 4.0 * 1.12)
    row = round(picture.shape[0] / 2 - y * metre)
    assert picture.shape[0] < 330
    assert middle[row] > 500 and np.median(middle) < 300

"""Record frames without noise for `test_render_frames.py`: `python -m tests.golden.record_render`."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from sim.dataset.poses import random_pose
from sim.render import RayCamera, Rendered, SensorModel
from sim.tasks import make_scene

FOLDER = Path(__file__).parent / "render"
TASKS = ("MC-4", "X2R", "XM", "XK-6")


def frame(task: str, *, grey: bool) -> Rendered:
    """Render one pose of a task's first test scene without noise, half a minute into the episode."""
    scene = make_scene(task, 0, "test")
    pose = random_pose(scene, np.random.default_rng(TASKS.index(task)))
    still = SensorModel(read_noise=0.0, shot_noise=0.0)
    return RayCamera(scene, grey=grey, sensor=still).render(*pose, time_s=30.0)


def recorded(task: str) -> NDArray[np.uint8]:
    pixels = cv2.imread(str(FOLDER / f"{task}.png"))
    assert pixels is not None
    return np.asarray(pixels[..., ::-1], np.uint8)


def main() -> None:
    FOLDER.mkdir(exist_ok=True)
    for task in TASKS:
        cv2.imwrite(str(FOLDER / f"{task}.png"), frame(task, grey=False).pixels[..., ::-1])


if __name__ == "__main__":
    main()

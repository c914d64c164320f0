"""One labelled frame per index: the same index always gives the same frame."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from reprohrl.contracts.detection import Detection
from sim.dataset.config import SUBSETS
from sim.dataset.look import compress, random_motion, random_sensor
from sim.dataset.lookalikes import beside_lookalike
from sim.dataset.poses import Pose, random_pose
from sim.dataset.scenes import benchmark_scene, randomised_scene
from sim.render import RayCamera, Rendered, SensorModel
from sim.scene import Scene

_HARD_SHARE = 0.3
"""Of `train` and `val`: frames of a goal beside a pillar like it."""


@dataclass(frozen=True, slots=True)
class Sample:
    """A frame, its truth, and where it was taken."""

    pixels: NDArray[np.uint8]
    boxes: tuple[Detection, ...]
    scene: Scene
    pose: Pose


def sample(subset: str, index: int, seed: int) -> Sample:
    """Render frame `index` of `subset`. The grey and colour twins of a subset share all but the colour."""
    held_out = subset.startswith(("test", "flight"))
    flight = subset.startswith("flight") or (subset in ("train", "val") and index % 2 == 0)
    stream = SUBSETS.index(subset.replace("_colour", "_grey"))
    rng = np.random.default_rng([seed, stream, index])
    scene = benchmark_scene(rng, "test") if held_out else randomised_scene(rng)
    hard = beside_lookalike(scene, rng) if not held_out and rng.random() < _HARD_SHARE else None
    scene, target = (scene, None) if hard is None else hard
    pose = random_pose(scene, rng, target)
    grey = _is_grey(subset, index)
    sensor, motion = (SensorModel(), (0.0, 0.0)) if flight else (random_sensor(rng), random_motion(rng))
    if subset.endswith("bullet"):
        frame = _bullet_frame(scene, pose, motion, grey, index, sensor)
    else:
        frame = RayCamera(scene, grey=grey, seed=index, sensor=sensor).render(*pose, blur_px=motion)
    pixels = frame.pixels
    if not flight and rng.random() < 0.4:
        pixels = compress(pixels, int(rng.integers(25, 95)))
    return Sample(pixels, frame.boxes, scene, pose)


def _is_grey(subset: str, index: int) -> bool:
    if subset.endswith(("_grey", "_colour")):
        return subset.endswith("_grey")
    return index % 2 == 0 if subset.endswith("_bullet") else index % 3 != 0


def _bullet_frame(
    scene: Scene, pose: Pose, motion: tuple[float, float], grey: bool, index: int, sensor: SensorModel
) -> Rendered:
    from sim.bullet.camera import BulletCamera

    camera = BulletCamera(scene, grey=grey, seed=index, sensor=sensor, shadows=index % 4 < 2)
    try:
        return camera.render(*pose, blur_px=motion)
    finally:
        camera.close()

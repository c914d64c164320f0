"""Both renderers show the same scene from the same place, and each looks its own way."""

from __future__ import annotations

import math

import numpy as np
import pytest

from reprohrl.contracts.detection import Detection
from sim.render.camera import RayCamera
from sim.tasks import make_scene

pytest.importorskip("pybullet")
from sim.bullet.camera import BulletCamera


def intersection_over_union(a: Detection, b: Detection) -> float:
    width = min(a.cx + a.w / 2, b.cx + b.w / 2) - max(a.cx - a.w / 2, b.cx - b.w / 2)
    height = min(a.cy + a.h / 2, b.cy + b.h / 2) - max(a.cy - a.h / 2, b.cy - b.h / 2)
    shared = max(width, 0.0) * max(height, 0.0)
    return shared / (a.w * a.h + b.w * b.h - shared)


@pytest.mark.parametrize(
    ("task", "seed"), [("MC-4", 1), ("MC-4", 2), ("MC-4", 5), ("MC-4", 7), ("X2R", 0), ("XM", 2)]
)
def test_both_see_the_same_objects_in_the_same_boxes(task: str, seed: int) -> None:
    scene = make_scene(task, seed)
    x, y, z = scene.start.position
    goal = [o for o in scene.objects if o.is_goal][-1].position
    attitude = (0.05, 0.08, math.atan2(goal[1] - y, goal[0] - x) + 0.2)
    ray = RayCamera(scene).render((x, y, z), attitude, time_s=2.3)
    second = BulletCamera(scene)
    bullet = second.render((x, y, z), attitude, time_s=2.3)
    second.close()
    assert bullet.pixels.shape == ray.pixels.shape == (244, 324)
    assert (ray.segmentation != bullet.segmentation).mean() < 0.003
    assert [b.class_id for b in bullet.boxes] == [b.class_id for b in ray.boxes]
    for a, b in zip(ray.boxes, bullet.boxes, strict=True):
        assert intersection_over_union(a, b) > 0.9
    assert np.abs(ray.pixels.astype(int) - bullet.pixels).mean() > 5


def test_the_second_look_repeats_under_a_seed_and_has_colour_when_asked() -> None:
    scene = make_scene("S1", 3)
    frames = []
    for seed in (1, 1, 2):
        camera = BulletCamera(scene, grey=False, seed=seed)
        frames.append(camera.render(scene.start.position, (0.0, 0.0, scene.start.yaw)).pixels)
        camera.close()
    assert frames[0].shape == (244, 324, 3)
    assert np.array_equal(frames[0], frames[1])
    assert not np.array_equal(frames[0], frames[2])

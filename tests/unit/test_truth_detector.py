"""The detectors of rungs R0 and R1."""

from __future__ import annotations

import numpy as np
import pytest

from reprohrl.contracts.detection import Detections
from sim.bullet.drone import SimCamera
from sim.envs.detector_model import R1_ERRORS
from sim.fast.world import FastWorld
from sim.render.camera import RayCamera
from sim.tasks import make_scene
from sim.truth_detector import BoxRenderer, TruthDetector


def watch(seed: int, frames: int = 1, errors: bool = False) -> list[Detections]:
    """Hover at the start of a scene and detect."""
    scene = make_scene("MC-3", seed)
    world = FastWorld(noise=False)
    world.reset(scene, airborne=True)
    camera = SimCamera(world, BoxRenderer(scene))
    detector = TruthDetector(camera, R1_ERRORS, seed=1) if errors else TruthDetector(camera)
    seen = []
    for _ in range(frames):
        frame = camera.read(0.2)
        assert frame is not None
        seen.append(detector.detect(frame))
    return seen


@pytest.mark.parametrize("seed", range(6))
def test_projected_boxes_agree_with_the_rendered_ones_within_four_percent(seed: int) -> None:
    scene = make_scene("MC-3", seed)
    pose = ((*scene.start.position[:2], 0.8), (0.0, 0.0, scene.start.yaw))
    drawn = {d.class_id: d for d in RayCamera(scene).render(*pose).boxes if d.class_id < 6}
    projected = {d.class_id: d for d in BoxRenderer(scene).render(*pose).boxes if d.class_id < 6}
    inside = {k for k, d in drawn.items() if abs(d.cx - 0.5) + d.w / 2 < 0.49}  # cut shapes are no boxes
    large = {k for k in inside if drawn[k].w * drawn[k].h > 0.004}
    assert large <= set(projected)
    for k in large:
        a, b = drawn[k], projected[k]
        np.testing.assert_allclose([a.cx, a.cy, a.w, a.h], [b.cx, b.cy, b.w, b.h], atol=0.04)


def test_r1_misses_about_a_tenth_of_the_boxes_and_repeats_under_its_seed() -> None:
    truth = sum(len(d.items) for s in range(4) for d in watch(s, 60))
    erring = [d for s in range(4) for d in watch(s, 60, errors=True)]
    assert 0.6 * truth < sum(len(d.items) for d in erring) < 0.98 * truth
    assert erring == [d for s in range(4) for d in watch(s, 60, errors=True)]

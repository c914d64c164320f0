"""Truth boxes of the core against those of the segmentations both renderers draw, from the same poses."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from reprohrl.contracts.camera_model import AI_DECK
from reprohrl.contracts.detection import Detection
from sim.attitude import camera_pose
from sim.batched.boxes import BOX_COLUMNS, truth_boxes
from sim.batched.scratch import make_scratch
from sim.dataset.poses import Pose, random_pose
from sim.render.camera import Rendered
from sim.scene import Scene
from sim.tasks import make_scene

POSES_PER_SCENE = 6


class Renderer(Protocol):
    def render(
        self, position: Sequence[float] | NDArray[np.float64], attitude: Sequence[float] | NDArray[np.float64]
    ) -> Rendered: ...


@dataclass
class BoxAgreement:
    """Overlaps of matched boxes, and the boxes only one of both has."""

    overlaps: list[float] = field(default_factory=list)
    hidden: list[bool] = field(default_factory=list)  # partly behind something, one per overlap
    only_rendered: int = 0
    only_core: int = 0

    def compare(self, rendered: tuple[Detection, ...], core: list[Detection]) -> None:
        """Match boxes of equal class, best overlap first come; add the result."""
        free = list(core)
        for box in rendered:
            rated = [(overlap(box, other), other) for other in free if other.class_id == box.class_id]
            best, match = max(rated, key=lambda r: r[0], default=(0.0, None))
            if match is None or best <= 0.0:
                self.only_rendered += 1
                continue
            free.remove(match)
            self.overlaps.append(best)
            self.hidden.append(match.confidence < 1.0)
        self.only_core += len(free)


def overlap(a: Detection, b: Detection) -> float:
    """Intersection over union."""
    width = min(a.cx + a.w / 2, b.cx + b.w / 2) - max(a.cx - a.w / 2, b.cx - b.w / 2)
    height = min(a.cy + a.h / 2, b.cy + b.h / 2) - max(a.cy - a.h / 2, b.cy - b.h / 2)
    if width <= 0 or height <= 0:
        return 0.0
    return width * height / (a.w * a.h + b.w * b.h - width * height)


def core_boxes(scene: Scene, pose: Pose) -> list[Detection]:
    """Return the core's boxes at a pose; the confidence is the visible fraction."""
    objects = scene.geometry()
    eye, rotation = camera_pose(AI_DECK, *pose)
    rows = np.empty((len(objects), BOX_COLUMNS))
    scratch = make_scratch(len(objects))
    truth_boxes(objects, rotation, eye, AI_DECK.tan_half_h, AI_DECK.tan_half_v, scratch, rows)
    return [Detection(int(r[0]), *map(float, r[1:])) for r in rows if r[0] >= 0]


def compare_boxes(seeds: Sequence[int], *, bullet: bool) -> BoxAgreement:
    """Compare from random poses in a C1 or MC-4 room per seed."""
    result = BoxAgreement()
    for seed in seeds:
        scene = make_scene("MC-4" if seed % 2 else "C1", seed)
        rng = np.random.default_rng([11, seed])
        renderer = _renderer(scene, bullet)
        for _ in range(POSES_PER_SCENE):
            pose = random_pose(scene, rng)
            result.compare(renderer.render(*pose).boxes, core_boxes(scene, pose))
        close = getattr(renderer, "close", None)
        if close is not None:
            close()
    return result


def _renderer(scene: Scene, bullet: bool) -> Renderer:
    if bullet:
        from sim.bullet.camera import BulletCamera

        return BulletCamera(scene)
    from sim.render import RayCamera

    return RayCamera(scene)

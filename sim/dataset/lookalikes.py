"""The hard cases: a goal beside a pillar of its own colour, seen from near enough to tell them apart."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np

from reprohrl.contracts.vocabulary import DETECTOR_CLASSES, NUM_GOALS
from sim.dataset.scenes import draw_goal, draw_pillar
from sim.scene import Scene, SceneObject, Shape

_CUBE, _CYLINDER = DETECTOR_CLASSES.index("cube"), DETECTOR_CLASSES.index("cylinder")
_SHADE_SIGMA = 0.02
_CLEAR_M = 0.05


def beside_lookalike(scene: Scene, rng: np.random.Generator) -> tuple[Scene, SceneObject] | None:
    """Return the scene with a pillar like one of its goals beside it, and that goal; None without a place.

    In two of three cases the goal is a cube or a cylinder, what a pillar resembles most; it is put
    where the scene lacks it.
    """
    class_id = int(rng.choice([_CUBE, _CYLINDER])) if rng.random() < 0.67 else int(rng.integers(NUM_GOALS))
    objects, goal = list(scene.objects), scene.goal_object(class_id)
    if goal is None:
        goal = _placed(_like_another(draw_goal(class_id, rng), objects, rng), scene, objects, rng)
        if goal is None:
            return None
        objects.append(goal)
    pillar = draw_pillar(rng)
    if class_id in (_CUBE, _CYLINDER) and rng.random() < 0.8:
        shape = Shape.BOX if class_id == _CUBE else Shape.CYLINDER
        pillar = replace(pillar, shape=shape, half=(pillar.half[0], pillar.half[0], pillar.half[2]))
    pillar = _placed(_same_paint(pillar, goal, rng), scene, objects, rng, near=goal)
    if pillar is None:
        return None
    return replace(scene, objects=(*objects, pillar)), goal


def _like_another(item: SceneObject, objects: list[SceneObject], rng: np.random.Generator) -> SceneObject:
    """Paint `item` like a solid of the room, where there is one."""
    solids = [o for o in objects if not o.is_wall]
    return _same_paint(item, solids[int(rng.integers(len(solids)))], rng) if solids else item


def _same_paint(item: SceneObject, other: SceneObject, rng: np.random.Generator) -> SceneObject:
    shift = float(rng.normal(0.0, _SHADE_SIGMA))
    r, g, b = (min(max(c + shift, 0.02), 0.97) for c in other.color)
    return replace(item, color=(r, g, b), texture=other.texture, texture_scale=other.texture_scale)


def _placed(
    item: SceneObject,
    scene: Scene,
    objects: list[SceneObject],
    rng: np.random.Generator,
    *,
    near: SceneObject | None = None,
) -> SceneObject | None:
    """Return `item` at a free place, within 0.1 to 0.7 m of `near`'s surface where given."""
    r = item.footprint_radius
    half_x, half_y = scene.room.size[0] / 2 - r - _CLEAR_M, scene.room.size[1] / 2 - r - _CLEAR_M
    for _ in range(40):
        if near is None:
            x, y = float(rng.uniform(-half_x, half_x)), float(rng.uniform(-half_y, half_y))
        else:
            away = r + near.footprint_radius + float(rng.uniform(0.1, 0.7))
            angle = float(rng.uniform(-math.pi, math.pi))
            x = near.position[0] + away * math.cos(angle)
            y = near.position[1] + away * math.sin(angle)
        inside = abs(x) <= half_x and abs(y) <= half_y
        if inside and min((o.footprint_gap(x, y) - r for o in objects), default=1.0) >= _CLEAR_M:
            return replace(item, position=(x, y, item.position[2]))
    return None

"""Scenes richer than the benchmark's: more goals, closer together, in any colour."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np

from reprohrl.contracts.vocabulary import NUM_GOALS, OBSTACLE_ID
from sim.scene import GOAL_SHAPES, NUM_TEXTURES, Scene, SceneObject, Shape
from sim.tasks import GOAL_HALF_M, TASKS, VALIDATION_SEEDS, make_scene

_SEEDS = VALIDATION_SEEDS.start
_EXTRA_GAP_M = 0.12


def benchmark_scene(rng: np.random.Generator, split: str) -> Scene:
    """Return a scene of a random task from the given split, as the benchmark draws it."""
    task = TASKS[int(rng.integers(len(TASKS)))]
    return make_scene(task, int(rng.integers(_SEEDS)), "train" if split == "train" else "test")


def randomised_scene(rng: np.random.Generator) -> Scene:
    """Return a train-split scene; four in ten get further goals, pillars, free colours and stronger light."""
    scene = benchmark_scene(rng, "train")
    if rng.random() < 0.6:
        return scene
    objects = list(scene.objects)
    missing = [c for c in range(NUM_GOALS) if scene.goal_object(c) is None]
    rng.shuffle(missing)
    for class_id in missing[: int(rng.integers(0, len(missing) + 1))]:
        _add(objects, draw_goal(int(class_id), rng), scene, rng)
    for _ in range(int(rng.integers(0, 3))):
        _add(objects, draw_pillar(rng), scene, rng)
    objects = [_repaint(o, rng) if not o.is_wall and rng.random() < 0.5 else o for o in objects]
    x, y = (float(side * rng.uniform(-0.45, 0.45)) for side in scene.room.size[:2])
    light = replace(
        scene.light,
        position=(_beside_wall(x) if scene.doorways else x, y, float(rng.uniform(1.6, 2.45))),
        intensity=float(rng.uniform(0.3, 1.6)),
        ambient=float(rng.uniform(0.15, 0.8)),
    )
    return replace(scene, objects=tuple(objects), light=light)


def _beside_wall(x: float) -> float:
    """Keep a lamp out of an inner wall at x = 0."""
    return math.copysign(max(abs(x), 0.3), x)


def draw_goal(class_id: int, rng: np.random.Generator) -> SceneObject:
    scale = float(rng.uniform(0.85, 1.15))
    half = GOAL_HALF_M[class_id]
    return _solid(
        class_id,
        GOAL_SHAPES[class_id],
        (half[0] * scale, half[1] * scale, half[2] * scale),
        float(rng.uniform(0.35, 1.4)),
        rng,
    )


def draw_pillar(rng: np.random.Generator) -> SceneObject:
    height = float(rng.uniform(1.2, 2.45))
    wide, deep = (float(v) for v in rng.uniform(0.07, 0.18, 2))
    shape = Shape.BOX if rng.random() < 0.5 else Shape.CYLINDER
    half = (wide, deep if shape is Shape.BOX else wide, height / 2)
    return _solid(OBSTACLE_ID, shape, half, height / 2, rng)


def _solid(
    class_id: int, shape: Shape, half: tuple[float, float, float], z: float, rng: np.random.Generator
) -> SceneObject:
    blank = SceneObject(
        class_id, shape, (0.0, 0.0, z), half, float(rng.uniform(-math.pi, math.pi)), (1.0, 1.0, 1.0)
    )
    return _repaint(blank, rng)


def _repaint(item: SceneObject, rng: np.random.Generator) -> SceneObject:
    color = rng.uniform(0.04, 0.97, 3) if rng.random() < 0.6 else np.full(3, rng.uniform(0.08, 0.95))
    return replace(
        item,
        color=(float(color[0]), float(color[1]), float(color[2])),
        texture=int(rng.integers(NUM_TEXTURES)),
        texture_scale=float(rng.uniform(0.4, 3.0)),
    )


def _add(objects: list[SceneObject], item: SceneObject, scene: Scene, rng: np.random.Generator) -> None:
    """Append `item` at a free place; silently none when forty draws found no such place."""
    r = item.footprint_radius
    half_x, half_y = scene.room.size[0] / 2 - r - 0.05, scene.room.size[1] / 2 - r - 0.05
    for _ in range(40):
        x, y = float(rng.uniform(-half_x, half_x)), float(rng.uniform(-half_y, half_y))
        gaps = (o.footprint_gap(x, y) - r for o in objects)
        if min(gaps, default=1.0) >= _EXTRA_GAP_M:
            objects.append(replace(item, position=(x, y, item.position[2])))
            return

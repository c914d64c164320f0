"""Scene generators of the benchmark tasks, with train and test seeds that cannot overlap."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from typing import Literal

import numpy as np

from reprohrl.contracts.errors import UserError
from reprohrl.contracts.vocabulary import NUM_GOALS, OBSTACLE_ID, did_you_mean
from sim.scene import (
    GOAL_SHAPES,
    NUM_TEXTURES,
    Light,
    Room,
    Scene,
    SceneObject,
    Shape,
    Start,
    Surface,
)

Split = Literal["train", "test"]
TASKS = ("S1", "C1", "MS-2", "MS-3", "MS-4", "MC-2", "MC-3", "MC-4")
ROOM_SIZE_M = (4.0, 4.0, 2.5)
MIN_GAP_M = 0.5
"""Smallest gap between the surfaces of two solids, and between an obstacle and a wall."""

GOAL_HALF_M: tuple[tuple[float, float, float], ...] = (
    (0.15, 0.15, 0.15),  # sphere
    (0.14, 0.14, 0.14),  # cube
    (0.14, 0.14, 0.20),  # cone
    (0.11, 0.11, 0.20),  # cylinder
    (0.05, 0.19, 0.19),  # torus
    (0.20, 0.20, 0.13),  # pyramid
)
"""Nominal half extents per goal class; scenes scale them by 0.9 to 1.1."""

PALETTE = (
    (0.85, 0.15, 0.12), (0.15, 0.60, 0.20), (0.12, 0.28, 0.85), (0.90, 0.75, 0.12),
    (0.55, 0.20, 0.65), (0.90, 0.45, 0.10), (0.15, 0.65, 0.70), (0.85, 0.85, 0.85), (0.25, 0.25, 0.28),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class TaskSpec:
    """What a task id stands for."""

    goals: int
    obstacles: tuple[int, int]  # fewest and most


def parse_task(task: str) -> TaskSpec:
    """Read a task id. Raises `UserError` with a suggestion for an unknown one."""
    match = re.fullmatch(r"(S1|C1|MS-[2-4]|MC-[2-4])", task.strip().upper())
    if match is None:
        raise UserError(
            f"unknown task {task!r}",
            why=f"the tasks are {', '.join(TASKS)}",
            fix=did_you_mean(task.strip().upper(), TASKS) or "use one of them",
        )
    name = match.group(1)
    complex_room = name.startswith(("C", "MC"))
    goals = int(name[-1])
    return TaskSpec(goals, (4, 6) if complex_room else (0, 0))


def make_scene(task: str, seed: int, split: Split = "test", *, goals: tuple[int, ...] | None = None) -> Scene:
    """Return the scene of `task` for a seed; the same arguments always give the same scene.

    `split` is part of the random stream, so no test scene can be a train scene. `goals` (class ids)
    overrides the drawn goals; the scene then holds these and the mission visits them in this order.
    """
    spec = parse_task(task)
    stream = [TASKS.index(task.strip().upper()), 0 if split == "train" else 1, seed]
    for attempt in range(200):
        rng = np.random.default_rng([*stream, attempt])
        scene = _try_scene(task.strip().upper(), spec, seed, rng, goals)
        if scene is not None:
            return scene
    raise UserError(
        f"no room for {goals} in task {task}", why="200 random layouts failed", fix="ask for fewer goals"
    )


def _try_scene(
    task: str, spec: TaskSpec, seed: int, rng: np.random.Generator, goals: tuple[int, ...] | None
) -> Scene | None:
    """Draw one layout; None when a solid or the start found no free place."""
    chosen = goals if goals is not None else tuple(int(g) for g in rng.permutation(NUM_GOALS)[: spec.goals])
    placed: list[SceneObject] = []
    for class_id in [OBSTACLE_ID] * int(rng.integers(spec.obstacles[0], spec.obstacles[1] + 1)):
        obstacle = _place(_draw_obstacle(rng), placed, MIN_GAP_M, rng)
        if obstacle is None:
            return None
        placed.append(obstacle)
        del class_id
    for class_id in dict.fromkeys(chosen):
        goal = _place(_draw_goal(class_id, rng), placed, 0.25, rng)
        if goal is None:
            return None
        placed.append(goal)
    start = _draw_start(placed, rng)
    if start is None:
        return None
    return Scene(task, seed, _draw_room(rng), tuple(placed), _draw_light(rng), start, chosen)


def _draw_goal(class_id: int, rng: np.random.Generator) -> SceneObject:
    scale = rng.uniform(0.9, 1.1)
    half = tuple(float(h * scale) for h in GOAL_HALF_M[class_id])
    z = float(rng.uniform(0.5, 1.2))
    return _object(class_id, GOAL_SHAPES[class_id], half, z, rng)


def _draw_obstacle(rng: np.random.Generator) -> SceneObject:
    """A pillar in the colours of the goals: they resemble goals but reach from the floor past the drone."""
    height = float(rng.uniform(1.3, 2.4))
    if rng.random() < 0.5:
        half = (float(rng.uniform(0.08, 0.16)), float(rng.uniform(0.08, 0.16)), height / 2)
        return _object(OBSTACLE_ID, Shape.BOX, half, height / 2, rng)
    radius = float(rng.uniform(0.08, 0.15))
    return _object(OBSTACLE_ID, Shape.CYLINDER, (radius, radius, height / 2), height / 2, rng)


def _object(
    class_id: int, shape: Shape, half: tuple[float, ...], z: float, rng: np.random.Generator
) -> SceneObject:
    base = PALETTE[int(rng.integers(len(PALETTE)))]
    color = tuple(float(c) for c in np.clip(np.array(base) + rng.normal(0, 0.06, 3), 0.03, 0.97))
    return SceneObject(
        class_id, shape, (0.0, 0.0, z), (half[0], half[1], half[2]), float(rng.uniform(-math.pi, math.pi)),
        (color[0], color[1], color[2]), int(rng.integers(NUM_TEXTURES)), float(rng.uniform(0.7, 2.5)),
    )  # fmt: skip


def _place(
    item: SceneObject, placed: list[SceneObject], wall_gap_m: float, rng: np.random.Generator
) -> SceneObject | None:
    """Move `item` to a random free place at least MIN_GAP_M from others and `wall_gap_m` from walls."""
    r = item.footprint_radius
    for _ in range(60):
        x = float(rng.uniform(-1, 1) * (ROOM_SIZE_M[0] / 2 - wall_gap_m - r))
        y = float(rng.uniform(-1, 1) * (ROOM_SIZE_M[1] / 2 - wall_gap_m - r))
        if all(
            math.hypot(x - o.position[0], y - o.position[1]) - r - o.footprint_radius >= MIN_GAP_M
            for o in placed
        ):
            return SceneObject(
                item.class_id, item.shape, (x, y, item.position[2]), item.half, item.yaw, item.color,
                item.texture, item.texture_scale,
            )  # fmt: skip
    return None


def _draw_start(placed: list[SceneObject], rng: np.random.Generator) -> Start | None:
    """A hover point with 0.4 m of free air to solids and 0.5 m to walls, no nearer than 0.8 m to a goal."""
    for _ in range(200):
        x = float(rng.uniform(-1, 1) * (ROOM_SIZE_M[0] / 2 - 0.5))
        y = float(rng.uniform(-1, 1) * (ROOM_SIZE_M[1] / 2 - 0.5))
        gaps = [
            math.hypot(x - o.position[0], y - o.position[1])
            - o.footprint_radius
            - (0.4 if o.is_obstacle else 0.8)
            for o in placed
        ]
        if all(gap >= 0 for gap in gaps):
            return Start((x, y, 0.8), float(rng.uniform(-math.pi, math.pi)))
    return None


def _draw_room(rng: np.random.Generator) -> Room:
    wall = rng.uniform(0.45, 0.9)

    def surface(level: float) -> Surface:
        tint = np.clip(level + rng.normal(0, 0.05, 3), 0.1, 0.97)
        return Surface(
            (float(tint[0]), float(tint[1]), float(tint[2])),
            int(rng.integers(NUM_TEXTURES)),
            float(rng.uniform(0.4, 1.5)),
        )

    walls = [surface(wall) for _ in range(4)]
    return Room(
        ROOM_SIZE_M,
        (
            walls[0],
            walls[1],
            walls[2],
            walls[3],
            surface(rng.uniform(0.7, 0.95)),
            surface(rng.uniform(0.25, 0.7)),
        ),
    )


def _draw_light(rng: np.random.Generator) -> Light:
    x, y = rng.uniform(-1.2, 1.2, 2)
    return Light(
        (float(x), float(y), float(rng.uniform(2.0, 2.4))),
        intensity=float(rng.uniform(0.6, 1.3)),
        ambient=float(rng.uniform(0.25, 0.55)),
    )

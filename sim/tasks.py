"""Scene generators of the benchmark tasks, with train and test seeds that cannot overlap."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np

from reprohrl.contracts.errors import UserError
from reprohrl.contracts.vocabulary import NUM_GOALS, OBSTACLE_ID, did_you_mean
from sim.looks import draw_light, draw_room, paint
from sim.scene import GOAL_SHAPES, Scene, SceneObject, Shape, Start

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
    for _ in range(int(rng.integers(spec.obstacles[0], spec.obstacles[1] + 1))):
        obstacle = _place(_draw_obstacle(rng), placed, MIN_GAP_M, rng)
        if obstacle is None:
            return None
        placed.append(obstacle)
    for class_id in dict.fromkeys(chosen):
        goal = _place(_draw_goal(class_id, rng), placed, 0.25, rng)
        if goal is None:
            return None
        placed.append(goal)
    start = _draw_start(placed, rng)
    if start is None:
        return None
    room = draw_room(ROOM_SIZE_M, rng)
    objects = tuple(paint(item, room, rng) for item in placed)
    return Scene(task, seed, room, objects, draw_light(rng), start, chosen)


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
    yaw = float(rng.uniform(-math.pi, math.pi))
    return SceneObject(class_id, shape, (0.0, 0.0, z), (half[0], half[1], half[2]), yaw, (0.5, 0.5, 0.5))


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
            return replace(item, position=(x, y, item.position[2]))
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

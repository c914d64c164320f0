"""Floor plans: one room, one room with a walker, two rooms with a doorway."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from sim.movers import mover_position
from sim.scene import Doorway, Mover, SceneObject, Start
from sim.tasks.cells import TaskSpec
from sim.tasks.layout import GOAL_WALL_GAP_M, MIN_GAP_M, Layout, Rect
from sim.tasks.solids import (
    WALKER_RADIUS_M,
    WALL_HALF_M,
    between,
    draw_goal,
    draw_obstacle,
    walker,
    wall_with_doorway,
)

ROOM_SIZE_M = (4.0, 4.0, 2.5)
TWO_ROOMS_SIZE_M = (8.0, 4.0, 2.5)
DOOR_WIDTH_M, DOOR_HEIGHT_M, DOOR_CORNER_M = (0.9, 1.1), 2.0, 0.5
LANE_M, LANE_LENGTH_M = 0.6, 1.0
"""Width of the free lane through the doorway, and how far it goes on into each room."""

INNER_WALL_GAP_M = 0.45
"""From a goal to the inner wall: with the wall's 0.1 m, no goal is in reach from the other room."""

WALK_MPS, WALK_LENGTH_M, WALK_GAP_M = 0.5, 1.2, 0.45
WALK_START_M, WALK_OFF_START_M = 1.0, 0.6
"""From the walker's side: to the drone's start when time begins, and at any time."""

_HALF_X, _HALF_Y = ROOM_SIZE_M[0] / 2, ROOM_SIZE_M[1] / 2
_ROOM: Rect = (0.0, 0.0, _HALF_X, _HALF_Y)


@dataclass(frozen=True, slots=True)
class Plan:
    """An unpainted scene: solids, start, what moves, and doorways."""

    size: tuple[float, float, float]
    objects: tuple[SceneObject, ...]
    start: Start
    movers: tuple[Mover, ...] = ()
    doorways: tuple[Doorway, ...] = ()


def one_room(spec: TaskSpec, there: tuple[int, ...], rng: np.random.Generator) -> Plan | None:
    """Draw a room with goal objects of the classes `there`; None when something found no free place."""
    layout = Layout()
    if not _place_all(layout, spec.obstacles, there, rng):
        return None
    start = layout.draw_start(_ROOM, rng)
    return None if start is None else Plan(ROOM_SIZE_M, tuple(layout.items), start)


def room_with_walker(spec: TaskSpec, there: tuple[int, ...], rng: np.random.Generator) -> Plan | None:
    """Draw a walk first, then a room around it; the walker is the last object."""
    layout = Layout()
    walk = _draw_walk(len(there), rng)
    layout.lanes.append((*walk.a, *walk.b, WALK_GAP_M))
    if not _place_all(layout, spec.obstacles, there, rng):
        return None
    walk = Mover(len(layout.items), walk.a, walk.b, walk.speed_mps, walk.phase)
    row = np.array([0.0, *walk.a, *walk.b, walk.speed_mps, walk.phase])
    x, y = mover_position(row, 0.0)
    near, always = WALKER_RADIUS_M + WALK_START_M, WALKER_RADIUS_M + WALK_OFF_START_M
    start = layout.draw_start(_ROOM, rng, ((x, y, x, y, near), (*walk.a, *walk.b, always)))
    if start is None:
        return None
    return Plan(ROOM_SIZE_M, (*layout.items, walker(x, y)), start, (walk,))


def _place_all(
    layout: Layout, obstacles: tuple[int, int], there: tuple[int, ...], rng: np.random.Generator
) -> bool:
    for _ in range(int(rng.integers(obstacles[0], obstacles[1] + 1))):
        if not layout.place(draw_obstacle(rng), _ROOM, MIN_GAP_M, rng):
            return False
    return all(layout.place(draw_goal(c, rng), _ROOM, GOAL_WALL_GAP_M, rng) for c in there)


def _draw_walk(index: int, rng: np.random.Generator) -> Mover:
    """Return a walk of at least WALK_LENGTH_M that keeps WALK_GAP_M from the walls."""
    reach_x, reach_y = _HALF_X - WALK_GAP_M, _HALF_Y - WALK_GAP_M
    while True:
        ax, bx = (between(rng, -reach_x, reach_x) for _ in range(2))
        ay, by = (between(rng, -reach_y, reach_y) for _ in range(2))
        if math.hypot(bx - ax, by - ay) >= WALK_LENGTH_M:
            return Mover(index, (ax, ay), (bx, by), WALK_MPS, float(rng.random()))


def two_rooms(spec: TaskSpec, there: tuple[int, ...], rng: np.random.Generator) -> Plan | None:
    """Draw two rooms side by side along x, goals in both; the parts of the wall are the last objects."""
    half_y, height = TWO_ROOMS_SIZE_M[1] / 2, TWO_ROOMS_SIZE_M[2]
    width = between(rng, *DOOR_WIDTH_M)
    reach = half_y - DOOR_CORNER_M - width / 2
    door = Doorway((0.0, between(rng, -reach, reach)), width, DOOR_HEIGHT_M, 0.0)
    layout = Layout()
    lane = WALL_HALF_M + LANE_LENGTH_M
    layout.lanes.append((-lane, door.position[1], lane, door.position[1], LANE_M / 2))
    for side in (-1, 1):
        for _ in range(int(rng.integers(spec.obstacles[0], spec.obstacles[1] + 1))):
            if not layout.place(draw_obstacle(rng), _side_room(side), MIN_GAP_M, rng):
                return None
    for class_id, side in zip(there, _sides(len(there), rng), strict=True):
        shift = (INNER_WALL_GAP_M - GOAL_WALL_GAP_M) / 2
        x, y, half_x, _ = _side_room(side)
        floor = (x + side * shift, y, half_x - shift, half_y)
        if not layout.place(draw_goal(class_id, rng), floor, GOAL_WALL_GAP_M, rng):
            return None
    start = layout.draw_start(_side_room(1 if rng.random() < 0.5 else -1), rng)
    if start is None:
        return None
    objects = (*layout.items, *wall_with_doorway(door, half_y, height))
    return Plan(TWO_ROOMS_SIZE_M, objects, start, (), (door,))


def _side_room(side: int) -> Rect:
    """Return the floor of the room at -x or +x."""
    half_x = TWO_ROOMS_SIZE_M[0] / 4 - WALL_HALF_M / 2
    return side * (half_x + WALL_HALF_M), 0.0, half_x, TWO_ROOMS_SIZE_M[1] / 2


def _sides(count: int, rng: np.random.Generator) -> tuple[int, ...]:
    """Draw a room for each goal, never the same for all; a single goal may be in either."""
    while True:
        sides = tuple(1 if rng.random() < 0.5 else -1 for _ in range(count))
        if count < 2 or len(set(sides)) == 2:
            return sides

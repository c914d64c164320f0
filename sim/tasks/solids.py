"""The solids of the benchmark: goals, pillars, a person-sized walker, an inner wall. Still without paint."""

from __future__ import annotations

import math

import numpy as np

from reprohrl.contracts.vocabulary import OBSTACLE_ID, WALL_ID
from sim.scene import GOAL_SHAPES, Doorway, SceneObject, Shape

GOAL_HALF_M: tuple[tuple[float, float, float], ...] = (
    (0.15, 0.15, 0.15),  # sphere
    (0.14, 0.14, 0.14),  # cube
    (0.14, 0.14, 0.20),  # cone
    (0.11, 0.11, 0.20),  # cylinder
    (0.05, 0.19, 0.19),  # torus
    (0.20, 0.20, 0.13),  # pyramid
)
"""Nominal half extents per goal class; scenes scale them by 0.9 to 1.1."""

WALKER_RADIUS_M, WALKER_HEIGHT_M = 0.22, 1.7
WALL_HALF_M = 0.05
_UNPAINTED = (0.5, 0.5, 0.5)


def between(rng: np.random.Generator, low: float, high: float) -> float:
    """Return what `rng.uniform(low, high)` returns, ten times faster for a single number."""
    return low + (high - low) * float(rng.random())


def draw_goal(class_id: int, rng: np.random.Generator) -> SceneObject:
    scale = between(rng, 0.9, 1.1)
    x, y, z = GOAL_HALF_M[class_id]
    height = between(rng, 0.5, 1.2)
    return _upright(class_id, GOAL_SHAPES[class_id], (x * scale, y * scale, z * scale), height, rng)


def draw_obstacle(rng: np.random.Generator) -> SceneObject:
    """A pillar in the colours of the goals: they resemble goals but reach from the floor past the drone."""
    height = between(rng, 1.3, 2.4)
    if rng.random() < 0.5:
        half = (between(rng, 0.08, 0.16), between(rng, 0.08, 0.16), height / 2)
        return _upright(OBSTACLE_ID, Shape.BOX, half, height / 2, rng)
    radius = between(rng, 0.08, 0.15)
    return _upright(OBSTACLE_ID, Shape.CYLINDER, (radius, radius, height / 2), height / 2, rng)


def _upright(
    class_id: int, shape: Shape, half: tuple[float, float, float], z: float, rng: np.random.Generator
) -> SceneObject:
    return SceneObject(class_id, shape, (0.0, 0.0, z), half, between(rng, -math.pi, math.pi), _UNPAINTED)


def walker(x: float, y: float) -> SceneObject:
    """An obstacle of a person's size."""
    z = WALKER_HEIGHT_M / 2
    half = (WALKER_RADIUS_M, WALKER_RADIUS_M, z)
    return SceneObject(OBSTACLE_ID, Shape.CYLINDER, (x, y, z), half, 0.0, _UNPAINTED)


def wall_with_doorway(door: Doorway, half_y: float, height: float) -> tuple[SceneObject, ...]:
    """An inner wall along y at the door's x: to either side of the doorway, and the lintel above it.

    half_y, height  of the room [m]
    """
    x, y = door.position
    low, high = y - door.width_m / 2, y + door.width_m / 2
    lintel = height - door.height_m
    parts = (
        ((-half_y + low) / 2, (low + half_y) / 2, height / 2, height / 2),
        ((high + half_y) / 2, (half_y - high) / 2, height / 2, height / 2),
        (y, door.width_m / 2, door.height_m + lintel / 2, lintel / 2),
    )
    return tuple(
        SceneObject(WALL_ID, Shape.BOX, (x, cy, cz), (WALL_HALF_M, hy, hz), 0.0, _UNPAINTED)
        for cy, hy, cz, hz in parts
    )

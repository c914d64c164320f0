"""The floor map: where the range sensors looked through, and what of it the camera has looked at."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from reprohrl.contracts.state import MAX_RANGE_M
from reprohrl.perception.compiled import kernel
from reprohrl.perception.memory import CELL_M, CELLS, Memory
from reprohrl.perception.obstacles import sensor_bearing

Array = NDArray[np.float64]

CONE_RAD = math.radians(8.0)
"""A range sensor answers with the nearest thing in its cone: all of the cone up to there is free."""

SOLID_WITHIN_M = 1.2
"""A hit nearer than this takes its cell back from the free floor; farther ones are too uncertain."""

SIGHT_M = 3.2
"""The detector is trusted to find a goal up to this distance."""

NEAR_SIGHT_M = 1.6
"""Floor looked at from nearer than this needs no second look."""

VIEW_RAYS = 11
VIEW_MARGIN = 0.9
"""Share of the view's width that counts: an object at its very border is cut."""

_STEP_M = 0.5 * CELL_M


@kernel
def cell_of(m: Memory, i: int, x: float, y: float) -> tuple[int, int]:
    """Return the cell (column, row) of an odom point, (-1, -1) off the map."""
    a = math.floor((x - m.origin[i, 0]) / CELL_M) + CELLS // 2
    b = math.floor((y - m.origin[i, 1]) / CELL_M) + CELLS // 2
    if a < 1 or b < 1 or a >= CELLS - 1 or b >= CELLS - 1:
        return -1, -1
    return a, b


@kernel
def centre_of(m: Memory, i: int, a: int, b: int) -> tuple[float, float]:
    """Return the odom point at the middle of a cell."""
    half = CELLS // 2
    return m.origin[i, 0] + (a - half + 0.5) * CELL_M, m.origin[i, 1] + (b - half + 0.5) * CELL_M


@kernel
def sweep_ranges(m: Memory, i: int, pose: Array, ranges: Array) -> None:
    """Mark the floor that the four horizontal range sensors (5,) [m] looked through."""
    for da in (-0.5, 0.5):
        for db in (-0.5, 0.5):
            a, b = cell_of(m, i, pose[0] + da * CELL_M, pose[1] + db * CELL_M)
            if a >= 0:
                _open(m, i, a, b)
    for sensor in range(4):
        heading = pose[5] + sensor_bearing(sensor)
        reach = min(ranges[sensor], MAX_RANGE_M)
        if ranges[sensor] < SOLID_WITHIN_M:
            x = pose[0] + (reach + 0.3 * CELL_M) * math.cos(heading)
            y = pose[1] + (reach + 0.3 * CELL_M) * math.sin(heading)
            a, b = cell_of(m, i, x, y)
            if a >= 0:
                m.free[i, a, b] = 0
        for side in (-CONE_RAD, 0.0, CONE_RAD):
            c, s = math.cos(heading + side), math.sin(heading + side)
            t = CELL_M
            while t < reach - _STEP_M:
                a, b = cell_of(m, i, pose[0] + t * c, pose[1] + t * s)
                if a < 0:
                    break
                _open(m, i, a, b)
                t += _STEP_M


@kernel
def _open(m: Memory, i: int, a: int, b: int) -> None:
    m.free[i, a, b] = 1
    extent = m.extent[i]
    extent[0], extent[1] = min(extent[0], a), max(extent[1], a)
    extent[2], extent[3] = min(extent[2], b), max(extent[3], b)


@kernel
def sweep_view(m: Memory, i: int, pose: Array, lens: Array) -> int:
    """Mark the free floor in the camera's view as looked at; return how many cells were new."""
    half = math.atan(lens[0]) * VIEW_MARGIN
    new = 0
    for ray in range(VIEW_RAYS):
        heading = pose[5] + half * (2.0 * ray / (VIEW_RAYS - 1) - 1.0)
        c, s = math.cos(heading), math.sin(heading)
        t, blind = 0.0, 0
        while t < SIGHT_M and blind < 3:
            a, b = cell_of(m, i, pose[0] + t * c, pose[1] + t * s)
            if a < 0:
                break
            if m.free[i, a, b] == 0:
                blind += 1
            else:
                blind = 0
                level = 2 if t < NEAR_SIGHT_M else 1
                if m.seen[i, a, b] < level:
                    new += m.seen[i, a, b] == 0
                    m.seen[i, a, b] = level
            t += _STEP_M
    return new

"""Ways through a known scene: clearance and travel cost on a grid, compiled.

A grid covers the room; cell (i, j) is centred at (-half_x + (i + 0.5) cell, -half_y + (j + 0.5) cell).
"""

from __future__ import annotations

import math

import numpy as np
from numba import njit
from numpy.typing import NDArray

from sim.geometry import signed_distance

Array = NDArray[np.float64]

CELL_M = 0.06
LOW_M, HIGH_M = 0.4, 1.45
"""Solids wholly below or above this band are not in the way of a drone that stays inside it."""

HARD_M = 0.13
"""No way leads nearer than this to a solid: drone radius and 6 cm."""

SOFT_M = 0.40
"""Nearer than this, a metre of way costs up to `1 + NEAR_COST` metres."""

NEAR_COST = 6.0
BLOCKED = 1e9


@njit(cache=True)
def clearance_at(solids: Array, skip: int, half_x: float, half_y: float, x: float, y: float) -> float:
    """Distance [m] from the column at (x, y) to walls and to all solids but number `skip`."""
    best = min(half_x - abs(x), half_y - abs(y))
    for k in range(solids.shape[0]):
        o = solids[k]
        bottom, top = o[2] - o[5], o[2] + o[5]
        if k == skip or bottom > HIGH_M or top < LOW_M:
            continue
        reach = math.sqrt((x - o[0]) ** 2 + (y - o[1]) ** 2) - math.sqrt(o[3] * o[3] + o[4] * o[4])
        if reach > best:
            continue
        for z in (bottom, o[2], top):
            best = min(best, signed_distance(o, x, y, min(max(z, LOW_M), HIGH_M)))
    return best


@njit(cache=True)
def fill_clearance(solids: Array, skip: int, half_x: float, half_y: float, out: Array) -> None:
    """Write `clearance_at` of every cell into `out` (I, J)."""
    for i in range(out.shape[0]):
        for j in range(out.shape[1]):
            x, y = -half_x + (i + 0.5) * CELL_M, -half_y + (j + 0.5) * CELL_M
            out[i, j] = clearance_at(solids, skip, half_x, half_y, x, y)


@njit(cache=True)
def line_clearance(
    grid: Array, half_x: float, half_y: float, x: float, y: float, u: float, v: float
) -> float:
    """Smallest clearance along the line from (x, y) to (u, v)."""
    steps = int(math.sqrt((u - x) ** 2 + (v - y) ** 2) / (0.5 * CELL_M)) + 1
    best = BLOCKED
    for s in range(steps + 1):
        i, j = cell_of(grid, half_x, half_y, x + (u - x) * s / steps, y + (v - y) * s / steps)
        best = min(best, grid[i, j])
    return best


@njit(cache=True)
def cell_of(grid: Array, half_x: float, half_y: float, x: float, y: float) -> tuple[int, int]:
    i = min(max(int((x + half_x) / CELL_M), 0), grid.shape[0] - 1)
    j = min(max(int((y + half_y) / CELL_M), 0), grid.shape[1] - 1)
    return i, j


@njit(cache=True)
def fill_cost(clearance: Array, cost: Array) -> None:
    """Sweep travel costs over the grid: `cost` (I, J) holds 0 at the targets and BLOCKED elsewhere.

    Fast sweeping of the eikonal equation (Zhao 2005), slower near solids.
    """
    rows, columns = cost.shape
    for _ in range(24):
        change = 0.0
        for sweep in range(4):
            for a in range(rows):
                i = a if sweep % 2 == 0 else rows - 1 - a
                for b in range(columns):
                    j = b if sweep < 2 else columns - 1 - b
                    if clearance[i, j] < HARD_M:
                        continue
                    across, along = BLOCKED, BLOCKED
                    if i > 0:
                        across = cost[i - 1, j]
                    if i < rows - 1:
                        across = min(across, cost[i + 1, j])
                    if j > 0:
                        along = cost[i, j - 1]
                    if j < columns - 1:
                        along = min(along, cost[i, j + 1])
                    low, high = min(across, along), max(across, along)
                    if low >= BLOCKED:
                        continue
                    near = max(0.0, 1.0 - clearance[i, j] / SOFT_M)
                    step = CELL_M * (1.0 + NEAR_COST * near * near)
                    new = low + step
                    if high - low < step:
                        new = 0.5 * (low + high + math.sqrt(2 * step * step - (high - low) ** 2))
                    if new < cost[i, j] - 1e-9:
                        change = max(change, min(cost[i, j], 1e3) - new)
                        cost[i, j] = new
        if change < 1e-4:
            return


@njit(cache=True)
def next_point(
    clearance: Array, cost: Array, half_x: float, half_y: float, x: float, y: float, look_m: float, out: Array
) -> None:
    """Write into `out` (3,) the farthest point (x, y) down the cost that is seen clear, and the cost here.

    Off the map of ways (nearer to a solid than HARD_M) it is the freest neighbouring point.
    """
    i, j = cell_of(cost, half_x, half_y, x, y)
    out[2] = cost[i, j]
    if cost[i, j] >= BLOCKED:
        i, j = _freest(clearance, i, j)
        out[0], out[1] = -half_x + (i + 0.5) * CELL_M, -half_y + (j + 0.5) * CELL_M
        return
    out[0], out[1] = x, y
    room = min(clearance[i, j], 0.24)
    for _ in range(int(look_m / CELL_M)):
        bi, bj = i, j
        for di in range(-1, 2):
            for dj in range(-1, 2):
                p, q = i + di, j + dj
                if 0 <= p < cost.shape[0] and 0 <= q < cost.shape[1] and cost[p, q] < cost[bi, bj]:
                    bi, bj = p, q
        if bi == i and bj == j:
            break
        i, j = bi, bj
        u, v = -half_x + (i + 0.5) * CELL_M, -half_y + (j + 0.5) * CELL_M
        room = min(room, clearance[i, j])
        if line_clearance(clearance, half_x, half_y, x, y, u, v) < room - 0.02:
            break
        out[0], out[1] = u, v


@njit(cache=True)
def _freest(clearance: Array, i: int, j: int) -> tuple[int, int]:
    bi, bj = i, j
    for di in range(-3, 4):
        for dj in range(-3, 4):
            p, q = i + di, j + dj
            inside = 0 <= p < clearance.shape[0] and 0 <= q < clearance.shape[1]
            if inside and clearance[p, q] > clearance[bi, bj]:
                bi, bj = p, q
    return bi, bj

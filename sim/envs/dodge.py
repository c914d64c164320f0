"""Velocities that keep clear of solids that walk: predicted flights against predicted walks, compiled."""

from __future__ import annotations

import math

import numpy as np
from numba import njit
from numpy.typing import NDArray

from reprohrl.contracts.command import MAX_VX_MPS, MAX_VY_MPS
from sim.envs.distance_field import HARD_M, cell_of
from sim.movers import mover_position

Array = NDArray[np.float64]

LOOK_S, STEP_S = 3.0, 0.1
LAG_S = 0.35
"""Time constant of the drone's velocity after a command."""

TIGHT_M, FREE_M = 0.30, 0.65
"""Gaps from the drone's centre to a walker: dearly paid below the one, a little below the other."""


@njit(cache=True)
def dodge(
    wanted: Array, position: Array, velocity: Array, yaw: float, clearance: Array, room: Array,
    movers: Array, radii: Array, time_s: float, out: Array,
) -> None:  # fmt: skip
    """Write into `out` (2,) the velocity nearest to `wanted` (2,) whose flight keeps clear. World frame.

    velocity (2,) now; clearance (I, J) to solids that stand; movers (Q, 7) and their radii (Q,) [m].
    """
    best = math.inf
    c, s = math.cos(yaw), math.sin(yaw)
    for k in range(58):
        if k == 0:
            vx, vy = wanted[0], wanted[1]
        elif k == 1:
            vx, vy = 0.0, 0.0
        else:
            speed, heading = (0.2, 0.35, 0.5, 0.28)[k % 4], (k // 4) * 2 * math.pi / 14
            vx, vy = speed * math.cos(heading), speed * math.sin(heading)
        if abs(c * vx + s * vy) > MAX_VX_MPS + 0.01 or abs(-s * vx + c * vy) > MAX_VY_MPS + 0.01:
            continue
        price = (vx - wanted[0]) ** 2 + (vy - wanted[1]) ** 2
        price += _risk(vx, vy, position, velocity, clearance, room, movers, radii, time_s)
        if price < best:
            best, out[0], out[1] = price, vx, vy


@njit(cache=True)
def _risk(
    vx: float, vy: float, position: Array, velocity: Array, clearance: Array, room: Array,
    movers: Array, radii: Array, time_s: float,
) -> float:  # fmt: skip
    """What a command costs in nearness to solids over the next `LOOK_S`."""
    x, y, ux, uy = position[0], position[1], velocity[0], velocity[1]
    gap, margin = FREE_M, HARD_M
    for step in range(int(LOOK_S / STEP_S)):
        ux += (vx - ux) * STEP_S / LAG_S
        uy += (vy - uy) * STEP_S / LAG_S
        x, y = x + ux * STEP_S, y + uy * STEP_S
        now = time_s + (step + 1) * STEP_S
        for q in range(movers.shape[0]):
            mx, my = mover_position(movers[q], now)
            fade = 0.06 * step * STEP_S  # later is less certain: the flight will be changed by then
            gap = min(gap, math.sqrt((x - mx) ** 2 + (y - my) ** 2) - radii[q] + fade)
        if step < 15:
            i, j = cell_of(clearance, room[0], room[1], x, y)
            margin = min(margin, clearance[i, j])
    return 60.0 * max(TIGHT_M - gap, 0.0) + 0.6 * (FREE_M - gap) + 80.0 * (HARD_M - margin)

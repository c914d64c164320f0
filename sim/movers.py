"""Solids that walk to and fro: where they are is a function of time alone, in Python and in kernels."""

from __future__ import annotations

import math

import numpy as np
from numba import njit
from numpy.typing import NDArray


@njit(cache=True)
def mover_position(row: NDArray[np.float64], time_s: float) -> tuple[float, float]:
    """Return (x, y) [m] of a mover `row` (7,), columns `sim.scene.MOVER_COLUMNS`, at `time_s`."""
    dx, dy = row[3] - row[1], row[4] - row[2]
    length = math.sqrt(dx * dx + dy * dy)
    if length <= 0.0:
        return row[1], row[2]
    trips = row[6] + row[5] * time_s / (2.0 * length)  # round trips done
    part = 2.0 * (trips - math.floor(trips))
    if part > 1.0:
        part = 2.0 - part
    return row[1] + part * dx, row[2] + part * dy


@njit(cache=True)
def move(objects: NDArray[np.float64], movers: NDArray[np.float64], time_s: float) -> None:
    """Put the moving ones of `objects` (M, 10) where `movers` (J, 7) have them at `time_s`, in place."""
    for j in range(movers.shape[0]):
        k = int(movers[j, 0])
        objects[k, 0], objects[k, 1] = mover_position(movers[j], time_s)

"""The multi-ranger deck: five VL53L1x time-of-flight sensors with a 27 deg field of view (data sheet)."""

from __future__ import annotations

import math

import numpy as np
from numba import njit
from numpy.typing import NDArray

from reprohrl.contracts.state import MAX_RANGE_M
from sim.geometry import ray_scene

_OFF = math.tan(math.radians(12.0))
"""Side rays 12 deg off the axis: what fills the edge of the cone returns too little light."""


@njit(cache=True)
def multi_ranger(
    objects: NDArray[np.float64],
    half_room: NDArray[np.float64],
    x: float,
    y: float,
    z: float,
    rot: NDArray[np.float64],
    out: NDArray[np.float64],
) -> None:
    """Write front, back, left, right, up [m] into `out` (5,): the nearest of five rays of each cone.

    rot (3, 3) body to world.
    """
    for sensor in range(5):
        axis = 0 if sensor < 2 else (1 if sensor < 4 else 2)
        sign = -1.0 if sensor in (1, 3) else 1.0
        best = MAX_RANGE_M
        for ray in range(5):
            b0, b1, b2 = 0.0, 0.0, 0.0
            p = (_OFF if ray == 1 else -_OFF) if ray in (1, 2) else 0.0
            q = (_OFF if ray == 3 else -_OFF) if ray in (3, 4) else 0.0
            if axis == 0:
                b0, b1, b2 = sign, p, q
            elif axis == 1:
                b0, b1, b2 = p, sign, q
            else:
                b0, b1, b2 = p, q, sign
            dx = rot[0, 0] * b0 + rot[0, 1] * b1 + rot[0, 2] * b2
            dy = rot[1, 0] * b0 + rot[1, 1] * b1 + rot[1, 2] * b2
            dz = rot[2, 0] * b0 + rot[2, 1] * b1 + rot[2, 2] * b2
            best = min(best, ray_scene(objects, half_room, x, y, z, dx, dy, dz, MAX_RANGE_M))
        out[sensor] = best

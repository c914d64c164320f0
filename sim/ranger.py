"""The multi-ranger deck: five VL53L1x time-of-flight sensors with a 27 deg field of view (data sheet)."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from reprohrl.contracts.state import MAX_RANGE_M
from sim.bundles import BUNDLE_ROWS, LANES, Bundle, cast_bundle
from sim.dynamics.compiled import entry
from sim.geometry import reach_radius

Array = NDArray[np.float64]

_OFF = math.tan(math.radians(12.0))
"""Side rays 12 deg off the axis: what fills the edge of the cone returns too little light."""

_LONGEST = math.sqrt(1.0 + _OFF * _OFF)
"""Length of a side ray's direction; the middle ray's is 1."""


@entry
def multi_ranger(
    objects: Array,
    half_room: Array,
    x: float,
    y: float,
    z: float,
    rot: Array,
    out: Array,
) -> None:
    """Write front, back, left, right, up [m] into `out` (5,): the nearest of five rays of each cone.

    rot (3, 3) body to world.
    """
    range_cones(objects, half_room, x, y, z, rot, np.empty((BUNDLE_ROWS + 1, LANES), np.float32), out)


@entry
def range_cones(
    objects: Array, half_room: Array, x: float, y: float, z: float, rot: Array, bundle: Bundle, out: Array
) -> None:
    """The same without an allocation: `bundle` (BUNDLE_ROWS + 1 or more, LANES) is scratch."""
    rays, t = bundle[:BUNDLE_ROWS], bundle[BUNDLE_ROWS]
    for sensor in range(5):
        main = 0 if sensor < 2 else (1 if sensor < 4 else 2)
        p, q = (1 if main == 0 else 0), (1 if main == 2 else 2)
        sign = -1.0 if sensor in (1, 3) else 1.0
        ax, ay, az = sign * rot[0, main], sign * rot[1, main], sign * rot[2, main]
        best = _room_range(half_room, x, y, z, ax, ay, az, rot, p, q)
        level2 = ax * ax + ay * ay
        level = math.sqrt(level2)
        upright = level2 < 0.5
        # a side ray leaves the axis, seen from above, by no more than asin(_OFF / level)
        sine = 1.0 if upright else _OFF / level
        cosine = math.sqrt(1.0 - sine * sine)
        slope = (level + _OFF) / max(abs(az) - _OFF, 0.1)
        cast = False
        for k in range(objects.shape[0]):
            o = objects[k]
            lx, ly = o[0] - x, o[1] - y
            r = reach_radius(o)
            far = r + _LONGEST * best
            flat2 = lx * lx + ly * ly
            if flat2 > far * far:
                continue
            if upright:
                top = o[5] + (o[2] - z if az > 0.0 else z - o[2])
                spread = r + top * slope
                if top < 0.0 or flat2 > spread * spread:
                    continue
            else:
                # the upright cylinder around the object against the wedge the cone is from above
                along, across = lx * ax + ly * ay, abs(lx * ay - ly * ax)
                if along < -r * level or across * cosine - along * sine > r * level:
                    continue
            if not cast:
                cast = True
                _aim(rot, main, p, q, sign, rays)
                t[:] = best
            cast_bundle(o, x, y, z, rays, t)
            best = min(best, min(min(t[0], min(t[1], t[2])), min(t[3], t[4])))
        out[sensor] = best


@entry
def _aim(rot: Array, main: int, p: int, q: int, sign: float, rays: Bundle) -> None:
    """Point the rays along the axis, 12 deg to either side, up and down; the last three repeat the axis."""
    for axis in range(3):
        middle, right, up = sign * rot[axis, main], _OFF * rot[axis, p], _OFF * rot[axis, q]
        ray = rays[axis]
        ray[0], ray[1], ray[2], ray[3] = middle, middle + right, middle - right, middle + up
        ray[4], ray[5], ray[6], ray[7] = middle - up, middle, middle, middle


@entry
def _room_range(
    half_room: Array, x: float, y: float, z: float, ax: float, ay: float, az: float,
    rot: Array, p: int, q: int,
) -> float:  # fmt: skip
    """Distance along the first of the five rays to meet a wall, floor or ceiling, at most MAX_RANGE_M.

    Among rays from one point the largest of the inverse distances wins: six divisions serve all of them.
    """
    east, west = 1.0 / max(half_room[0] - x, 1e-6), 1.0 / max(half_room[0] + x, 1e-6)
    north, south = 1.0 / max(half_room[1] - y, 1e-6), 1.0 / max(half_room[1] + y, 1e-6)
    up, down = 1.0 / max(half_room[2] - z, 1e-6), 1.0 / max(z, 1e-6)
    best = 1.0 / MAX_RANGE_M
    # the greatest component of the five rays toward each face
    sx = _OFF * max(abs(rot[0, p]), abs(rot[0, q]))
    sy = _OFF * max(abs(rot[1, p]), abs(rot[1, q]))
    sz = _OFF * max(abs(rot[2, p]), abs(rot[2, q]))
    best = max(best, max((ax + sx) * east, (sx - ax) * west))
    best = max(best, max((ay + sy) * north, (sy - ay) * south))
    best = max(best, max((az + sz) * up, (sz - az) * down))
    return 1.0 / best

"""Short memories around the drone: where solid things are, and where it has looked."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from reprohrl.contracts.features import MAX_SECTOR_M, NUM_HEADINGS, NUM_SECTORS
from reprohrl.contracts.vocabulary import OBSTACLE_ID
from reprohrl.perception.bearing import EDGE, NOMINAL_WIDTH_M, floor_distance, ray_of_pixel, wrap_angle
from reprohrl.perception.compiled import kernel
from reprohrl.perception.memory import NEVER_S, POINTS, Memory

Array = NDArray[np.float64]

MERGE_M = 0.15
"""A new point this near to a remembered one replaces it."""

MEMORY_S = 12.0
"""Points older than this are ignored: odometry drifts and people move."""

FAR_BOX_M = 3.0
"""Boxes of solids farther than this are not remembered: their distance is a guess."""

LOOK_FADE_S = 15.0
LOOK_FADE_M = 1.2
"""A look fades with time, and with distance flown since: another place sees other things."""

LOOK_MARGIN_RAD = 0.1
_SIDE = 0.35
"""The points of a box stand this share of its width left and right of its centre."""


@kernel
def add_point(m: Memory, i: int, x: float, y: float, stamp: float) -> None:
    """Remember that something solid stands at (x, y) [m], odom frame."""
    slot, oldest = 0, math.inf
    for j in range(POINTS):
        point = m.points[i, j]
        if point[2] > NEVER_S and abs(point[0] - x) < MERGE_M and abs(point[1] - y) < MERGE_M:
            slot = j
            break
        if point[2] < oldest:
            slot, oldest = j, point[2]
    m.points[i, slot, 0], m.points[i, slot, 1], m.points[i, slot, 2] = x, y, stamp


@kernel
def see_solids(
    m: Memory, i: int, dense: Array, pose: Array, height: float, ranges: Array, stamp: float, lens: Array
) -> None:
    """Remember what obstacle boxes (D, 6) and the four horizontal ranges (5,) [m] say stands around."""
    for j in range(dense.shape[0]):
        if int(dense[j, 0]) != OBSTACLE_ID:
            continue
        cx, cy, w, h = dense[j, 2], dense[j, 3], dense[j, 4], dense[j, 5]
        distance = NOMINAL_WIDTH_M[OBSTACLE_ID] / max(w * 2 * lens[0], 1e-3)
        if cy + h / 2 < 1 - EDGE:
            distance = floor_distance(cx, cy + h / 2, height, pose[3], pose[4], lens)
        if distance >= FAR_BOX_M:
            continue
        for side in (-_SIDE, _SIDE):
            x, y, _ = ray_of_pixel(cx + side * w, cy, pose[3], pose[4], lens)
            heading = pose[5] + math.atan2(y, x)
            add_point(
                m, i, pose[0] + distance * math.cos(heading), pose[1] + distance * math.sin(heading), stamp
            )
    for sensor in range(4):
        if ranges[sensor] < MAX_SECTOR_M:
            heading = pose[5] + sensor_bearing(sensor)
            x, y = pose[0] + ranges[sensor] * math.cos(heading), pose[1] + ranges[sensor] * math.sin(heading)
            add_point(m, i, x, y, stamp)


@kernel
def sensor_bearing(sensor: int) -> float:
    """Return the bearing [rad] of the front, back, left or right range sensor in the body frame."""
    if sensor < 2:
        return 0.0 if sensor == 0 else math.pi
    return 0.5 * math.pi if sensor == 2 else -0.5 * math.pi


@kernel
def read_sectors(m: Memory, i: int, pose: Array, stamp: float, out: NDArray[np.float32]) -> None:
    """Write the distance [m] to the nearest remembered point per body-frame sector into `out` (S,)."""
    out[:] = MAX_SECTOR_M
    for j in range(POINTS):
        if stamp - m.points[i, j, 2] >= MEMORY_S:
            continue
        dx, dy = m.points[i, j, 0] - pose[0], m.points[i, j, 1] - pose[1]
        distance = math.sqrt(dx * dx + dy * dy)
        if distance >= MAX_SECTOR_M:
            continue
        bearing = math.atan2(dy, dx) - pose[5]
        sector = round(bearing * (NUM_SECTORS / (2 * math.pi))) % NUM_SECTORS
        out[sector] = min(out[sector], np.float32(distance))


@kernel
def look(m: Memory, i: int, pose: Array, stamp: float, lens: Array, out: NDArray[np.float32]) -> None:
    """Fade old looks, mark what is in view now, and write them in the body frame into `out` (B,)."""
    keep = 1.0
    if m.pose[i, 2] > NEVER_S:
        dx, dy = pose[0] - m.pose[i, 0], pose[1] - m.pose[i, 1]
        keep = math.exp(-(stamp - m.pose[i, 2]) / LOOK_FADE_S - math.sqrt(dx * dx + dy * dy) / LOOK_FADE_M)
    half_view = math.atan(lens[0]) - LOOK_MARGIN_RAD
    for b in range(NUM_HEADINGS):
        in_view = abs(wrap_angle(b * (2 * math.pi / NUM_HEADINGS) - pose[5])) < half_view
        m.look[i, b] = 1.0 if in_view else m.look[i, b] * keep
    m.pose[i, 0], m.pose[i, 1], m.pose[i, 2] = pose[0], pose[1], stamp
    shift = round(pose[5] * (NUM_HEADINGS / (2 * math.pi)))
    for b in range(NUM_HEADINGS):
        out[b] = m.look[i, (b + shift) % NUM_HEADINGS]

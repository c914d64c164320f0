"""Where each goal class was seen: position fixes blended over time, false boxes kept out."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from reprohrl.contracts.features import MAX_AGE_S, F
from reprohrl.contracts.vocabulary import NUM_GOALS, OBSTACLE_ID
from reprohrl.perception.bearing import (
    EDGE,
    box_depth,
    centre_depth,
    floor_distance,
    is_cut,
    ray_of_pixel,
    wrap_angle,
)
from reprohrl.perception.compiled import kernel
from reprohrl.perception.memory import NEVER_S, Memory

Array = NDArray[np.float64]

BLEND = 0.4
"""Weight of a new position fix against the remembered one."""

GATE_M = 0.9
"""A fix farther than this from a well-established memory is treated as a false box."""

MIN_TRUST = 3
"""Fixes it takes before a memory is shown: one or two false boxes make none."""

NEW_CONFIDENCE = 0.5
"""Least confidence of a box that starts a memory or moves it elsewhere; weaker ones only refresh it.

Nor may such a box be cut by the image border: half an object is easily taken for another class."""

MAX_TRUST = 5
"""Fixes after which a memory counts as well established; each gated box takes one away."""

NEAREST_M, FARTHEST_M = 0.15, 6.0

SAME_THING = 0.45
"""Intersection over union from which boxes of two classes are taken for one thing."""

SAME_PLACE_M = 0.5
"""A box of another class this near to the remembered distance contradicts the memory; a nearer one hides."""

EXPECT_FROM_M, EXPECT_TO_M, EXPECT_MARGIN = 0.45, 2.5, 0.12
"""Where a remembered object should be reported: distances, and the share of the image left out around."""

MISSES = 6
"""Frames in which nothing is reported where an object should be, before trust in it falls."""


@kernel
def see_goals(
    m: Memory, i: int, dense: Array, pose: Array, stamp: float, lens: Array, values: NDArray[np.float32]
) -> None:
    """Take the best box of each goal class into memory and write the rows of `values` (K, F).

    dense (D, 6) rows of `DENSE_COLUMNS`; pose (6,): x, y, z [m] odom, roll, pitch, yaw [rad].
    """
    for k in range(NUM_GOALS):
        best = -1
        for j in range(dense.shape[0]):
            if int(dense[j, 0]) == k and dense[j, 0] >= 0 and (best < 0 or dense[j, 1] > dense[best, 1]):
                best = j
        values[k] = 0.0
        if best >= 0 and outvoted(dense, best):
            _doubt(m, i, k)
        elif best >= 0:
            if _take_fix(m, i, k, dense[best], pose, stamp, lens):
                values[k, F.VISIBLE] = 1.0
                values[k, F.CX], values[k, F.CY] = 2 * dense[best, 2] - 1, 2 * dense[best, 3] - 1
                values[k, F.W], values[k, F.H] = dense[best, 4], dense[best, 5]
                values[k, F.SCORE] = dense[best, 1]
        elif m.last_seen[i, k] > NEVER_S:
            _miss(m, i, k, dense, pose, lens)
        _recall(m, i, k, pose, stamp, values[k])


@kernel
def outvoted(dense: Array, best: int) -> bool:
    """Return whether a surer box of another class sits on the same thing."""
    box = dense[best]
    for j in range(dense.shape[0]):
        other = dense[j]
        if other[0] < 0 or other[0] == box[0] or other[1] <= box[1]:
            continue
        across = min(box[2] + box[4] / 2, other[2] + other[4] / 2) - max(
            box[2] - box[4] / 2, other[2] - other[4] / 2
        )
        down = min(box[3] + box[5] / 2, other[3] + other[5] / 2) - max(
            box[3] - box[5] / 2, other[3] - other[5] / 2
        )
        if across > 0 and down > 0:
            both = across * down
            if both > SAME_THING * (box[4] * box[5] + other[4] * other[5] - both):
                return True
    return False


@kernel
def _doubt(m: Memory, i: int, k: int) -> None:
    """Take away trust; what has none left is forgotten."""
    if m.last_seen[i, k] <= NEVER_S:
        return
    m.trust[i, k] -= 1
    if m.trust[i, k] <= 0:
        m.last_seen[i, k] = NEVER_S
        m.trust[i, k], m.missed[i, k] = 0, 0


@kernel
def _miss(m: Memory, i: int, k: int, dense: Array, pose: Array, lens: Array) -> None:
    """A remembered object that should be in view was not reported: doubt it, at once where another class is
    reported in its place, else after `MISSES` frames."""
    dx, dy = m.position[i, k, 0] - pose[0], m.position[i, k, 1] - pose[1]
    away = math.sqrt(dx * dx + dy * dy)
    bearing = wrap_angle(math.atan2(dy, dx) - pose[5])
    if not EXPECT_FROM_M < away < EXPECT_TO_M or abs(bearing) > 1.2:
        return
    u = 0.5 - 0.5 * math.tan(bearing) / lens[0]
    v = 0.5 - 0.5 * ((m.position[i, k, 2] - pose[2]) / (away * math.cos(bearing)) + pose[4]) / lens[1]
    if not (EXPECT_MARGIN < u < 1 - EXPECT_MARGIN and EXPECT_MARGIN < v < 1 - EXPECT_MARGIN):
        return
    for j in range(dense.shape[0]):
        other = dense[j]
        if other[0] < 0 or abs(other[2] - u) > other[4] / 2 or abs(other[3] - v) > other[5] / 2:
            continue
        kind = int(other[0])
        depth = box_depth(kind, other[2], other[3], other[4], other[5], lens)
        if kind == OBSTACLE_ID and other[3] + other[5] / 2 < 1 - EDGE:
            depth = floor_distance(other[2], other[3] + other[5] / 2, pose[2], pose[3], pose[4], lens)
        if abs(depth - away) < SAME_PLACE_M:
            _doubt(m, i, k)
        return  # something else is there, or hides it
    m.missed[i, k] += 1
    if m.missed[i, k] >= MISSES:
        m.missed[i, k] = 0
        _doubt(m, i, k)


@kernel
def _take_fix(m: Memory, i: int, k: int, box: Array, pose: Array, stamp: float, lens: Array) -> bool:
    """Blend the position that a box means into the memory of class `k`; return whether it may be shown."""
    confidence, cx, cy, w, h = box[1], box[2], box[3], box[4], box[5]
    ray_x, ray_y, ray_z = ray_of_pixel(cx, cy, pose[3], pose[4], lens)
    depth = min(max(centre_depth(k, cx, cy, w, h, ray_z, lens), NEAREST_M), FARTHEST_M)
    ahead, left, up = ray_x * depth + lens[2], ray_y * depth + lens[3], ray_z * depth + lens[4]
    c, s = math.cos(pose[5]), math.sin(pose[5])
    dx = pose[0] + c * ahead - s * left - m.position[i, k, 0]
    dy = pose[1] + s * ahead + c * left - m.position[i, k, 1]
    dz = pose[2] + up - m.position[i, k, 2]
    known = m.last_seen[i, k] > NEVER_S
    far = dx * dx + dy * dy + dz * dz > GATE_M**2
    if known and far and m.trust[i, k] >= MIN_TRUST:
        m.trust[i, k] -= 1
        return False
    fresh = not known or far
    sure = confidence >= NEW_CONFIDENCE and not is_cut(cx, w) and not is_cut(cy, h)
    if fresh and not sure:
        return False
    weight = 1.0 if fresh else BLEND
    m.position[i, k, 0] += weight * dx
    m.position[i, k, 1] += weight * dy
    m.position[i, k, 2] += weight * dz
    m.last_seen[i, k] = stamp
    m.missed[i, k] = 0
    m.trust[i, k] = 1 if fresh else min(m.trust[i, k] + 1, MAX_TRUST)
    return bool(m.trust[i, k] >= MIN_TRUST)


@kernel
def _recall(m: Memory, i: int, k: int, pose: Array, stamp: float, row: NDArray[np.float32]) -> None:
    """Write the memory columns of one class."""
    row[F.AGE] = MAX_AGE_S
    if m.last_seen[i, k] <= NEVER_S or m.trust[i, k] < MIN_TRUST:
        return
    dx, dy = m.position[i, k, 0] - pose[0], m.position[i, k, 1] - pose[1]
    row[F.AGE] = min(stamp - m.last_seen[i, k], MAX_AGE_S)
    row[F.BEARING] = wrap_angle(math.atan2(dy, dx) - pose[5])
    row[F.RANGE] = math.sqrt(dx * dx + dy * dy)
    row[F.DZ] = m.position[i, k, 2] - pose[2]

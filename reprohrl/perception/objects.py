"""Where each goal class was seen: position fixes blended over time, false boxes kept out."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from reprohrl.contracts.features import MAX_AGE_S, F
from reprohrl.contracts.vocabulary import NUM_GOALS
from reprohrl.perception.bearing import centre_depth, is_cut, ray_of_pixel, wrap_angle
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
        if best >= 0 and _take_fix(m, i, k, dense[best], pose, stamp, lens):
            values[k, F.VISIBLE] = 1.0
            values[k, F.CX], values[k, F.CY] = 2 * dense[best, 2] - 1, 2 * dense[best, 3] - 1
            values[k, F.W], values[k, F.H] = dense[best, 4], dense[best, 5]
            values[k, F.SCORE] = dense[best, 1]
        _recall(m, i, k, pose, stamp, values[k])


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

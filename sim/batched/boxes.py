"""Truth boxes without rendering: projected outlines, with occlusion by rays."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from reprohrl.contracts.vocabulary import WALL_ID
from sim.batched.occlusion import visible_part
from sim.batched.projection import NEAR_M, project
from sim.batched.scratch import GRID_COLUMNS, GRID_ROWS, OBJECTS, Scratch
from sim.dynamics.compiled import entry, kernel
from sim.geometry import reach_radius

Array = NDArray[np.float64]

MIN_VISIBLE_FRACTION = 0.25
MIN_AREA = 60.0 / (324 * 244)
"""Boxes smaller than this fraction of the image are dropped, as a detector would."""

BOX_COLUMNS = 6  # class_id (-1 = not visible), visible fraction, cx, cy, w, h


@entry
def truth_boxes(
    objects: Array, rot: Array, camera: Array, tan_h: float, tan_v: float, scratch: Scratch, out: Array
) -> None:
    """Write one row of `BOX_COLUMNS` per object into `out` (M, 6); inner walls hide but have none.

    rot (3, 3) body to world; camera (3,) position [m]; scratch from `make_scratch`. The box bounds the
    visible part: where another solid may be in the way, a grid of rays decides what is visible.
    """
    work = scratch[0][OBJECTS:]  # u_min, u_max, v_min, v_max, distance, -, index in view, index of blocker
    in_view = _find_in_view(objects, rot, camera, tan_h, tan_v, work)
    for k in range(objects.shape[0]):
        out[k, 0] = -1.0
    for a in range(in_view):
        k = int(work[a, 6])
        if objects[k, 9] == WALL_ID:
            continue
        box = work[k]
        u0, u1 = max(box[0], -1.0), min(box[1], 1.0)
        v0, v1 = max(box[2], -1.0), min(box[3], 1.0)
        if (u1 - u0) * (v1 - v0) < 4.0 * MIN_AREA:
            continue
        fraction = 1.0
        blockers = _find_blockers(objects, camera, k, in_view, u0, u1, v0, v1, work)
        if blockers > 0:
            fraction, u0, u1, v0, v1 = visible_part(
                objects, k, blockers, scratch, rot, camera, tan_h, tan_v, u0, u1, v0, v1
            )
            if fraction < MIN_VISIBLE_FRACTION or (u1 - u0) * (v1 - v0) < 4.0 * MIN_AREA:
                continue
        row = out[k]
        row[0], row[1] = objects[k, 9], fraction
        row[2], row[3] = 0.5 + (u0 + u1) / 4.0, 0.5 + (v0 + v1) / 4.0
        row[4], row[5] = (u1 - u0) / 2.0, (v1 - v0) / 2.0


@kernel
def _find_in_view(objects: Array, rot: Array, camera: Array, tan_h: float, tan_v: float, work: Array) -> int:
    """Project what the image may show; return how many, their indices in column 6 of the first rows.

    The frustum's planes come first: an object's support along a plane's normal n is at most its radius
    times the level part of n plus its half height times the upright part.
    """
    f2, fz = math.sqrt(rot[0, 0] ** 2 + rot[1, 0] ** 2), abs(rot[2, 0])
    l2, lz = _normal(rot, -tan_h, 1)
    r2, rz = _normal(rot, tan_h, 1)
    t2, tz = _normal(rot, -tan_v, 2)
    b2, bz = _normal(rot, tan_v, 2)
    n = 0
    for k in range(objects.shape[0]):
        o = objects[k]
        dx, dy, dz = o[0] - camera[0], o[1] - camera[1], o[2] - camera[2]
        radius, half = reach_radius(o), o[5]
        x = rot[0, 0] * dx + rot[1, 0] * dy + rot[2, 0] * dz
        if x + radius * f2 + half * fz < NEAR_M:
            continue
        y = rot[0, 1] * dx + rot[1, 1] * dy + rot[2, 1] * dz
        if y - tan_h * x > radius * l2 + half * lz or -y - tan_h * x > radius * r2 + half * rz:
            continue
        z = rot[0, 2] * dx + rot[1, 2] * dy + rot[2, 2] * dz
        if z - tan_v * x > radius * t2 + half * tz or -z - tan_v * x > radius * b2 + half * bz:
            continue
        box = work[k]
        if not project(o, x, y, z, rot, tan_h, tan_v, box):
            continue
        if box[0] >= 1.0 or box[1] <= -1.0 or box[2] >= 1.0 or box[3] <= -1.0:
            continue
        box[4] = math.sqrt(dx * dx + dy * dy)
        work[n, 6] = k
        n += 1
    return n


@kernel
def _normal(rot: Array, forward: float, axis: int) -> tuple[float, float]:
    """Level and upright part, in the world, of `forward` times the camera's x plus its axis `axis`."""
    x = forward * rot[0, 0] + rot[0, axis]
    y = forward * rot[1, 0] + rot[1, axis]
    return math.sqrt(x * x + y * y), abs(forward * rot[2, 0] + rot[2, axis])


@kernel
def _find_blockers(
    objects: Array, camera: Array, k: int, in_view: int,
    u0: float, u1: float, v0: float, v1: float, work: Array,
) -> int:  # fmt: skip
    """List in column 7 what may stand before object `k` in its window of the image; return how many."""
    du, dv = 0.5 * (u1 - u0) / GRID_COLUMNS, 0.5 * (v1 - v0) / GRID_ROWS
    n = 0
    for a in range(in_view):
        j = int(work[a, 6])
        b = work[j]
        # no ray of the grid passes through an overlap narrower than half a cell
        if j == k or b[0] >= u1 - du or b[1] <= u0 + du or b[2] >= v1 - dv or b[3] <= v0 + dv:
            continue
        if objects[j, 9] == WALL_ID:
            before = not _same_side(objects[j], objects[k], camera)
        else:
            before = b[4] < work[k, 4]
        if before:
            work[n, 7] = j
            n += 1
    return n


@kernel
def _same_side(wall: Array, o: Array, camera: Array) -> bool:
    """Whether one face of the wall has both the camera and the whole object before it."""
    radius = reach_radius(o)
    ox, oy = o[0] - wall[0], o[1] - wall[1]
    cx, cy = camera[0] - wall[0], camera[1] - wall[1]
    along, eye = wall[7] * ox + wall[8] * oy, wall[7] * cx + wall[8] * cy
    if min(along - radius, eye) > wall[3] or max(along + radius, eye) < -wall[3]:
        return True
    along, eye = wall[7] * oy - wall[8] * ox, wall[7] * cy - wall[8] * cx
    return min(along - radius, eye) > wall[4] or max(along + radius, eye) < -wall[4]

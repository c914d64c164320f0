"""Truth boxes without rendering: projected outlines, with occlusion by rays."""

from __future__ import annotations

import math

import numpy as np
from numba import njit
from numpy.typing import NDArray

from sim.geometry import ray_object

_NEAR_M = 0.02
_GRID = 5
MIN_VISIBLE_FRACTION = 0.25
MIN_AREA = 60.0 / (324 * 244)
"""Boxes smaller than this fraction of the image are dropped, as a detector would."""

BOX_COLUMNS = 6  # class_id (-1 = not visible), visible fraction, cx, cy, w, h


def _outlines() -> NDArray[np.float64]:
    """Return (6 shapes, 26, 3) points on the outline of each shape, in units of its half extents."""
    out = np.zeros((6, 26, 3))
    ring = np.linspace(0, 2 * np.pi, 12, endpoint=False)
    circle = np.stack([np.cos(ring), np.sin(ring)], axis=1)
    corners = np.array([(x, y, z) for x in (-1, 1) for y in (-1, 1) for z in (-1, 1)], float)
    out[1, :8] = corners
    out[1, 8:] = corners[0]
    out[2, :12, :2], out[2, :12, 2] = circle, -1
    out[2, 12:] = (0, 0, 1)
    out[3, :12, :2], out[3, :12, 2] = circle, -1
    out[3, 12:24, :2], out[3, 12:24, 2] = circle, 1
    out[3, 24:] = out[3, 0]
    out[4, :12, 1:] = circle
    out[4, 12:19, 1:], out[4, 12:19, 0] = circle[:7] * 0.74, 1
    out[4, 19:, 1:], out[4, 19:, 0] = circle[5:] * 0.74, -1
    out[5, :4] = [(-1, -1, -1), (-1, 1, -1), (1, -1, -1), (1, 1, -1)]
    out[5, 4:] = (0, 0, 1)
    return out


OUTLINES = _outlines()


@njit(cache=True)
def _project(
    o: NDArray[np.float64],
    outline: NDArray[np.float64],
    rot: NDArray[np.float64],
    camera: NDArray[np.float64],
    tan_h: float,
    tan_v: float,
    box: NDArray[np.float64],
) -> bool:
    """Write u_min, u_max, v_min, v_max (-1..1 inside the image, unclipped) into `box`; False when behind."""
    u0, u1, v0, v1 = 1e9, -1e9, 1e9, -1e9
    in_front = 0
    lx, ly, lz = o[0] - camera[0], o[1] - camera[1], o[2] - camera[2]
    if int(o[6]) == 0:
        x = rot[0, 0] * lx + rot[1, 0] * ly + rot[2, 0] * lz
        y = rot[0, 1] * lx + rot[1, 1] * ly + rot[2, 1] * lz
        z = rot[0, 2] * lx + rot[1, 2] * ly + rot[2, 2] * lz
        r2 = o[3] * o[3]
        den = x * x - r2
        if x <= 0.0 or den < 1e-6:
            return False
        root = math.sqrt(x * x + y * y - r2) * o[3]
        box[0], box[1] = (-x * y - root) / den / tan_h, (-x * y + root) / den / tan_h
        root = math.sqrt(x * x + z * z - r2) * o[3]
        box[2], box[3] = (-x * z - root) / den / tan_v, (-x * z + root) / den / tan_v
        return True
    for i in range(outline.shape[0]):
        ax, ay, az = outline[i, 0] * o[3], outline[i, 1] * o[4], outline[i, 2] * o[5]
        wx, wy, wz = lx + o[7] * ax - o[8] * ay, ly + o[8] * ax + o[7] * ay, lz + az
        x = rot[0, 0] * wx + rot[1, 0] * wy + rot[2, 0] * wz
        y = rot[0, 1] * wx + rot[1, 1] * wy + rot[2, 1] * wz
        z = rot[0, 2] * wx + rot[1, 2] * wy + rot[2, 2] * wz
        if x < _NEAR_M:
            x = _NEAR_M
        else:
            in_front += 1
        u, v = -y / x / tan_h, -z / x / tan_v
        u0, u1, v0, v1 = min(u0, u), max(u1, u), min(v0, v), max(v1, v)
    box[0], box[1], box[2], box[3] = u0, u1, v0, v1
    return in_front > 0


@njit(cache=True)
def truth_boxes(
    objects: NDArray[np.float64],
    outlines: NDArray[np.float64],
    rot: NDArray[np.float64],
    camera: NDArray[np.float64],
    tan_h: float,
    tan_v: float,
    out: NDArray[np.float64],
) -> None:
    """Write one row of `BOX_COLUMNS` per object into `out` (M, 6).

    rot (3, 3) body to world; camera (3,) position [m]. The box bounds the visible part: where another
    solid may be in the way, a 5x5 grid of rays decides what is visible.
    """
    m = objects.shape[0]
    boxes = np.empty((m, 4))
    distance = np.empty(m)
    for k in range(m):
        o = objects[k]
        out[k, 0] = -1.0
        if not _project(o, outlines[int(o[6])], rot, camera, tan_h, tan_v, boxes[k]):
            boxes[k, 0], boxes[k, 1], boxes[k, 2], boxes[k, 3] = 9.0, 9.0, 9.0, 9.0
        distance[k] = math.sqrt((o[0] - camera[0]) ** 2 + (o[1] - camera[1]) ** 2)
    for k in range(m):
        full = (boxes[k, 1] - boxes[k, 0]) * (boxes[k, 3] - boxes[k, 2])
        u0, u1 = max(boxes[k, 0], -1.0), min(boxes[k, 1], 1.0)
        v0, v1 = max(boxes[k, 2], -1.0), min(boxes[k, 3], 1.0)
        if u1 <= u0 or v1 <= v0 or full <= 0.0:
            continue
        fraction = 1.0
        blocked = False
        for j in range(m):
            if (
                j != k
                and distance[j] < distance[k]
                and boxes[j, 0] < u1
                and boxes[j, 1] > u0
                and boxes[j, 2] < v1
                and boxes[j, 3] > v0
            ):
                blocked = True
        if blocked:
            fraction, u0, u1, v0, v1 = _visible_part(
                objects, k, distance, boxes, rot, camera, tan_h, tan_v, u0, u1, v0, v1
            )
        if fraction < MIN_VISIBLE_FRACTION or (u1 - u0) * (v1 - v0) / 4.0 < MIN_AREA:
            continue
        out[k, 0], out[k, 1] = objects[k, 9], fraction
        out[k, 2], out[k, 3] = 0.5 + (u0 + u1) / 4.0, 0.5 + (v0 + v1) / 4.0
        out[k, 4], out[k, 5] = (u1 - u0) / 2.0, (v1 - v0) / 2.0


@njit(cache=True)
def _visible_part(
    objects: NDArray[np.float64],
    k: int,
    distance: NDArray[np.float64],
    boxes: NDArray[np.float64],
    rot: NDArray[np.float64],
    camera: NDArray[np.float64],
    tan_h: float,
    tan_v: float,
    u0: float,
    u1: float,
    v0: float,
    v1: float,
) -> tuple[float, float, float, float, float]:
    """Return the visible fraction of object `k` inside the box, and the bounds of its visible part."""
    cell_u, cell_v = (u1 - u0) / _GRID, (v1 - v0) / _GRID
    a0, a1, b0, b1 = 9.0, -9.0, 9.0, -9.0
    hit, seen = 0, 0
    for i in range(_GRID):
        for j in range(_GRID):
            u, v = u0 + (i + 0.5) * cell_u, v0 + (j + 0.5) * cell_v
            y, z = -u * tan_h, -v * tan_v
            dx = rot[0, 0] + rot[0, 1] * y + rot[0, 2] * z
            dy = rot[1, 0] + rot[1, 1] * y + rot[1, 2] * z
            dz = rot[2, 0] + rot[2, 1] * y + rot[2, 2] * z
            t = ray_object(objects[k], camera[0], camera[1], camera[2], dx, dy, dz, 1e3)
            if t > 1e8:
                continue
            hit += 1
            clear = True
            for q in range(objects.shape[0]):
                if q == k or boxes[q, 0] > u or boxes[q, 1] < u or boxes[q, 2] > v or boxes[q, 3] < v:
                    continue
                if ray_object(objects[q], camera[0], camera[1], camera[2], dx, dy, dz, t) < t:
                    clear = False
                    break
            if clear:
                seen += 1
                a0, a1 = min(a0, u - cell_u / 2), max(a1, u + cell_u / 2)
                b0, b1 = min(b0, v - cell_v / 2), max(b1, v + cell_v / 2)
    if hit == 0 or seen == 0:
        return 0.0, u0, u1, v0, v1
    if seen == hit:
        return 1.0, u0, u1, v0, v1
    return seen / hit, a0, a1, b0, b1

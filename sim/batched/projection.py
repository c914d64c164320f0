"""Where a solid's outline lies in the image: exact for all shapes but the torus, whose five circles bound it.

Image coordinates u (right) and v (down) are -1 to 1 inside the image. Camera axes: x forward, y left, z up.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from sim.dynamics.compiled import kernel
from sim.rays import BOX, CONE, CYLINDER, PYRAMID, SPHERE

Array = NDArray[np.float64]

NEAR_M = 0.02
_HALF = math.sqrt(0.5)


@kernel
def project(
    o: Array, x: float, y: float, z: float, rot: Array, tan_h: float, tan_v: float, box: Array
) -> bool:
    """Write u_min, u_max, v_min, v_max of object `o`, unclipped, into `box` (4,); False when behind.

    (x, y, z) is its centre in camera axes [m], rot (3, 3) camera to world.
    """
    box[0], box[1], box[2], box[3] = 1e9, -1e9, 1e9, -1e9
    shape = int(o[6])
    hx, hy, hz = o[3], o[4], o[5]
    if shape == SPHERE:
        return x > hx and _round(x, y, z, hx * hx, 0.0, 0.0, 0.0, tan_h, tan_v, box)
    wx, wy, wz = rot[2, 0], rot[2, 1], rot[2, 2]  # world's up
    if shape == BOX or shape == PYRAMID:
        return _corners(o, x, y, z, rot, 0.0 if shape == PYRAMID else 1.0, tan_h, tan_v, box)
    if shape == CYLINDER or shape == CONE:
        ux, uy, uz = hz * wx, hz * wy, hz * wz
        fine = _round(x - ux, y - uy, z - uz, hx * hx, wx, wy, wz, tan_h, tan_v, box)
        if shape == CYLINDER:
            fine = _round(x + ux, y + uy, z + uz, hx * hx, wx, wy, wz, tan_h, tan_v, box) and fine
        else:
            fine = x + ux > NEAR_M and fine
            _point(x + ux, y + uy, z + uz, tan_h, tan_v, box)
    else:
        nx = rot[0, 0] * o[7] + rot[1, 0] * o[8]
        ny = rot[0, 1] * o[7] + rot[1, 1] * o[8]
        nz = rot[0, 2] * o[7] + rot[1, 2] * o[8]
        fine = True
        for i in range(5):
            off = hx * (i - 2) / 2 if i % 2 == 0 else hx * (i - 2) * _HALF
            ring = hy - hx + (hx if i == 2 else (0.0 if i % 2 == 0 else hx * _HALF))
            fine = fine and _round(
                x + off * nx, y + off * ny, z + off * nz, ring * ring, nx, ny, nz, tan_h, tan_v, box
            )
    if fine:
        return True
    box[0], box[1], box[2], box[3] = 1e9, -1e9, 1e9, -1e9
    return _corners(o, x, y, z, rot, 1.0, tan_h, tan_v, box)


@kernel
def _round(
    x: float, y: float, z: float, r2: float, nx: float, ny: float, nz: float,
    tan_h: float, tan_v: float, box: Array,
) -> bool:  # fmt: skip
    """Widen `box` by a circle about (x, y, z) of squared radius r2 and unit normal n, or by a sphere (n = 0).

    A line y = k x of the image touches it where (y - k x)^2 = r2 |(-k, 1) projected into its plane|^2.
    False, and no change, when it reaches behind the camera.
    """
    a = x * x - r2 * (1.0 - nx * nx)
    if x <= NEAR_M or a <= NEAR_M * x:
        return False
    inv = 1.0 / a
    b = x * y + r2 * nx * ny
    c = y * y - r2 * (1.0 - ny * ny)
    root = math.sqrt(max(b * b - a * c, 0.0))
    k = inv / tan_h
    box[0], box[1] = min(box[0], (-b - root) * k), max(box[1], (-b + root) * k)
    b = x * z + r2 * nx * nz
    c = z * z - r2 * (1.0 - nz * nz)
    root = math.sqrt(max(b * b - a * c, 0.0))
    k = inv / tan_v
    box[2], box[3] = min(box[2], (-b - root) * k), max(box[3], (-b + root) * k)
    return True


@kernel
def _point(x: float, y: float, z: float, tan_h: float, tan_v: float, box: Array) -> None:
    """Widen `box` by a point; one behind the camera counts as just in front of it."""
    inv = 1.0 / max(x, NEAR_M)
    u, v = -y * inv / tan_h, -z * inv / tan_v
    box[0], box[1] = min(box[0], u), max(box[1], u)
    box[2], box[3] = min(box[2], v), max(box[3], v)


@kernel
def _corners(
    o: Array, x: float, y: float, z: float, rot: Array, top: float, tan_h: float, tan_v: float, box: Array
) -> bool:
    """Widen `box` by the corners of a box whose upper face is scaled by `top` (0 for a pyramid)."""
    hz = o[5]
    ax, ay = o[7] * o[3], o[8] * o[3]
    bx, by = -o[8] * o[4], o[7] * o[4]
    px, qx = rot[0, 0] * ax + rot[1, 0] * ay, rot[0, 0] * bx + rot[1, 0] * by
    py, qy = rot[0, 1] * ax + rot[1, 1] * ay, rot[0, 1] * bx + rot[1, 1] * by
    pz, qz = rot[0, 2] * ax + rot[1, 2] * ay, rot[0, 2] * bx + rot[1, 2] * by
    in_front = False
    for level in range(2):
        side, scale = (-hz, 1.0) if level == 0 else (hz, top)
        for i in range(4):
            p, q = (scale if i % 2 == 0 else -scale), (scale if i < 2 else -scale)
            cx = x + side * rot[2, 0] + p * px + q * qx
            cy = y + side * rot[2, 1] + p * py + q * qy
            cz = z + side * rot[2, 2] + p * pz + q * qz
            in_front = in_front or cx >= NEAR_M
            _point(cx, cy, cz, tan_h, tan_v, box)
    return in_front

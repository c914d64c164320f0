"""Compiled rays against the scene's analytic solids; see `sim.geometry` for the conventions."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from sim.dynamics.compiled import entry

SPHERE, BOX, CONE, CYLINDER, TORUS, PYRAMID = range(6)
MISS = 1e9
_TORUS_STEPS = 40


@entry
def ray_object(
    o: NDArray[np.float64], ox: float, oy: float, oz: float, dx: float, dy: float, dz: float, t_max: float
) -> float:
    """Distance along the ray to object `o`, or 1e9 when it is missed, behind, or past `t_max`."""
    lx, ly, lz = ox - o[0], oy - o[1], oz - o[2]
    shape = int(o[6])
    dd = dx * dx + dy * dy + dz * dz
    b = lx * dx + ly * dy + lz * dz
    # bounding sphere first
    r2 = o[3] * o[3]
    if shape == TORUS:
        r2 = o[4] * o[4]
    elif shape != SPHERE:
        r2 += o[5] * o[5]
        if shape == BOX or shape == PYRAMID:
            r2 += o[4] * o[4]
    c = lx * lx + ly * ly + lz * lz - r2
    disc = b * b - dd * c
    if disc < 0.0 or (c > 0.0 and b > 0.0):
        return MISS
    if shape == SPHERE:
        t = (-b - math.sqrt(disc)) / dd
        return t if 0.0 < t < t_max else MISS
    if shape == CYLINDER:
        return _ray_cylinder(o, lx, ly, lz, dx, dy, dz, t_max)
    if shape == CONE:
        return _ray_cone(o, lx, ly, lz, dx, dy, dz, t_max)
    px, py = o[7] * lx + o[8] * ly, -o[8] * lx + o[7] * ly
    ex, ey = o[7] * dx + o[8] * dy, -o[8] * dx + o[7] * dy
    if shape == BOX:
        return ray_box(o[3], o[4], o[5], px, py, lz, ex, ey, dz, t_max)
    if shape == PYRAMID:
        return _ray_pyramid(o, px, py, lz, ex, ey, dz, t_max)
    return _trace_torus(o[3], o[4], px, py, lz, ex, ey, dz, max((-b - math.sqrt(disc)) / dd, 0.0), t_max)


@entry
def ray_box(
    hx: float, hy: float, hz: float,
    px: float, py: float, pz: float, ex: float, ey: float, ez: float, t_max: float,
) -> float:  # fmt: skip
    """The same for a box of half extents hx, hy, hz [m]; origin p and direction e in its own axes."""
    near, far = 0.0, t_max
    ix = 1.0 / ex if abs(ex) > 1e-12 else math.copysign(1e12, ex)
    iy = 1.0 / ey if abs(ey) > 1e-12 else math.copysign(1e12, ey)
    iz = 1.0 / ez if abs(ez) > 1e-12 else math.copysign(1e12, ez)
    middle, half = -px * ix, hx * abs(ix)
    near, far = max(near, middle - half), min(far, middle + half)
    middle, half = -py * iy, hy * abs(iy)
    near, far = max(near, middle - half), min(far, middle + half)
    middle, half = -pz * iz, hz * abs(iz)
    near, far = max(near, middle - half), min(far, middle + half)
    return near if 0.0 < near <= far else MISS


@entry
def _ray_cylinder(
    o: NDArray[np.float64], lx: float, ly: float, lz: float, dx: float, dy: float, dz: float, t_max: float
) -> float:
    best = MISS
    a = dx * dx + dy * dy
    if a > 1e-12:
        b = lx * dx + ly * dy
        disc = b * b - a * (lx * lx + ly * ly - o[3] * o[3])
        if disc < 0.0:
            return MISS
        t = (-b - math.sqrt(disc)) / a
        if 0.0 < t < t_max and abs(lz + t * dz) <= o[5]:
            return t
    if abs(dz) > 1e-12:
        t = ((o[5] if dz < 0.0 else -o[5]) - lz) / dz
        x, y = lx + t * dx, ly + t * dy
        if 0.0 < t < t_max and x * x + y * y <= o[3] * o[3]:
            best = t
    return best


@entry
def _ray_cone(
    o: NDArray[np.float64], lx: float, ly: float, lz: float, dx: float, dy: float, dz: float, t_max: float
) -> float:
    best = MISS
    k = (o[3] / (2.0 * o[5])) ** 2
    h, dh = o[5] - lz, -dz  # distance below the apex
    a = dx * dx + dy * dy - k * dh * dh
    b = lx * dx + ly * dy - k * h * dh
    c = lx * lx + ly * ly - k * h * h
    disc = b * b - a * c
    if abs(a) > 1e-12 and disc >= 0.0:
        root = math.sqrt(disc)
        for sign in (-1.0, 1.0):
            t = (-b + sign * root) / a
            if 0.0 < t < min(best, t_max) and 0.0 <= h + t * dh <= 2.0 * o[5]:
                best = t
    if abs(dz) > 1e-12:
        t = (-o[5] - lz) / dz
        x, y = lx + t * dx, ly + t * dy
        if 0.0 < t < min(best, t_max) and x * x + y * y <= o[3] * o[3]:
            best = t
    return best


@entry
def _ray_pyramid(
    o: NDArray[np.float64], px: float, py: float, pz: float, ex: float, ey: float, ez: float, t_max: float
) -> float:
    near, far = 0.0, t_max
    height = 2.0 * o[5]
    for face in range(5):
        if face == 4:
            distance, slope = -o[5] - pz, -ez
        else:
            sign = 1.0 if face % 2 == 0 else -1.0
            p, e = (sign * px, sign * ex) if face < 2 else (sign * py, sign * ey)
            distance, slope = (p - o[3]) * height + (pz + o[5]) * o[3], e * height + ez * o[3]
        if abs(slope) < 1e-12:
            if distance > 0.0:
                return MISS
        elif slope < 0.0:
            near = max(near, -distance / slope)
        else:
            far = min(far, -distance / slope)
        if near > far:
            return MISS
    return near if near > 0.0 else MISS


@entry
def _trace_torus(
    tube: float, outer: float,
    px: float, py: float, pz: float, ex: float, ey: float, ez: float, t: float, t_max: float,
) -> float:  # fmt: skip
    """Sphere tracing by the exact distance, from the bounding box on; axis along x of the torus's frame."""
    entry = ray_box(tube, outer, outer, px, py, pz, ex, ey, ez, MISS)
    if entry >= MISS:
        inside = abs(px) <= tube and abs(py) <= outer and abs(pz) <= outer
        if not inside:
            return MISS
    else:
        t = max(t, entry)
    inv = 1.0 / math.sqrt(ex * ex + ey * ey + ez * ez)
    ring = outer - tube
    for _ in range(_TORUS_STEPS):
        x, y, z = px + t * ex, py + t * ey, pz + t * ez
        across = math.sqrt(y * y + z * z) - ring
        d = math.sqrt(across * across + x * x) - tube
        if d < 1e-3:
            return t if 0.0 < t < t_max else MISS
        if abs(x) > outer or t > t_max:
            return MISS
        t += d * inv
    return MISS

"""Compiled distances and rays against the scene's analytic solids.

An object is one row of `sim.scene.OBJECT_COLUMNS`. Points are world frame [m]; ray directions need
not be normalised: distances along a ray are in units of its direction.
"""

from __future__ import annotations

import math

import numpy as np
from numba import njit
from numpy.typing import NDArray

_SPHERE, _BOX, _CONE, _CYLINDER, _TORUS, _PYRAMID = range(6)
_TORUS_STEPS = 40
_MISS = 1e9


@njit(cache=True)
def _round_cone_distance(radial: float, z: float, radius: float, half_z: float) -> float:
    """Signed distance from (radial, z) to a solid cone: base `radius` at -half_z, apex at +half_z."""
    height = 2.0 * half_z
    slant = math.sqrt(radius * radius + height * height)
    normal_r, normal_z = height / slant, radius / slant
    side = (radial - radius) * normal_r + (z + half_z) * normal_z
    base = -half_z - z
    if side <= 0.0 and base <= 0.0:
        return max(side, base)
    # nearest point on the base disc, and on the slanted edge
    dr = max(radial - radius, 0.0)
    best = math.sqrt(dr * dr + base * base) if base > 0.0 else _MISS
    t = ((radial - radius) * (-radius) + (z + half_z) * height) / (slant * slant)
    t = min(max(t, 0.0), 1.0)
    er, ez = radial - (radius - t * radius), z - (-half_z + t * height)
    return min(best, math.sqrt(er * er + ez * ez))


@njit(cache=True)
def signed_distance(o: NDArray[np.float64], px: float, py: float, pz: float) -> float:
    """Distance [m] from a point to the surface of object `o`, negative inside."""
    x, y, z = px - o[0], py - o[1], pz - o[2]
    shape = int(o[6])
    if shape == _SPHERE:
        return math.sqrt(x * x + y * y + z * z) - o[3]
    if shape == _CYLINDER:
        radial, axial = math.sqrt(x * x + y * y) - o[3], abs(z) - o[5]
        outside = math.sqrt(max(radial, 0.0) ** 2 + max(axial, 0.0) ** 2)
        return outside + min(max(radial, axial), 0.0)
    if shape == _CONE:
        return _round_cone_distance(math.sqrt(x * x + y * y), z, o[3], o[5])
    bx, by = o[7] * x + o[8] * y, -o[8] * x + o[7] * y
    if shape == _BOX:
        dx, dy, dz = abs(bx) - o[3], abs(by) - o[4], abs(z) - o[5]
        outside = math.sqrt(max(dx, 0.0) ** 2 + max(dy, 0.0) ** 2 + max(dz, 0.0) ** 2)
        return outside + min(max(dx, max(dy, dz)), 0.0)
    if shape == _TORUS:
        ring = math.sqrt(by * by + z * z) - (o[4] - o[3])
        return math.sqrt(ring * ring + bx * bx) - o[3]
    return _pyramid_distance(max(abs(bx), abs(by)), min(abs(bx), abs(by)), z, o[3], o[5])


@njit(cache=True)
def _pyramid_distance(x: float, y: float, z: float, half: float, half_z: float) -> float:
    """Signed distance to a square pyramid, for a point folded into the octant x >= y >= 0."""
    height = 2.0 * half_z
    slant = math.sqrt(half * half + height * height)
    side = ((x - half) * height + (z + half_z) * half) / slant
    base = -half_z - z
    if side <= 0.0 and base <= 0.0:
        return max(side, base)
    dx, dy = max(x - half, 0.0), max(y - half, 0.0)
    best = math.sqrt(dx * dx + dy * dy + base * base) if base > 0.0 else _MISS
    if side > 0.0:
        # coordinates in the plane of the +x face: v up the slant from the base edge, y across it
        v = (-(x - half) * half + (z + half_z) * height) / slant
        if 0.0 <= v <= slant and y <= half * (1.0 - v / slant):
            return min(best, side)
    # the slanted edge from the corner (half, half, -half_z) to the apex, and the base edge
    t = (-(x - half) * half - (y - half) * half + (z + half_z) * height) / (
        2.0 * half * half + height * height
    )
    t = min(max(t, 0.0), 1.0)
    ex, ey, ez = x - half + t * half, y - half + t * half, z + half_z - t * height
    best = min(best, math.sqrt(ex * ex + ey * ey + ez * ez))
    ez, ex = z + half_z, x - half
    return min(best, math.sqrt(ex * ex + dy * dy + ez * ez))


@njit(cache=True)
def ray_object(
    o: NDArray[np.float64], ox: float, oy: float, oz: float, dx: float, dy: float, dz: float, t_max: float
) -> float:
    """Distance along the ray to object `o`, or 1e9 when it is missed, behind, or past `t_max`."""
    lx, ly, lz = ox - o[0], oy - o[1], oz - o[2]
    dd = dx * dx + dy * dy + dz * dz
    # bounding sphere first
    r2 = o[3] * o[3] + o[4] * o[4] + o[5] * o[5]
    b = lx * dx + ly * dy + lz * dz
    c = lx * lx + ly * ly + lz * lz - r2
    if b * b < dd * c or (c > 0.0 and b > 0.0):
        return _MISS
    shape = int(o[6])
    if shape == _SPHERE:
        disc = b * b - dd * (c + r2 - o[3] * o[3])
        if disc < 0.0:
            return _MISS
        t = (-b - math.sqrt(disc)) / dd
        return t if 0.0 < t < t_max else _MISS
    if shape == _CYLINDER:
        return _ray_cylinder(o, lx, ly, lz, dx, dy, dz, t_max)
    px, py = o[7] * lx + o[8] * ly, -o[8] * lx + o[7] * ly
    ex, ey = o[7] * dx + o[8] * dy, -o[8] * dx + o[7] * dy
    if shape == _BOX:
        return _ray_box(o, px, py, lz, ex, ey, dz, t_max)
    if shape == _CONE:
        return _ray_cone(o, lx, ly, lz, dx, dy, dz, t_max)
    if shape == _PYRAMID:
        return _ray_pyramid(o, px, py, lz, ex, ey, dz, t_max)
    return _trace_torus(o, ox, oy, oz, dx, dy, dz, max((-b - math.sqrt(b * b - dd * c)) / dd, 0.0), t_max)


@njit(cache=True)
def _ray_box(
    o: NDArray[np.float64], px: float, py: float, pz: float, ex: float, ey: float, ez: float, t_max: float
) -> float:
    near, far = 0.0, t_max
    for axis in range(3):
        p = px if axis == 0 else (py if axis == 1 else pz)
        e = ex if axis == 0 else (ey if axis == 1 else ez)
        h = o[3 + axis]
        if abs(e) < 1e-12:
            if abs(p) > h:
                return _MISS
        else:
            a, b = (-h - p) / e, (h - p) / e
            near, far = max(near, min(a, b)), min(far, max(a, b))
            if near > far:
                return _MISS
    return near if near > 0.0 else _MISS


@njit(cache=True)
def _ray_cylinder(
    o: NDArray[np.float64], lx: float, ly: float, lz: float, dx: float, dy: float, dz: float, t_max: float
) -> float:
    best = _MISS
    a = dx * dx + dy * dy
    if a > 1e-12:
        b = lx * dx + ly * dy
        disc = b * b - a * (lx * lx + ly * ly - o[3] * o[3])
        if disc < 0.0:
            return _MISS
        t = (-b - math.sqrt(disc)) / a
        if 0.0 < t < t_max and abs(lz + t * dz) <= o[5]:
            best = t
    if abs(dz) > 1e-12:
        t = ((o[5] if dz < 0.0 else -o[5]) - lz) / dz
        x, y = lx + t * dx, ly + t * dy
        if 0.0 < t < min(best, t_max) and x * x + y * y <= o[3] * o[3]:
            best = t
    return best


@njit(cache=True)
def _ray_cone(
    o: NDArray[np.float64], lx: float, ly: float, lz: float, dx: float, dy: float, dz: float, t_max: float
) -> float:
    best = _MISS
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


@njit(cache=True)
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
                return _MISS
        elif slope < 0.0:
            near = max(near, -distance / slope)
        else:
            far = min(far, -distance / slope)
        if near > far:
            return _MISS
    return near if near > 0.0 else _MISS


@njit(cache=True)
def _trace_torus(
    o: NDArray[np.float64],
    ox: float,
    oy: float,
    oz: float,
    dx: float,
    dy: float,
    dz: float,
    t: float,
    t_max: float,
) -> float:
    """Sphere tracing by the exact distance, from the bounding sphere on."""
    inv = 1.0 / math.sqrt(dx * dx + dy * dy + dz * dz)
    for _ in range(_TORUS_STEPS):
        d = signed_distance(o, ox + t * dx, oy + t * dy, oz + t * dz)
        if d < 1e-3:
            return t if 0.0 < t < t_max else _MISS
        t += d * inv
        if t > t_max:
            return _MISS
    return _MISS


@njit(cache=True)
def ray_scene(
    objects: NDArray[np.float64],
    half_room: NDArray[np.float64],
    ox: float,
    oy: float,
    oz: float,
    dx: float,
    dy: float,
    dz: float,
    t_max: float,
) -> float:
    """Distance along the ray to the first solid, wall, floor or ceiling; at most `t_max`."""
    best = t_max
    if abs(dx) > 1e-12:
        best = min(best, ((half_room[0] if dx > 0.0 else -half_room[0]) - ox) / dx)
    if abs(dy) > 1e-12:
        best = min(best, ((half_room[1] if dy > 0.0 else -half_room[1]) - oy) / dy)
    if abs(dz) > 1e-12:
        best = min(best, ((half_room[2] if dz > 0.0 else 0.0) - oz) / dz)
    for k in range(objects.shape[0]):
        best = min(best, ray_object(objects[k], ox, oy, oz, dx, dy, dz, best))
    return max(best, 0.0)


@njit(cache=True)
def nearest_solid(
    objects: NDArray[np.float64], half_room: NDArray[np.float64], px: float, py: float, pz: float
) -> tuple[float, int]:
    """Distance [m] to the nearest surface and what it is: an object index, -1 wall, -2 floor or ceiling."""
    best, what = min(half_room[0] - abs(px), half_room[1] - abs(py)), -1
    vertical = min(pz, half_room[2] - pz)
    if vertical < best:
        best, what = vertical, -2
    for k in range(objects.shape[0]):
        d = signed_distance(objects[k], px, py, pz)
        if d < best:
            best, what = d, k
    return best, what

"""Compiled distances and rays against the scene's analytic solids.

An object is one row of `sim.scene.OBJECT_COLUMNS`. Points are world frame [m]; ray directions need
not be normalised: distances along a ray are in units of its direction.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from sim.dynamics.compiled import entry
from sim.rays import BOX, CONE, CYLINDER, MISS, PYRAMID, SPHERE, TORUS, ray_object


@entry
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
    best = math.sqrt(dr * dr + base * base) if base > 0.0 else MISS
    t = ((radial - radius) * (-radius) + (z + half_z) * height) / (slant * slant)
    t = min(max(t, 0.0), 1.0)
    er, ez = radial - (radius - t * radius), z - (-half_z + t * height)
    return min(best, math.sqrt(er * er + ez * ez))


@entry
def signed_distance(o: NDArray[np.float64], px: float, py: float, pz: float) -> float:
    """Distance [m] from a point to the surface of object `o`, negative inside."""
    x, y, z = px - o[0], py - o[1], pz - o[2]
    shape = int(o[6])
    if shape == SPHERE:
        return math.sqrt(x * x + y * y + z * z) - o[3]
    if shape == CYLINDER:
        radial, axial = math.sqrt(x * x + y * y) - o[3], abs(z) - o[5]
        outside = math.sqrt(max(radial, 0.0) ** 2 + max(axial, 0.0) ** 2)
        return outside + min(max(radial, axial), 0.0)
    if shape == CONE:
        return _round_cone_distance(math.sqrt(x * x + y * y), z, o[3], o[5])
    bx, by = o[7] * x + o[8] * y, -o[8] * x + o[7] * y
    if shape == BOX:
        dx, dy, dz = abs(bx) - o[3], abs(by) - o[4], abs(z) - o[5]
        outside = math.sqrt(max(dx, 0.0) ** 2 + max(dy, 0.0) ** 2 + max(dz, 0.0) ** 2)
        return outside + min(max(dx, max(dy, dz)), 0.0)
    if shape == TORUS:
        ring = math.sqrt(by * by + z * z) - (o[4] - o[3])
        return math.sqrt(ring * ring + bx * bx) - o[3]
    return _pyramid_distance(max(abs(bx), abs(by)), min(abs(bx), abs(by)), z, o[3], o[5])


@entry
def _pyramid_distance(x: float, y: float, z: float, half: float, half_z: float) -> float:
    """Signed distance to a square pyramid, for a point folded into the octant x >= y >= 0."""
    height = 2.0 * half_z
    slant = math.sqrt(half * half + height * height)
    side = ((x - half) * height + (z + half_z) * half) / slant
    base = -half_z - z
    if side <= 0.0 and base <= 0.0:
        return max(side, base)
    dx, dy = max(x - half, 0.0), max(y - half, 0.0)
    best = math.sqrt(dx * dx + dy * dy + base * base) if base > 0.0 else MISS
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


@entry
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


@entry
def nearest_solid(
    objects: NDArray[np.float64], half_room: NDArray[np.float64], px: float, py: float, pz: float
) -> tuple[float, int]:
    """Distance [m] to the nearest surface and what it is: an object index, -1 wall, -2 floor or ceiling."""
    best, what = min(half_room[0] - abs(px), half_room[1] - abs(py)), -1
    vertical = min(pz, half_room[2] - pz)
    if vertical < best:
        best, what = vertical, -2
    for k in range(objects.shape[0]):
        o = objects[k]
        # only what can be nearer than the best so far is measured
        reach = best + reach_radius(o)
        if reach <= 0.0 or abs(pz - o[2]) - o[5] >= best:
            continue
        if (px - o[0]) ** 2 + (py - o[1]) ** 2 < reach * reach:
            d = signed_distance(o, px, py, pz)
            if d < best:
                best, what = d, k
    return best, what


@entry
def reach_radius(o: NDArray[np.float64]) -> float:
    """Radius [m] of a vertical cylinder around the object: no root, so up to 1.41 times the smallest."""
    shape = int(o[6])
    box = shape == BOX or shape == PYRAMID
    return o[3] + o[4] if box else max(o[3], o[4])

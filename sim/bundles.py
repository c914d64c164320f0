"""Eight rays from one point against a solid at once: branch-free loops that compile to vector instructions.

The formulas are those of `sim.rays`, which says what is computed; here a miss is a selected value.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from sim.dynamics.compiled import kernel
from sim.rays import BOX, CONE, CYLINDER, MISS, PYRAMID, SPHERE

Array = NDArray[np.float64]

LANES = 8
BUNDLE_ROWS = 6
"""Rows of a bundle: the directions' x, y, z, and three of working memory."""

_TINY = 1e-12
_TORUS_STEPS = 4
_TORUS_ROUNDS = 8
_TORUS_GAP = 1e-3  # [m]


@kernel
def cast_bundle(o: Array, ox: float, oy: float, oz: float, rays: Array, t: Array) -> None:
    """Lower `t` (LANES,) to the distances along `rays` (BUNDLE_ROWS, LANES) where object `o` is met."""
    x, y, z = ox - o[0], oy - o[1], oz - o[2]
    shape = int(o[6])
    if shape == SPHERE:
        _sphere(o[3], x, y, z, rays, t)
    elif shape == CYLINDER:
        _cylinder(o[3], o[5], x, y, z, rays, t)
    elif shape == CONE:
        _cone(o[3], o[5], x, y, z, rays, t)
    elif shape == BOX:
        _box(o, o[7] * x + o[8] * y, o[7] * y - o[8] * x, z, rays, t)
    elif shape == PYRAMID:
        _pyramid(o, o[7] * x + o[8] * y, o[7] * y - o[8] * x, z, rays, t)
    else:
        _torus(o, o[7] * x + o[8] * y, o[7] * y - o[8] * x, z, rays, t)


@kernel
def _sphere(radius: float, x: float, y: float, z: float, rays: Array, t: Array) -> None:
    c = x * x + y * y + z * z - radius * radius
    for i in range(t.shape[0]):
        dx, dy, dz = rays[0, i], rays[1, i], rays[2, i]
        dd = dx * dx + dy * dy + dz * dz
        b = x * dx + y * dy + z * dz
        disc = b * b - dd * c
        hit = (-b - math.sqrt(max(disc, 0.0))) / dd
        hit = hit if disc >= 0.0 else MISS
        hit = hit if hit > 0.0 else MISS
        t[i] = min(t[i], hit)


@kernel
def _box(o: Array, x: float, y: float, z: float, rays: Array, t: Array) -> None:
    c, s, hx, hy, hz = o[7], o[8], o[3], o[4], o[5]
    for i in range(t.shape[0]):
        dx, dy, dz = c * rays[0, i] + s * rays[1, i], c * rays[1, i] - s * rays[0, i], rays[2, i]
        dx = dx if abs(dx) > _TINY else _TINY
        dy = dy if abs(dy) > _TINY else _TINY
        dz = dz if abs(dz) > _TINY else _TINY
        ix, iy, iz = 1.0 / dx, 1.0 / dy, 1.0 / dz
        mx, my, mz = -x * ix, -y * iy, -z * iz
        ex, ey, ez = hx * abs(ix), hy * abs(iy), hz * abs(iz)
        near = max(max(mx - ex, my - ey), mz - ez)
        far = min(min(mx + ex, my + ey), mz + ez)
        hit = near if near <= far else MISS
        hit = hit if hit > 0.0 else MISS
        t[i] = min(t[i], hit)


@kernel
def _cylinder(radius: float, half: float, x: float, y: float, z: float, rays: Array, t: Array) -> None:
    r2 = radius * radius
    c = x * x + y * y - r2
    for i in range(t.shape[0]):
        dx, dy, dz = rays[0, i], rays[1, i], rays[2, i]
        dz = dz if abs(dz) > _TINY else _TINY
        a = max(dx * dx + dy * dy, _TINY)
        b = x * dx + y * dy
        disc = b * b - a * c
        side = (-b - math.sqrt(max(disc, 0.0))) / a
        cap = -(z + math.copysign(half, dz)) / dz
        px, py = x + cap * dx, y + cap * dy
        hit = cap if px * px + py * py <= r2 else MISS
        hit = side if abs(z + side * dz) <= half and side > 0.0 else hit
        hit = hit if disc >= 0.0 else MISS
        hit = hit if hit > 0.0 else MISS
        t[i] = min(t[i], hit)


@kernel
def _cone(radius: float, half: float, x: float, y: float, z: float, rays: Array, t: Array) -> None:
    k = (radius / (2.0 * half)) ** 2
    h = half - z  # below the apex
    c = x * x + y * y - k * h * h
    r2 = radius * radius
    for i in range(t.shape[0]):
        dx, dy, dz = rays[0, i], rays[1, i], rays[2, i]
        dz = dz if abs(dz) > _TINY else _TINY
        a = dx * dx + dy * dy - k * dz * dz
        a = a if abs(a) > _TINY else _TINY
        b = x * dx + y * dy + k * h * dz
        disc = b * b - a * c
        root = math.sqrt(max(disc, 0.0))
        one, two = (-b - root) / a, (-b + root) / a
        low, high = min(one, two), max(one, two)
        depth = h - high * dz
        hit = high if high > 0.0 and depth >= 0.0 and depth <= 2.0 * half else MISS
        depth = h - low * dz
        hit = low if low > 0.0 and depth >= 0.0 and depth <= 2.0 * half else hit
        hit = hit if disc >= 0.0 else MISS
        base = -(half + z) / dz
        px, py = x + base * dx, y + base * dy
        base = base if base > 0.0 and px * px + py * py <= r2 else MISS
        t[i] = min(t[i], min(hit, base))


@kernel
def _pyramid(o: Array, x: float, y: float, z: float, rays: Array, t: Array) -> None:
    c, s, half, half_z = o[7], o[8], o[3], o[5]
    height = 2.0 * half_z
    rise = (z + half_z) * half - half * height
    for i in range(t.shape[0]):
        dx = (c * rays[0, i] + s * rays[1, i]) * height
        dy = (c * rays[1, i] - s * rays[0, i]) * height
        dz = rays[2, i]
        near, far = 0.0, MISS
        for face in range(5):
            if face == 4:
                depth, slope = -half_z - z, -dz
            elif face < 2:
                depth = (x if face == 0 else -x) * height + rise
                slope = (dx if face == 0 else -dx) + dz * half
            else:
                depth = (y if face == 2 else -y) * height + rise
                slope = (dy if face == 2 else -dy) + dz * half
            slope = slope if abs(slope) > _TINY else _TINY
            at = -depth / slope
            near = max(near, at if slope < 0.0 else near)
            far = min(far, at if slope > 0.0 else far)
        hit = near if near <= far else MISS
        hit = hit if hit > 0.0 else MISS
        t[i] = min(t[i], hit)


@kernel
def _torus(o: Array, x: float, y: float, z: float, rays: Array, t: Array) -> None:
    """Sphere tracing from the entry into the bounding box to its far side, in metres along each ray."""
    c, s, tube, outer = o[7], o[8], o[3], o[4]
    ring = outer - tube
    at, end, length = rays[3], rays[4], rays[5]
    active = 0.0
    for i in range(t.shape[0]):
        dx, dy, dz = c * rays[0, i] + s * rays[1, i], c * rays[1, i] - s * rays[0, i], rays[2, i]
        long = math.sqrt(dx * dx + dy * dy + dz * dz)
        dx = dx if abs(dx) > _TINY else _TINY
        dy = dy if abs(dy) > _TINY else _TINY
        dz = dz if abs(dz) > _TINY else _TINY
        ix, iy, iz = long / dx, long / dy, long / dz
        mx, my, mz = -x * ix, -y * iy, -z * iz
        ex, ey, ez = tube * abs(ix), outer * abs(iy), outer * abs(iz)
        at[i] = max(max(max(mx - ex, my - ey), mz - ez), 0.0)
        end[i] = min(min(min(mx + ex, my + ey), mz + ez), t[i] * long)
        length[i] = 1.0 / long
        active = max(active, end[i] - at[i])
    for _ in range(_TORUS_ROUNDS):
        if active <= 0.0:
            break
        for _ in range(_TORUS_STEPS):
            active = 0.0
            for i in range(t.shape[0]):
                k = at[i] * length[i]
                dx, dy = c * rays[0, i] + s * rays[1, i], c * rays[1, i] - s * rays[0, i]
                px, py, pz = x + k * dx, y + k * dy, z + k * rays[2, i]
                across = math.sqrt(py * py + pz * pz) - ring
                gap = math.sqrt(across * across + px * px) - tube
                step = gap if (gap > _TORUS_GAP) & (at[i] <= end[i]) else 0.0
                at[i] += step
                active = max(active, step)
    for i in range(t.shape[0]):
        k = at[i] * length[i]
        dx, dy = c * rays[0, i] + s * rays[1, i], c * rays[1, i] - s * rays[0, i]
        px, py, pz = x + k * dx, y + k * dy, z + k * rays[2, i]
        across = math.sqrt(py * py + pz * pz) - ring
        gap = math.sqrt(across * across + px * px) - tube
        hit = k if (gap <= 1.5 * _TORUS_GAP) & (at[i] <= end[i]) & (k > 0.0) else MISS
        t[i] = min(t[i], hit)

"""Rays from one point against a solid, all at once: branch-free loops that compile to vector instructions.

The formulas are those of `sim.rays`, which says what is computed; here a miss is a selected value. Single
precision: twice the rays per instruction, and ranges still good to a tenth of a millimetre. Constants are
float32 too, for one float64 would turn the whole loop into double precision.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from sim.dynamics.compiled import kernel
from sim.rays import BOX, CONE, CYLINDER, MISS, PYRAMID, SPHERE

Array = NDArray[np.float64]
Bundle = NDArray[np.float32]
"""(BUNDLE_ROWS, n) ray directions x, y, z and working memory, n a multiple of LANES."""

LANES = 8
BUNDLE_ROWS = 7
NO_HIT = np.float32(MISS)

_ZERO, _ONE, _TWO = np.float32(0.0), np.float32(1.0), np.float32(2.0)
_TINY = np.float32(1e-9)
_TORUS_STEPS = 4
_TORUS_ROUNDS = 3
_TORUS_GAP = np.float32(1e-3)  # [m]
_TORUS_NEAR = np.float32(3e-3)  # [m], what a grazing ray is still given


@kernel
def cast_bundle(o: Array, ox: float, oy: float, oz: float, rays: Bundle, t: Bundle) -> None:
    """Lower `t` (LANES,) to the distances along `rays` (BUNDLE_ROWS, LANES) where object `o` is met."""
    dx, dy = ox - o[0], oy - o[1]
    z, shape = np.float32(oz - o[2]), int(o[6])
    c, s = np.float32(o[7]), np.float32(o[8])
    hx, hy, hz = np.float32(o[3]), np.float32(o[4]), np.float32(o[5])
    if shape == SPHERE:
        _sphere(hx, np.float32(dx), np.float32(dy), z, rays, t)
    elif shape == CYLINDER:
        _cylinder(hx, hz, np.float32(dx), np.float32(dy), z, rays, t)
    elif shape == CONE:
        _cone(hx, hz, np.float32(dx), np.float32(dy), z, rays, t)
    else:
        x, y = np.float32(o[7] * dx + o[8] * dy), np.float32(o[7] * dy - o[8] * dx)
        if shape == BOX:
            _box(hx, hy, hz, c, s, x, y, z, rays, t)
        elif shape == PYRAMID:
            _pyramid(hx, hz, c, s, x, y, z, rays, t)
        else:
            _torus(hx, hy, c, s, x, y, z, rays, t)


@kernel
def _sphere(radius: float, x: float, y: float, z: float, rays: Bundle, t: Bundle) -> None:
    c = x * x + y * y + z * z - radius * radius
    for i in range(t.shape[0]):
        dx, dy, dz = rays[0, i], rays[1, i], rays[2, i]
        dd = dx * dx + dy * dy + dz * dz
        b = x * dx + y * dy + z * dz
        disc = b * b - dd * c
        hit = (-b - math.sqrt(max(disc, _ZERO))) / dd
        hit = hit if disc >= _ZERO else NO_HIT
        hit = hit if hit > _ZERO else NO_HIT
        t[i] = min(t[i], hit)


@kernel
def _box(
    hx: float, hy: float, hz: float, c: float, s: float, x: float, y: float, z: float, rays: Bundle, t: Bundle
) -> None:
    for i in range(t.shape[0]):
        dx, dy, dz = c * rays[0, i] + s * rays[1, i], c * rays[1, i] - s * rays[0, i], rays[2, i]
        dx = dx if abs(dx) > _TINY else _TINY
        dy = dy if abs(dy) > _TINY else _TINY
        dz = dz if abs(dz) > _TINY else _TINY
        ix, iy, iz = _ONE / dx, _ONE / dy, _ONE / dz
        mx, my, mz = -x * ix, -y * iy, -z * iz
        ex, ey, ez = hx * abs(ix), hy * abs(iy), hz * abs(iz)
        near = max(max(mx - ex, my - ey), mz - ez)
        far = min(min(mx + ex, my + ey), mz + ez)
        hit = near if near <= far else NO_HIT
        hit = hit if hit > _ZERO else NO_HIT
        t[i] = min(t[i], hit)


@kernel
def _cylinder(radius: float, half: float, x: float, y: float, z: float, rays: Bundle, t: Bundle) -> None:
    r2 = radius * radius
    c = x * x + y * y - r2
    for i in range(t.shape[0]):
        dx, dy, dz = rays[0, i], rays[1, i], rays[2, i]
        dz = dz if abs(dz) > _TINY else _TINY
        a = max(dx * dx + dy * dy, _TINY)
        b = x * dx + y * dy
        disc = b * b - a * c
        side = (-b - math.sqrt(max(disc, _ZERO))) / a
        cap = -(z + math.copysign(half, dz)) / dz
        px, py = x + cap * dx, y + cap * dy
        hit = cap if px * px + py * py <= r2 else NO_HIT
        hit = side if abs(z + side * dz) <= half and side > _ZERO else hit
        hit = hit if disc >= _ZERO else NO_HIT
        hit = hit if hit > _ZERO else NO_HIT
        t[i] = min(t[i], hit)


@kernel
def _cone(radius: float, half: float, x: float, y: float, z: float, rays: Bundle, t: Bundle) -> None:
    k = (radius / (_TWO * half)) * (radius / (_TWO * half))
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
        root = math.sqrt(max(disc, _ZERO))
        one, two = (-b - root) / a, (-b + root) / a
        low, high = min(one, two), max(one, two)
        depth = h - high * dz
        hit = high if high > _ZERO and depth >= _ZERO and depth <= _TWO * half else NO_HIT
        depth = h - low * dz
        hit = low if low > _ZERO and depth >= _ZERO and depth <= _TWO * half else hit
        hit = hit if disc >= _ZERO else NO_HIT
        base = -(half + z) / dz
        px, py = x + base * dx, y + base * dy
        base = base if base > _ZERO and px * px + py * py <= r2 else NO_HIT
        t[i] = min(t[i], min(hit, base))


@kernel
def _pyramid(
    half: float, half_z: float, c: float, s: float, x: float, y: float, z: float, rays: Bundle, t: Bundle
) -> None:
    height = _TWO * half_z
    rise = (z + half_z) * half - half * height
    for i in range(t.shape[0]):
        dx = (c * rays[0, i] + s * rays[1, i]) * height
        dy = (c * rays[1, i] - s * rays[0, i]) * height
        dz = rays[2, i]
        near, far = _ZERO, NO_HIT
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
            near = max(near, at if slope < _ZERO else near)
            far = min(far, at if slope > _ZERO else far)
        hit = near if near <= far else NO_HIT
        hit = hit if hit > _ZERO else NO_HIT
        t[i] = min(t[i], hit)


@kernel
def _torus(
    tube: float, outer: float, c: float, s: float, x: float, y: float, z: float, rays: Bundle, t: Bundle
) -> None:
    """Sphere tracing from the entry into the bounding box to its far side, in metres along each ray."""
    ring = outer - tube
    at, end, length, step = rays[3], rays[4], rays[5], rays[6]
    active = _ZERO
    for i in range(t.shape[0]):
        dx, dy, dz = c * rays[0, i] + s * rays[1, i], c * rays[1, i] - s * rays[0, i], rays[2, i]
        long = math.sqrt(dx * dx + dy * dy + dz * dz)
        dx = dx if abs(dx) > _TINY else _TINY
        dy = dy if abs(dy) > _TINY else _TINY
        dz = dz if abs(dz) > _TINY else _TINY
        ix, iy, iz = long / dx, long / dy, long / dz
        mx, my, mz = -x * ix, -y * iy, -z * iz
        ex, ey, ez = tube * abs(ix), outer * abs(iy), outer * abs(iz)
        at[i] = max(max(max(mx - ex, my - ey), mz - ez), _ZERO)
        end[i] = min(min(min(mx + ex, my + ey), mz + ez), t[i] * long)
        length[i] = _ONE / long
        active = max(active, end[i] - at[i])
    for _ in range(_TORUS_ROUNDS):
        if active <= _ZERO:
            break
        for _ in range(_TORUS_STEPS):
            for i in range(t.shape[0]):
                k = at[i] * length[i]
                dx, dy = c * rays[0, i] + s * rays[1, i], c * rays[1, i] - s * rays[0, i]
                px, py, pz = x + k * dx, y + k * dy, z + k * rays[2, i]
                across = math.sqrt(py * py + pz * pz) - ring
                gap = math.sqrt(across * across + px * px) - tube
                gap = gap if at[i] <= end[i] else _ZERO
                step[i] = gap if gap > _TORUS_GAP else _ZERO
                at[i] = at[i] + step[i]
        active = _ZERO
        for i in range(t.shape[0]):
            active = max(active, step[i])
    for i in range(t.shape[0]):
        k = at[i] * length[i]
        dx, dy = c * rays[0, i] + s * rays[1, i], c * rays[1, i] - s * rays[0, i]
        px, py, pz = x + k * dx, y + k * dy, z + k * rays[2, i]
        across = math.sqrt(py * py + pz * pz) - ring
        gap = math.sqrt(across * across + px * px) - tube
        hit = k if (gap <= _TORUS_NEAR) & (at[i] <= end[i]) & (k > _ZERO) else NO_HIT
        t[i] = min(t[i], hit)

"""The compiled loop over pixels: first hit, texture, point light with shadows."""

from __future__ import annotations

import math

import numpy as np
from numba import njit
from numpy.typing import NDArray

from sim.geometry import ray_object
from sim.render.surfaces import object_surface, room_surface, sample_texture

_MISS = 1e9
_SHADOW = 0.6
"""Share of the lamp's light that still reaches a shadowed point: ceiling panels are wide, walls are pale."""


@njit(cache=True, fastmath=True)
def trace(
    eye: NDArray[np.float64],
    rotation: NDArray[np.float64],
    focal: NDArray[np.float64],
    objects: NDArray[np.float64],
    windows: NDArray[np.int64],
    looks: NDArray[np.float64],
    room: NDArray[np.float64],
    light: NDArray[np.float64],
    atlas: NDArray[np.float32],
    image: NDArray[np.float32],
    segmentation: NDArray[np.int16],
    projected: NDArray[np.int64],
) -> None:
    """Fill `image` (H, W, 3) with radiance (1 is white), `segmentation` (H, W) and `projected` (K,).

    eye       (3,) camera position, world [m]
    rotation  (3, 3) body to world
    focal     (fx, fy, cx, cy) [px]
    objects   (K, 10) rows of `OBJECT_COLUMNS`
    windows   (K, 4) first and past-the-last row and column each object may cover
    looks     (6 + K, 5) rows (r, g, b, texture, texture_scale): room faces, then objects
    room      (half x, half y, height) [m]
    light     (x, y, z, intensity, ambient)
    projected pixels of each object's image as if nothing stood before it
    """
    height, width = segmentation.shape
    count = objects.shape[0]
    ox, oy, oz = eye[0], eye[1], eye[2]
    active = np.empty(count, np.int64)
    projected[:] = 0
    for i in range(height):
        n = 0
        for k in range(count):
            if windows[k, 0] <= i < windows[k, 1]:
                active[n] = k
                n += 1
        up = -(i + 0.5 - focal[3]) / focal[1]
        for j in range(width):
            left = -(j + 0.5 - focal[2]) / focal[0]
            dx = rotation[0, 0] + rotation[0, 1] * left + rotation[0, 2] * up
            dy = rotation[1, 0] + rotation[1, 1] * left + rotation[1, 2] * up
            dz = rotation[2, 0] + rotation[2, 1] * left + rotation[2, 2] * up
            t, wall = _room_hit(ox, oy, oz, dx, dy, dz, room)
            hit = -1
            for a in range(n):
                k = active[a]
                if windows[k, 2] <= j < windows[k, 3]:
                    tk = ray_object(objects[k], ox, oy, oz, dx, dy, dz, _MISS)
                    if tk < _MISS:
                        projected[k] += 1
                        if tk < t:
                            t, hit = tk, k
            px, py, pz = ox + t * dx, oy + t * dy, oz + t * dz
            if hit >= 0:
                nx, ny, nz, u, v = object_surface(objects[hit], px, py, pz)
                look = 6 + hit
            else:
                nx, ny, nz, u, v = room_surface(wall, px, py, pz)
                look = wall
            scale = looks[look, 4]
            tone = sample_texture(atlas, int(looks[look, 3]), u * scale, v * scale)
            tone *= _lit(px, py, pz, nx, ny, nz, hit, objects, light)
            image[i, j, 0] = looks[look, 0] * tone
            image[i, j, 1] = looks[look, 1] * tone
            image[i, j, 2] = looks[look, 2] * tone
            segmentation[i, j] = hit + 1


@njit(cache=True, fastmath=True)
def _room_hit(
    ox: float, oy: float, oz: float, dx: float, dy: float, dz: float, room: NDArray[np.float64]
) -> tuple[float, int]:
    """Distance to the room's face and which: +x, -x, +y, -y, ceiling, floor."""
    t, wall = _MISS, 0
    if abs(dx) > 1e-9:
        t, wall = ((room[0] if dx > 0 else -room[0]) - ox) / dx, (0 if dx > 0 else 1)
    if abs(dy) > 1e-9:
        ty = ((room[1] if dy > 0 else -room[1]) - oy) / dy
        if ty < t:
            t, wall = ty, (2 if dy > 0 else 3)
    if abs(dz) > 1e-9:
        tz = ((room[2] if dz > 0 else 0.0) - oz) / dz
        if tz < t:
            t, wall = tz, (4 if dz > 0 else 5)
    return t, wall


@njit(cache=True, fastmath=True)
def _lit(
    px: float, py: float, pz: float, nx: float, ny: float, nz: float, hit: int,
    objects: NDArray[np.float64], light: NDArray[np.float64],
) -> float:  # fmt: skip
    """Light falling on a point: ambient, a little stronger from above, and the lamp unless shadowed."""
    lx, ly, lz = light[0] - px, light[1] - py, light[2] - pz
    squared = lx * lx + ly * ly + lz * lz
    inv = 1.0 / math.sqrt(squared)
    ambient = light[4] * (0.85 + 0.10 * nz + 0.06 * nx + 0.03 * ny)
    facing = (nx * lx + ny * ly + nz * lz) * inv
    if facing <= 0.0:
        return ambient
    for k in range(objects.shape[0]):
        if k == hit and objects[k, 6] != 4.0:  # of the solids only the torus shades itself
            continue
        if _near_segment(objects[k], px, py, pz, lx, ly, lz, squared) and (
            ray_object(objects[k], px + 4e-3 * nx, py + 4e-3 * ny, pz + 4e-3 * nz, lx, ly, lz, 1.0) < 1.0
        ):
            facing *= _SHADOW
            break
    return ambient + light[3] * facing / (0.4 + 0.25 * squared)


@njit(cache=True, fastmath=True)
def _near_segment(
    o: NDArray[np.float64], px: float, py: float, pz: float, lx: float, ly: float, lz: float, squared: float
) -> bool:
    """Whether the ray toward the lamp passes the object's upright bounding cylinder (radius, height)."""
    bx, by = o[0] - px, o[1] - py
    planar = lx * lx + ly * ly
    along = bx * lx + by * ly
    reach = o[3] * o[3] + o[4] * o[4]
    gap = bx * bx + by * by
    if gap > reach:
        if along <= 0.0 or gap * planar - along * along > reach * planar:
            return False
        if along > planar and (lx - bx) * (lx - bx) + (ly - by) * (ly - by) > reach:
            return False
    return pz < o[2] + o[5] or lz < 0.0

"""The compiled loop over pixels: first hit, texture, point light with shadows."""

from __future__ import annotations

import numpy as np
from numba import njit
from numpy.typing import NDArray

from sim.dynamics.compiled import kernel
from sim.rays import MISS, ray_object
from sim.render.lighting import SECTORS, find_shadows, lit
from sim.render.surfaces import object_surface, room_surface, sample_texture

_STRIP_PX = 18
"""Columns of a row that share one list of the objects they may show."""


@njit(cache=True, fastmath=True, error_model="numpy", nogil=True)
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
    inside_row, inside_strip = np.empty(count, np.int64), np.empty(count, np.int64)
    shades, casts = np.empty(SECTORS, np.int64), np.empty((SECTORS, count), np.int64)
    find_shadows(objects, light, shades, casts)
    projected[:] = 0
    for i in range(height):
        n = 0
        for k in range(count):
            if windows[k, 0] <= i < windows[k, 1]:
                inside_row[n] = k
                n += 1
        up = -(i + 0.5 - focal[3]) / focal[1]
        for first in range(0, width, _STRIP_PX):
            last = min(first + _STRIP_PX, width)
            m = 0
            for a in range(n):
                k = inside_row[a]
                if windows[k, 2] < last and first < windows[k, 3]:
                    inside_strip[m] = k
                    m += 1
            for j in range(first, last):
                left = -(j + 0.5 - focal[2]) / focal[0]
                dx = rotation[0, 0] + rotation[0, 1] * left + rotation[0, 2] * up
                dy = rotation[1, 0] + rotation[1, 1] * left + rotation[1, 2] * up
                dz = rotation[2, 0] + rotation[2, 1] * left + rotation[2, 2] * up
                t, wall = _room_hit(ox, oy, oz, dx, dy, dz, room)
                hit = -1
                for a in range(m):
                    k = inside_strip[a]
                    tk = ray_object(objects[k], ox, oy, oz, dx, dy, dz, MISS)
                    if tk < MISS:
                        projected[k] += 1
                        if tk < t:
                            t, hit = tk, k
                px, py, pz = ox + t * dx, oy + t * dy, oz + t * dz
                if hit >= 0:
                    nx, ny, nz, u, v = object_surface(objects[hit], px, py, pz)
                    look = looks[6 + hit]
                else:
                    nx, ny, nz, u, v = room_surface(wall, px, py, pz)
                    look = looks[wall]
                tone = sample_texture(atlas, int(look[3]), u * look[4], v * look[4])
                tone *= lit(px, py, pz, nx, ny, nz, hit, objects, light, shades, casts)
                image[i, j, 0], image[i, j, 1], image[i, j, 2] = (
                    look[0] * tone,
                    look[1] * tone,
                    look[2] * tone,
                )
                segmentation[i, j] = hit + 1


@kernel
def _room_hit(
    ox: float, oy: float, oz: float, dx: float, dy: float, dz: float, room: NDArray[np.float64]
) -> tuple[float, int]:
    """Distance to the room's face and which: +x, -x, +y, -y, ceiling, floor."""
    t, wall = MISS, 0
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

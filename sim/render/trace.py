"""The compiled loop over pixels: first hit, texture, point light with shadows."""

from __future__ import annotations

import numpy as np
from numba import njit
from numpy.typing import NDArray

from sim.rays import MISS, ray_object
from sim.render.lighting import SECTORS, find_shadows, lit, shade
from sim.render.rows import AMBIENT, DX, DY, DZ, LAMP, ROW, SECTOR, WALL, T, U, V, cast_row, light_row
from sim.render.surfaces import object_surface, room_normal, sample_texture

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
    row = np.empty((len(ROW), width))
    projected[:] = 0
    for i in range(height):
        n = 0
        for k in range(count):
            if windows[k, 0] <= i < windows[k, 1]:
                inside_row[n] = k
                n += 1
        cast_row(-(i + 0.5 - focal[3]) / focal[1], focal, rotation, eye, room, row)
        light_row(eye, light, row)
        for first in range(0, width, _STRIP_PX):
            last = min(first + _STRIP_PX, width)
            m = 0
            for a in range(n):
                k = inside_row[a]
                if windows[k, 2] < last and first < windows[k, 3]:
                    inside_strip[m] = k
                    m += 1
            for j in range(first, last):
                t, hit = row[T, j], -1
                dx, dy, dz = row[DX, j], row[DY, j], row[DZ, j]
                for a in range(m):
                    k = inside_strip[a]
                    tk = ray_object(objects[k], ox, oy, oz, dx, dy, dz, MISS)
                    if tk < MISS:
                        projected[k] += 1
                        if tk < t:
                            t, hit = tk, k
                segmentation[i, j] = hit + 1
                if hit >= 0:
                    px, py, pz = ox + t * dx, oy + t * dy, oz + t * dz
                    nx, ny, nz, u, v = object_surface(objects[hit], px, py, pz)
                    look = looks[6 + hit]
                    tone = lit(px, py, pz, nx, ny, nz, hit, objects, light, shades, casts)
                else:
                    wall, sector, lamp = int(row[WALL, j]), int(row[SECTOR, j]), row[LAMP, j]
                    look, u, v = looks[wall], row[U, j], row[V, j]
                    if shades[sector] > 0 and lamp > 0.0:
                        px, py, pz = ox + t * dx, oy + t * dy, oz + t * dz
                        nx, ny, nz = room_normal(wall)
                        lamp *= shade(px, py, pz, nx, ny, nz, -1, sector, objects, light, shades, casts)
                    tone = row[AMBIENT, j] + lamp
                tone *= sample_texture(atlas, int(look[3]), u * look[4], v * look[4])
                for c in range(3):
                    image[i, j, c] = look[c] * tone

"""A row of pixels at a time, without branches, so that the compiler computes several pixels at once."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from sim.dynamics.compiled import kernel
from sim.render.lighting import SECTORS

Array = NDArray[np.float64]

ROW = ("dx", "dy", "dz", "t", "wall", "ambient", "lamp", "sector", "u", "v")
DX, DY, DZ, T, WALL, AMBIENT, LAMP, SECTOR, U, V = range(len(ROW))
"""Rows of the scratch (len(ROW), W): the ray's direction, the distance to the room along it, which face
that is, its light with and without shadow, the direction from the lamp, and texture coordinates [m]."""


@kernel
def cast_row(up: float, focal: Array, rotation: Array, eye: Array, room: Array, row: Array) -> None:
    """Aim the row's rays and find the room's face each meets: +x, -x, +y, -y, ceiling, floor."""
    r00, r10, r20 = rotation[0, 0], rotation[1, 0], rotation[2, 0]
    r01, r11, r21 = rotation[0, 1], rotation[1, 1], rotation[2, 1]
    bx, by, bz = r00 + rotation[0, 2] * up, r10 + rotation[1, 2] * up, r20 + rotation[2, 2] * up
    ox, oy, oz = eye[0], eye[1], eye[2]
    hx, hy, hz, fx, cx = room[0], room[1], room[2], focal[0], focal[2]
    for j in range(row.shape[1]):
        left = (cx - 0.5 - j) / fx
        dx, dy, dz = bx + r01 * left, by + r11 * left, bz + r21 * left
        tx = ((hx if dx > 0.0 else -hx) - ox) / (dx if abs(dx) > 1e-9 else 1e-9)
        ty = ((hy if dy > 0.0 else -hy) - oy) / (dy if abs(dy) > 1e-9 else 1e-9)
        tz = ((hz if dz > 0.0 else 0.0) - oz) / (dz if abs(dz) > 1e-9 else 1e-9)
        tx, ty, tz = abs(tx), abs(ty), abs(tz)
        t = min(tx, ty)
        face = (0.0 if dx > 0.0 else 1.0) if tx <= ty else (2.0 if dy > 0.0 else 3.0)
        row[WALL, j] = (4.0 if dz > 0.0 else 5.0) if tz < t else face
        row[T, j] = min(t, tz)
        row[DX, j], row[DY, j], row[DZ, j] = dx, dy, dz


@kernel
def light_row(eye: Array, light: Array, row: Array) -> None:
    """Light the row's points of the room, shadows left out, and find their directions from the lamp."""
    ox, oy, oz = eye[0], eye[1], eye[2]
    sx, sy, sz, strength, ambient = light[0], light[1], light[2], light[3], light[4]
    for j in range(row.shape[1]):
        t, wall = row[T, j], row[WALL, j]
        px, py, pz = ox + t * row[DX, j], oy + t * row[DY, j], oz + t * row[DZ, j]
        nx = (-1.0 if wall == 0.0 else 1.0) if wall < 2.0 else 0.0
        ny = (-1.0 if wall == 2.0 else 1.0) if 2.0 <= wall < 4.0 else 0.0
        nz = (-1.0 if wall == 4.0 else 1.0) if wall >= 4.0 else 0.0
        lx, ly, lz = sx - px, sy - py, sz - pz
        squared = lx * lx + ly * ly + lz * lz
        facing = (nx * lx + ny * ly + nz * lz) / math.sqrt(squared)
        row[AMBIENT, j] = ambient * (0.85 + 0.10 * nz + 0.06 * nx + 0.03 * ny)
        row[LAMP, j] = strength * max(facing, 0.0) / (0.4 + 0.25 * squared)
        turn = -ly / (abs(lx) + abs(ly) + 1e-30)
        turn = 2.0 - turn if lx > 0.0 else (turn + 4.0 if ly > 0.0 else turn)
        row[SECTOR, j] = min(turn * (SECTORS / 4), SECTORS - 1.0)
        row[U, j] = py if wall < 2.0 else px
        row[V, j] = pz if wall < 4.0 else py

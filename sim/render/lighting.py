"""Light falling on a point: ambient, and a lamp whose shadows are looked up by direction."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from sim.dynamics.compiled import kernel
from sim.rays import TORUS, ray_object

SECTORS = 128
"""Directions around the lamp, seen from above."""

_SHADOW = 0.6
"""Share of the lamp's light that still reaches a shadowed point: ceiling panels are wide, walls are pale."""


@kernel
def _sector(x: float, y: float) -> int:
    """Number of the direction (x, y) among `SECTORS`, counter-clockwise, without a trigonometric call."""
    size = abs(x) + abs(y)
    turn = y / size if size > 0.0 else 0.0
    if x < 0.0:
        turn = 2.0 - turn
    elif y < 0.0:
        turn += 4.0
    return min(int(turn * (SECTORS / 4)), SECTORS - 1)


@kernel
def find_shadows(
    objects: NDArray[np.float64],
    light: NDArray[np.float64],
    counts: NDArray[np.int64],
    casts: NDArray[np.int64],
) -> None:
    """List in `casts` (SECTORS, K) the objects that may shadow points of each direction from the lamp."""
    counts[:] = 0
    for k in range(objects.shape[0]):
        o = objects[k]
        x, y = o[0] - light[0], o[1] - light[1]
        reach = math.sqrt(o[3] * o[3] + o[4] * o[4])
        distance = math.sqrt(x * x + y * y)
        first, number = 0, SECTORS
        if distance > 1.001 * reach:
            heading, half = math.atan2(y, x), math.asin(reach / distance)
            first = _sector(math.cos(heading - half), math.sin(heading - half)) - 1
            last = _sector(math.cos(heading + half), math.sin(heading + half)) + 1
            number = min((last - first) % SECTORS + 1, SECTORS)
        for n in range(number):
            sector = (first + n) % SECTORS
            casts[sector, counts[sector]] = k
            counts[sector] += 1


@kernel
def lit(
    px: float, py: float, pz: float, nx: float, ny: float, nz: float, hit: int,
    objects: NDArray[np.float64], light: NDArray[np.float64],
    counts: NDArray[np.int64], casts: NDArray[np.int64],
) -> float:  # fmt: skip
    """Light on a point of object `hit` with normal n: ambient, more from above, the lamp unless shadowed."""
    lx, ly, lz = light[0] - px, light[1] - py, light[2] - pz
    squared = lx * lx + ly * ly + lz * lz
    ambient = light[4] * (0.85 + 0.10 * nz + 0.06 * nx + 0.03 * ny)
    facing = (nx * lx + ny * ly + nz * lz) / math.sqrt(squared)
    if facing <= 0.0:
        return ambient
    lamp = light[3] * facing / (0.4 + 0.25 * squared)
    return ambient + lamp * shade(
        px, py, pz, nx, ny, nz, hit, _sector(-lx, -ly), objects, light, counts, casts
    )


@kernel
def shade(
    px: float, py: float, pz: float, nx: float, ny: float, nz: float, hit: int, sector: int,
    objects: NDArray[np.float64], light: NDArray[np.float64],
    counts: NDArray[np.int64], casts: NDArray[np.int64],
) -> float:  # fmt: skip
    """Share of the lamp's light that reaches a point of object `hit` (-1: the room)."""
    lx, ly, lz = light[0] - px, light[1] - py, light[2] - pz
    squared = lx * lx + ly * ly + lz * lz
    for n in range(counts[sector]):
        k = casts[sector, n]
        if k == hit and objects[k, 6] != TORUS:  # of the solids only the torus shades itself
            continue
        if _near_segment(objects[k], px, py, pz, lx, ly, lz, squared) and (
            ray_object(objects[k], px + 4e-3 * nx, py + 4e-3 * ny, pz + 4e-3 * nz, lx, ly, lz, 1.0) < 1.0
        ):
            return _SHADOW
    return 1.0


@kernel
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

"""How much of a solid's image other solids leave to be seen, and where: decided by a grid of rays."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from sim.batched.scratch import GRID_COLUMNS, GRID_ROWS, OBJECTS, OTHERS, OWN, Scratch
from sim.bundles import BUNDLE_ROWS, NO_HIT, cast_bundle
from sim.dynamics.compiled import kernel

Array = NDArray[np.float64]


@kernel
def visible_part(
    objects: Array, k: int, blockers: int, scratch: Scratch, rot: Array, camera: Array,
    tan_h: float, tan_v: float, u0: float, u1: float, v0: float, v1: float,
) -> tuple[float, float, float, float, float]:  # fmt: skip
    """Return the visible fraction of object `k` inside the window, and the bounds of its visible part.

    The `blockers` are listed in column 7 of the table's object rows. A side of the window that the
    visible part reaches as far as the object itself does stays where it was.
    """
    table, grid, _ = scratch
    cell_u, cell_v = (u1 - u0) / GRID_COLUMNS, (v1 - v0) / GRID_ROWS
    rays, own, others = grid[:BUNDLE_ROWS], grid[OWN], grid[OTHERS]
    _aim(rot, u0, cell_u, v0, cell_v, tan_h, tan_v, rays)
    own[:] = NO_HIT
    others[:] = NO_HIT
    x, y, z = camera[0], camera[1], camera[2]
    cast_bundle(objects[k], x, y, z, rays, own)
    for a in range(blockers):
        cast_bundle(objects[int(table[OBJECTS + a, 7])], x, y, z, rays, others)
    hit, seen = 0, 0
    left, right, top, bottom = GRID_COLUMNS, -1, GRID_ROWS, -1
    all_left, all_right, all_top, all_bottom = GRID_COLUMNS, -1, GRID_ROWS, -1
    for row in range(GRID_ROWS):
        for column in range(GRID_COLUMNS):
            i = row * GRID_COLUMNS + column
            if own[i] < NO_HIT:
                hit += 1
                all_left, all_right = min(all_left, column), max(all_right, column)
                all_top, all_bottom = min(all_top, row), row
                if own[i] <= others[i]:
                    seen += 1
                    left, right = min(left, column), max(right, column)
                    top, bottom = min(top, row), row
    if seen == 0:
        return 0.0, u0, u1, v0, v1
    return (
        seen / hit,
        u0 if left == all_left else u0 + left * cell_u,
        u1 if right == all_right else u0 + (right + 1) * cell_u,
        v0 if top == all_top else v0 + top * cell_v,
        v1 if bottom == all_bottom else v0 + (bottom + 1) * cell_v,
    )


@kernel
def _aim(
    rot: Array, u0: float, cell_u: float, v0: float, cell_v: float, tan_h: float, tan_v: float, rays: Array
) -> None:
    """Point the rays through the middles of the cells, row by row from the corner (u0, v0) of the window."""
    for axis in range(3):
        ray, forward, left, up = rays[axis], rot[axis, 0], rot[axis, 1] * tan_h, rot[axis, 2] * tan_v
        for row in range(GRID_ROWS):
            start = forward - up * (v0 + (row + 0.5) * cell_v)
            for column in range(GRID_COLUMNS):
                ray[row * GRID_COLUMNS + column] = start - left * (u0 + (column + 0.5) * cell_u)

"""How much of a solid's image other solids leave to be seen, and where: decided by a grid of rays."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from sim.batched.scratch import OBJECTS, OTHERS, OWN, RAYS
from sim.bundles import BUNDLE_ROWS, LANES, cast_bundle
from sim.dynamics.compiled import kernel
from sim.rays import MISS

Array = NDArray[np.float64]

ROWS = 4
"""Rows of the grid; its columns are LANES. Upright pillars hide sideways, so that is where it is finer."""


@kernel
def visible_part(
    objects: Array, k: int, blockers: int, scratch: Array, rot: Array, camera: Array,
    tan_h: float, tan_v: float, u0: float, u1: float, v0: float, v1: float,
) -> tuple[float, float, float, float, float]:  # fmt: skip
    """Return the visible fraction of object `k` inside the window, and the bounds of its visible part.

    The `blockers` are listed in column 7 of the scratch's object rows. A side of the window that the
    visible part reaches as far as the object itself does stays where it was.
    """
    cell_u, cell_v = (u1 - u0) / LANES, (v1 - v0) / ROWS
    rays, own, others = scratch[RAYS : RAYS + BUNDLE_ROWS], scratch[OWN], scratch[OTHERS]
    x, y, z = camera[0], camera[1], camera[2]
    hit, seen = 0, 0
    left, right, top, bottom = LANES, -1, ROWS, -1
    all_left, all_right, all_top, all_bottom = LANES, -1, ROWS, -1
    for row in range(ROWS):
        _aim(rot, u0 + 0.5 * cell_u, cell_u, v0 + (row + 0.5) * cell_v, tan_h, tan_v, rays)
        for i in range(own.shape[0]):
            own[i], others[i] = MISS, MISS
        cast_bundle(objects[k], x, y, z, rays, own)
        for a in range(blockers):
            cast_bundle(objects[int(scratch[OBJECTS + a, 7])], x, y, z, rays, others)
        for i in range(LANES):
            if own[i] < MISS:
                hit += 1
                all_left, all_right = min(all_left, i), max(all_right, i)
                all_top, all_bottom = min(all_top, row), row
                if own[i] <= others[i]:
                    seen += 1
                    left, right, top, bottom = min(left, i), max(right, i), min(top, row), row
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
def _aim(rot: Array, u: float, step: float, v: float, tan_h: float, tan_v: float, rays: Array) -> None:
    """Point a bundle of rays through one row of the image at height `v`, `step` apart from `u` on."""
    for axis in range(3):
        start = rot[axis, 0] - rot[axis, 2] * v * tan_v
        side = -rot[axis, 1] * tan_h
        ray = rays[axis]
        for i in range(ray.shape[0]):
            ray[i] = start + side * (u + i * step)

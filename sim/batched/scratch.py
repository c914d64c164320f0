"""The working memory of one thread's kernels: allocated once, written by each drone in turn."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from sim.bundles import BUNDLE_ROWS, LANES
from sim.dynamics.compiled import kernel

Scratch = tuple[NDArray[np.float64], NDArray[np.float32], NDArray[np.float32]]
"""A table for the objects, a bundle for the image's grid, and one for a sensor's cone."""

MAX_OBJECTS = 14
"""Most solids of a room in the batched core."""

GRID_COLUMNS, GRID_ROWS = 8, 4
"""The rays that decide what hides what. Upright pillars hide sideways, so that is where the grid is finer."""

CAMERA, OBJECTS = 0, 1
"""First rows of the table: the camera's place, then one row per object."""

OWN, OTHERS = BUNDLE_ROWS, BUNDLE_ROWS + 1
"""Rows of the bundle past the rays: distances to one object, and to those before it."""


@kernel
def make_scratch(objects: int = MAX_OBJECTS) -> Scratch:
    """Return scratch for rooms of up to `objects` solids: a table (1 + M, 8), and a bundle of rays."""
    return (
        np.empty((OBJECTS + objects, 8)),
        np.empty((BUNDLE_ROWS + 2, GRID_ROWS * GRID_COLUMNS), np.float32),
        np.empty((BUNDLE_ROWS + 2, LANES), np.float32),
    )

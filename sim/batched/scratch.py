"""The working memory of one thread's kernels: allocated once, written by each drone in turn."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from sim.bundles import BUNDLE_ROWS, LANES
from sim.dynamics.compiled import kernel

MAX_OBJECTS = 14
"""Most solids of a room in the batched core."""

CAMERA, RAYS, OWN, OTHERS = 0, 1, 1 + BUNDLE_ROWS, 2 + BUNDLE_ROWS
OBJECTS = 3 + BUNDLE_ROWS
"""First rows: the camera's place, a bundle of rays, two of distances, then one row per object."""


@kernel
def make_scratch(objects: int = MAX_OBJECTS) -> NDArray[np.float64]:
    """Return scratch for rooms of up to `objects` solids."""
    return np.empty((OBJECTS + objects, LANES))

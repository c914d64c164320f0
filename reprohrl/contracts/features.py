"""`ObjectFeatures`: per goal class, what the policies see. Produced by the tracker."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import IntEnum

import numpy as np
from numpy.typing import NDArray

from reprohrl.contracts.state import DroneState
from reprohrl.contracts.vocabulary import NUM_GOALS


class F(IntEnum):
    """Columns of `ObjectFeatures.values`.

    Image columns are zero when the object is not visible in this frame; memory columns keep what
    was last known, carried along by the drone's own motion.
    """

    VISIBLE = 0  # 1 when detected in this frame, else 0
    CX = 1  # box centre, -1 (left edge) .. 1 (right edge)
    CY = 2  # box centre, -1 (top edge) .. 1 (bottom edge)
    W = 3  # box width as a fraction of the image
    H = 4  # box height as a fraction of the image
    SCORE = 5  # detector confidence
    AGE = 6  # seconds since last seen, MAX_AGE_S when never seen
    BEARING = 7  # remembered bearing in the yaw-aligned body frame [rad], left positive
    RANGE = 8  # remembered horizontal distance to the object's centre [m]
    DZ = 9  # remembered height of the object above the drone [m]


NUM_FEATURES = len(F)
MAX_AGE_S = 60.0
NUM_SECTORS = 16
"""Sectors of the local obstacle map, 360/16 = 22.5 deg each."""

MAX_SECTOR_M = 2.0
"""A sector with nothing known in it reads this distance."""

NUM_HEADINGS = 12
"""Bins of the looked-at memory, 30 deg each."""


class R(IntEnum):
    """Columns of `ObjectFeatures.routes`: the way round what is known to be solid."""

    BEARING = 0  # of the next waypoint in the yaw-aligned body frame [rad], left positive
    NEXT = 1  # horizontal distance to that waypoint [m]
    LENGTH = 2  # length of the whole way [m], MAX_ROUTE_M when there is none
    AREA = 3  # search and pass: floor there still is to look at [m^2]; 0 when only second looks are left


SEARCH_ROUTE, PASS_ROUTE, HOME_ROUTE = NUM_GOALS, NUM_GOALS + 1, NUM_GOALS + 2
"""Rows of `routes` after those of the goal classes: to floor not looked at yet, to where the map
ends, and to where the flight began."""

NUM_ROUTES = NUM_GOALS + 3
MAX_ROUTE_M = 16.0


def no_routes() -> NDArray[np.float32]:
    """Return `(NUM_ROUTES, 4)` with no way to anything."""
    routes = np.zeros((NUM_ROUTES, len(R)), np.float32)
    routes[:, R.LENGTH] = MAX_ROUTE_M
    return routes


@dataclass(frozen=True, slots=True)
class ObjectFeatures:
    """Everything the policies may look at, derived from one frame and the state it was taken in.

    values   (K, F) float32, rows in `GOAL_CLASSES` order, columns `F`
    sectors  (NUM_SECTORS,) float32 [m]: distance to the nearest remembered solid thing per sector,
             body frame, sector i centred on bearing i * 2 pi / NUM_SECTORS (0 = ahead, left positive)
    looked   (NUM_HEADINGS,) float32 in [0, 1]: how recently each heading was in view
             (1 = now, decaying), body frame, bin 0 ahead, left positive
    state    the drone state the frame was taken in
    stamp    [s], the frame's exposure
    routes   (NUM_ROUTES, 4) float32, rows: each goal class, then search, pass, home; columns `R`
    """

    values: NDArray[np.float32]
    sectors: NDArray[np.float32]
    looked: NDArray[np.float32]
    state: DroneState
    stamp: float
    routes: NDArray[np.float32] = field(default_factory=no_routes)

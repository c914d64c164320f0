"""`Memory`: what the tracker of each drone keeps between frames, as arrays with the drone first."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from reprohrl.contracts.features import MAX_ROUTE_M, NUM_HEADINGS, NUM_ROUTES
from reprohrl.contracts.vocabulary import NUM_GOALS
from reprohrl.perception.compiled import kernel

Array = NDArray[np.float64]

NEVER_S = -1e9
POINTS = 64
"""Points of solid things remembered per drone; the oldest is overwritten."""

CELLS = 80
CELL_M = 0.2
"""The floor map: CELLS x CELLS cells of CELL_M [m] around where the flight began, so 8 m each way."""


class Memory(NamedTuple):
    """Lengths in metres, odom frame; times in seconds. `NEVER_S` where nothing was seen yet."""

    position: Array  # (N, K, 3) of each goal class
    last_seen: Array  # (N, K)
    trust: NDArray[np.int64]  # (N, K) fixes that agreed
    missed: NDArray[np.int64]  # (N, K) frames in which it should have been reported and was not
    points: Array  # (N, POINTS, 3) x, y, stamp of solid things
    look: Array  # (N, NUM_HEADINGS) recency of each heading, odom frame
    pose: Array  # (N, 3) x, y, stamp of the frame before
    origin: Array  # (N, 2) where the flight began: the centre of the floor map
    free: NDArray[np.uint8]  # (N, CELLS, CELLS) 1 where a range sensor looked through
    seen: NDArray[np.uint8]  # (N, CELLS, CELLS) 1 looked at by the camera, 2 looked at from near
    waypoint: Array  # (N, NUM_ROUTES, 2)
    beyond: Array  # (N, NUM_ROUTES) length of the way after the waypoint
    area: Array  # (N, NUM_ROUTES) floor [m^2] a route would show
    target: NDArray[np.int64]  # (N, 2, 2) cells that search and pass are under way to, -1 none
    planned: Array  # (N,) stamp of the last planning
    finished: NDArray[np.int64]  # (N,) plannings in a row that found nowhere left to look
    extent: NDArray[np.int64]  # (N, 4) first and last column and row that are free


def new_memory(batch: int) -> Memory:
    """Return an empty memory of `batch` drones."""
    return Memory(
        np.zeros((batch, NUM_GOALS, 3)),
        np.full((batch, NUM_GOALS), NEVER_S),
        np.zeros((batch, NUM_GOALS), np.int64),
        np.zeros((batch, NUM_GOALS), np.int64),
        np.full((batch, POINTS, 3), NEVER_S),
        np.zeros((batch, NUM_HEADINGS)),
        np.full((batch, 3), NEVER_S),
        np.zeros((batch, 2)),
        np.zeros((batch, CELLS, CELLS), np.uint8),
        np.zeros((batch, CELLS, CELLS), np.uint8),
        np.zeros((batch, NUM_ROUTES, 2)),
        np.full((batch, NUM_ROUTES), MAX_ROUTE_M),
        np.zeros((batch, NUM_ROUTES)),
        np.full((batch, 2, 2), -1, np.int64),
        np.full(batch, NEVER_S),
        np.zeros(batch, np.int64),
        np.tile([CELLS, 0, CELLS, 0], (batch, 1)),
    )


@kernel
def forget(m: Memory, i: int) -> None:
    """Empty the memory of drone `i`."""
    m.position[i] = 0.0
    m.last_seen[i] = NEVER_S
    m.trust[i] = 0
    m.missed[i] = 0
    m.points[i] = NEVER_S
    m.look[i] = 0.0
    m.pose[i] = NEVER_S
    m.free[i] = 0
    m.seen[i] = 0
    m.waypoint[i] = 0.0
    m.beyond[i] = MAX_ROUTE_M
    m.area[i] = 0.0
    m.target[i] = -1
    m.planned[i] = NEVER_S
    m.finished[i] = 0
    m.extent[i, 0], m.extent[i, 1], m.extent[i, 2], m.extent[i, 3] = CELLS, 0, CELLS, 0

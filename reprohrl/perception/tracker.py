"""`ObjectTracker`: detections and the drone's own motion become `ObjectFeatures`.

The compiled `track` serves one drone in flight and thousands in training alike.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from reprohrl.contracts.camera_model import AI_DECK, CameraModel
from reprohrl.contracts.detection import Detections
from reprohrl.contracts.features import (
    MAX_AGE_S,
    MAX_ROUTE_M,
    MAX_SECTOR_M,
    NUM_FEATURES,
    NUM_HEADINGS,
    NUM_SECTORS,
    F,
    ObjectFeatures,
    R,
    no_routes,
)
from reprohrl.contracts.state import DroneState
from reprohrl.contracts.vocabulary import NUM_GOALS
from reprohrl.perception.bearing import lens_row
from reprohrl.perception.compiled import compiling, kernel
from reprohrl.perception.floor_map import sweep_ranges, sweep_view
from reprohrl.perception.memory import NEVER_S, Memory, forget, new_memory
from reprohrl.perception.objects import see_goals
from reprohrl.perception.obstacles import look, read_sectors, see_solids
from reprohrl.perception.routes import Grid, new_scratch, plan_routes, read_routes

Array = NDArray[np.float64]
Array32 = NDArray[np.float32]


class Views(NamedTuple):
    """What the policies see of each drone; columns as in `ObjectFeatures`."""

    values: Array32  # (N, K, F)
    sectors: Array32  # (N, S)
    looked: Array32  # (N, B)
    routes: Array32  # (N, NUM_ROUTES, 4)


def new_views(batch: int) -> Views:
    """Return what is seen before the first frame: nothing."""
    views = Views(
        np.zeros((batch, NUM_GOALS, NUM_FEATURES), np.float32),
        np.full((batch, NUM_SECTORS), MAX_SECTOR_M, np.float32),
        np.zeros((batch, NUM_HEADINGS), np.float32),
        np.repeat(no_routes()[None], batch, axis=0),
    )
    views.values[..., F.AGE] = MAX_AGE_S
    return views


@kernel
def blank(v: Views, i: int) -> None:
    """Make drone `i` see nothing."""
    v.values[i] = 0.0
    v.values[i, :, F.AGE] = MAX_AGE_S
    v.sectors[i] = MAX_SECTOR_M
    v.looked[i] = 0.0
    v.routes[i] = 0.0
    v.routes[i, :, R.LENGTH] = MAX_ROUTE_M


@kernel
def track(
    m: Memory, v: Views, i: int, dense: Array, pose: Array, height: float, ranges: Array, stamp: float,
    lens: Array, scratch: tuple[Grid, Grid, Grid, Grid],
) -> int:  # fmt: skip
    """Take one frame of drone `i` into its memory and refresh its views.

    dense (D, 6) rows of `DENSE_COLUMNS`; pose (6,): x, y, z [m] odom, roll, pitch, yaw [rad]; height [m];
    ranges (5,) [m]; stamp [s]. Returns the number of floor cells the camera had not looked at before.
    """
    if m.pose[i, 2] <= NEVER_S:
        m.origin[i, 0], m.origin[i, 1] = pose[0], pose[1]
    see_goals(m, i, dense, pose, stamp, lens, v.values[i])
    see_solids(m, i, dense, pose, height, ranges, stamp, lens)
    read_sectors(m, i, pose, stamp, v.sectors[i])
    look(m, i, pose, stamp, lens, v.looked[i])
    sweep_ranges(m, i, pose, ranges)
    new = sweep_view(m, i, pose, lens)
    plan_routes(m, i, pose, stamp, scratch)
    read_routes(m, i, pose, v.routes[i])
    return new


def nothing_seen() -> ObjectFeatures:
    """Return the features before the first frame."""
    v = new_views(1)
    return ObjectFeatures(v.values[0], v.sectors[0], v.looked[0], DroneState(0.0), 0.0, v.routes[0])


class ObjectTracker:
    """Remembers where each goal class was seen, what stands around the drone, where it has looked, and
    the ways between. Positions are kept in the odom frame; one best box per class and frame is used."""

    def __init__(self, camera: CameraModel = AI_DECK) -> None:
        self._lens = lens_row(camera)
        self._memory, self._views = new_memory(1), new_views(1)
        self._scratch = new_scratch()
        with compiling("the perception"):
            self.update(Detections(0.0, ()), DroneState(0.0))
            self.reset()

    def reset(self) -> None:
        """Forget everything."""
        forget(self._memory, 0)

    def update(self, detections: Detections, state: DroneState) -> ObjectFeatures:
        """Take one frame into account. `state` is the state the frame was taken in."""
        track(
            self._memory, self._views, 0, detections.dense().astype(np.float64),
            np.array([*state.position, *state.attitude], np.float64), float(state.height),
            np.array(state.ranges, np.float64), float(state.stamp), self._lens, self._scratch,
        )  # fmt: skip
        v = self._views
        return ObjectFeatures(
            v.values[0].copy(), v.sectors[0].copy(), v.looked[0].copy(), state, detections.stamp,
            v.routes[0].copy(),
        )  # fmt: skip

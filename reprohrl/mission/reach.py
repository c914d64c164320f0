"""When a goal counts as reached, judged from features and the front range alone. Batch first."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from reprohrl.contracts.features import MAX_AGE_S, F
from reprohrl.contracts.state import MAX_RANGE_M, Range

DRONE_RADIUS_M = 0.07
"""Centre to rotor tip: arm 46 mm plus propeller radius 23 mm."""

NOMINAL_RADIUS_M = np.array([0.15, 0.15, 0.12, 0.11, 0.15, 0.18])
"""Typical distance from an object's centre to its side, per goal class."""

REACH_M = 0.40
"""Estimated surface distance that counts as there; the task asks for 0.5 m, the rest is for the estimate."""

HOLD_S = 0.6
"""Time to stay within REACH_M; the task asks for 0.5 s."""

CENTRED_RAD = 0.2
RANGE_AGREES_M = 0.3
FRESH_S = 0.6
"""A goal must be seen this lately to count; near by, detectors confuse classes for some frames."""


def surface_distance(
    values: NDArray[np.float32], ranges: NDArray[np.float64], goal: NDArray[np.int64]
) -> NDArray[np.float64]:
    """Return (N,) estimated distance [m] from the drone's surface to goal `goal` (N,) class ids.

    From the remembered position and the class's nominal radius; where the goal is straight ahead and the
    front range agrees, the range is used instead. Infinite when the goal was never seen.
    """
    row = values[np.arange(len(goal)), goal].astype(np.float64)
    centre = np.hypot(row[:, F.RANGE], row[:, F.DZ])
    estimate = centre - NOMINAL_RADIUS_M[goal] - DRONE_RADIUS_M
    front = ranges[:, Range.FRONT] - DRONE_RADIUS_M
    usable = (
        (np.abs(row[:, F.BEARING]) < CENTRED_RAD)
        & (ranges[:, Range.FRONT] < MAX_RANGE_M)
        & (np.abs(front - estimate) < RANGE_AGREES_M)
        & (np.abs(row[:, F.DZ]) < 0.25)
    )
    known = row[:, F.AGE] < MAX_AGE_S
    return np.where(known, np.where(usable, front, estimate), np.inf)


def is_near(
    values: NDArray[np.float32], ranges: NDArray[np.float64], goal: NDArray[np.int64]
) -> NDArray[np.bool_]:
    """Return (N,) whether the goal was seen within FRESH_S and is nearer than REACH_M."""
    row = values[np.arange(len(goal)), goal]
    return (surface_distance(values, ranges, goal) < REACH_M) & (row[:, F.AGE] < FRESH_S)

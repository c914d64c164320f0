"""One polynomial segment of the high-level commander: 7th degree, at rest at its end."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

_END = np.array([[1, 1, 1, 1], [4, 5, 6, 7], [12, 20, 30, 42], [24, 60, 120, 210]], np.float64)
"""Rows: value, slope, second and third derivative at the end, of the powers 4 to 7."""


@dataclass(frozen=True, slots=True)
class Segment:
    """Position (x, y, z) [m] and yaw [rad] from `start` to `end` in `duration` [s]."""

    coefficients: NDArray[np.float64]  # (8, 4), of time scaled to 0..1
    duration: float
    began: float

    def at(self, now: float) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Return values (4,) and their slopes (4,) per second; the end is held."""
        t = min(max((now - self.began) / self.duration, 0.0), 1.0)
        powers = t ** np.arange(8)
        slopes = np.arange(1, 8) * t ** np.arange(7)
        return powers @ self.coefficients, (slopes @ self.coefficients[1:]) / self.duration

    def finished(self, now: float) -> bool:
        return now - self.began >= self.duration


def segment(
    start: NDArray[np.float64],
    velocity: NDArray[np.float64],
    end: NDArray[np.float64],
    *,
    duration: float,
    now: float,
    linear: bool = False,
) -> Segment:
    """Return the segment from `start` with `velocity` to rest at `end`, all (4,): x, y, z [m], yaw [rad].

    Acceleration and jerk are zero at both ends. `linear` is a straight line in time.
    """
    duration = max(duration, 1e-3)
    low = np.zeros((4, 4))
    low[0], low[1] = start, velocity * duration
    high = np.zeros((4, 4))
    if linear:
        low[1] = end - start
    else:
        high = np.linalg.solve(_END, np.array([end - low[0] - low[1], -low[1], 0 * end, 0 * end]))
    return Segment(np.concatenate([low, high]), duration, now)

"""Short memories around the drone: where solid things are, and where it has looked. Batch first."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from reprohrl.contracts.features import MAX_SECTOR_M, NUM_HEADINGS, NUM_SECTORS
from reprohrl.perception.bearing import wrap_angle

Array = NDArray[np.float64]

POINTS = 64
"""Points remembered per drone; the oldest is overwritten."""

MERGE_M = 0.15
"""A new point this near to a remembered one replaces it."""

MEMORY_S = 12.0
"""Points older than this are ignored: odometry drifts and people move."""

LOOK_FADE_S = 15.0
LOOK_FADE_M = 1.2
"""A look fades with time, and with distance flown since: another place sees other things."""

_RANGE_BEARINGS = np.array([0.0, np.pi, np.pi / 2, -np.pi / 2])


class ObstacleMemory:
    """Points of solid things in the odom frame, read back as distances per sector around the drone."""

    def __init__(self, batch: int) -> None:
        self._x: Array = np.zeros((batch, POINTS))
        self._y: Array = np.zeros((batch, POINTS))
        self._stamp: Array = np.full((batch, POINTS), -np.inf)
        self._rows = np.arange(batch)

    def reset(self, rows: slice | NDArray[np.bool_]) -> None:
        self._stamp[rows] = -np.inf

    def add_ranges(self, position: Array, yaw: Array, ranges: Array, stamp: Array) -> None:
        """Add the four horizontal multi-ranger readings (N, 5) [m] that hit something near."""
        bearing = yaw[:, None] + _RANGE_BEARINGS
        self.add(position, bearing, ranges[:, :4], ranges[:, :4] < MAX_SECTOR_M, stamp)

    def add(
        self, position: Array, heading: Array, distance: Array, usable: NDArray[np.bool_], stamp: Array
    ) -> None:
        """Add points at odom `heading` (N, M) [rad] and `distance` (N, M) [m] where `usable` (N, M)."""
        for j in np.flatnonzero(usable.any(axis=0)):
            rows = np.flatnonzero(usable[:, j])
            d, a = distance[rows, j], heading[rows, j]
            x, y = position[rows, 0] + d * np.cos(a), position[rows, 1] + d * np.sin(a)
            gap = np.maximum(np.abs(self._x[rows] - x[:, None]), np.abs(self._y[rows] - y[:, None]))
            age = self._stamp[rows]
            slot = np.where((gap < MERGE_M) & np.isfinite(age), -np.inf, np.maximum(age, -1e300)).argmin(
                axis=1
            )
            self._x[rows, slot], self._y[rows, slot], self._stamp[rows, slot] = x, y, stamp[rows]

    def sectors(self, position: Array, yaw: Array, stamp: Array) -> Array:
        """Return (N, NUM_SECTORS) distances [m] to the nearest point per body-frame sector."""
        dx, dy = self._x - position[:, :1], self._y - position[:, 1:2]
        distance = np.sqrt(dx * dx + dy * dy)
        fresh = stamp[:, None] - self._stamp < MEMORY_S
        distance = np.where(fresh, np.minimum(distance, MAX_SECTOR_M), MAX_SECTOR_M)
        bearing = wrap_angle(np.arctan2(dy, dx) - yaw[:, None])
        sector = np.rint(bearing * (NUM_SECTORS / (2 * np.pi))).astype(np.int64) % NUM_SECTORS
        out = np.full((len(yaw), NUM_SECTORS), MAX_SECTOR_M)
        np.minimum.at(out, (self._rows[:, None], sector), distance)
        return out


class LookedMemory:
    """How recently each heading was in the camera's view, fading with time and distance."""

    def __init__(self, batch: int, hfov_rad: float) -> None:
        self._look: Array = np.zeros((batch, NUM_HEADINGS))
        self._position: Array = np.zeros((batch, 2))
        self._stamp: Array = np.full(batch, np.nan)
        self._half_view = hfov_rad / 2
        self._headings = np.arange(NUM_HEADINGS) * (2 * np.pi / NUM_HEADINGS)

    def reset(self, rows: slice | NDArray[np.bool_]) -> None:
        self._look[rows] = 0.0
        self._stamp[rows] = np.nan

    def update(self, position: Array, yaw: Array, stamp: Array) -> Array:
        """Fade, mark what is in view now, and return (N, NUM_HEADINGS) in the body frame."""
        first = np.isnan(self._stamp)
        dt = np.where(first, 0.0, stamp - self._stamp)
        moved = np.hypot(*(position[:, :2] - self._position).T)
        moved = np.where(first, 0.0, moved)
        self._look *= np.exp(-dt / LOOK_FADE_S - moved / LOOK_FADE_M)[:, None]
        in_view = np.abs(wrap_angle(self._headings - yaw[:, None])) < self._half_view - 0.1
        self._look[in_view] = 1.0
        self._position, self._stamp = position[:, :2].copy(), stamp.copy()
        shift = np.rint(yaw * (NUM_HEADINGS / (2 * np.pi))).astype(np.int64)
        index = (np.arange(NUM_HEADINGS) + shift[:, None]) % NUM_HEADINGS
        return np.take_along_axis(self._look, index, axis=1)

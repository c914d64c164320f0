"""What flies a batched world, and the plainest thing that does: random actions. Batch first."""

from __future__ import annotations

from typing import Protocol

import numpy as np
from numba import njit
from numpy.typing import NDArray

from reprohrl.mission.reach import surface_distance

Array32 = NDArray[np.float32]


class Senses(Protocol):
    """What an agent may look at: one row per drone, measured on board, never the simulator's truth.

    values (N, K, F), sectors (N, S) [m], looked (N, B), routes (N, R, 4): see `ObjectFeatures`;
    detections (N, M, 6) rows of `DENSE_COLUMNS`; ranges (N, 5) [m]; position, attitude, velocity (N, 3);
    yaw_rate (N,) [rad/s]; goal (N,) class id of the current goal; index, num_legs (N,) goals reached and
    commanded; leg_s, time_s (N,) [s]; action (N, 4) the one before, as fractions of `ACTION_SCALE`.
    """

    batch: int
    values: Array32
    sectors: Array32
    looked: Array32
    routes: Array32
    detections: NDArray[np.float64]
    ranges: NDArray[np.float64]
    position: NDArray[np.float64]
    attitude: NDArray[np.float64]
    velocity: NDArray[np.float64]
    yaw_rate: NDArray[np.float64]
    index: NDArray[np.int64]
    num_legs: NDArray[np.int64]
    leg_s: NDArray[np.float64]
    time_s: NDArray[np.float64]
    action: Array32

    @property
    def goal(self) -> NDArray[np.int64]: ...


class BatchAgent(Protocol):
    """Flies every row of a batched world. What it does in one row depends on that row alone."""

    name: str

    def reset(self, rows: NDArray[np.int64], seeds: NDArray[np.int64] | None = None) -> None:
        """Episodes of these rows begin. `seeds`, one per row, feed whatever is random in the agent."""

    def act(self, world: Senses) -> Array32:
        """Return (N, 4): forward, left, up, yaw rate as fractions of `ACTION_SCALE`."""
        ...


@njit(cache=True)
def surface_distances(
    values: Array32, ranges: NDArray[np.float64], goal: NDArray[np.int64]
) -> NDArray[np.float64]:
    """Return (N,) estimated distances [m] to goals `goal` (N,): `reach.surface_distance` of every row."""
    out = np.empty(len(goal))
    for i in range(len(goal)):
        out[i] = surface_distance(values[i, goal[i]], ranges[i, 0], goal[i])
    return out


class Draws:
    """Random numbers for the rows of a batch; a row's depend on its seed and its ticks alone."""

    def __init__(self, batch: int) -> None:
        self._seeds = np.arange(batch, dtype=np.uint64)
        self._ticks = np.zeros(batch, np.uint64)

    def reset(self, rows: NDArray[np.int64], seeds: NDArray[np.int64] | None = None) -> None:
        """Begin anew in `rows`, with these seeds if given."""
        self._ticks[rows] = 0
        if seeds is not None:
            self._seeds[rows] = np.asarray(seeds).astype(np.uint64)

    def __call__(self, columns: int, *, every: int = 1) -> NDArray[np.float64]:
        """Return (N, columns) in [0, 1), new ones on every `every`-th call."""
        step = self._ticks // np.uint64(every)
        self._ticks += np.uint64(1)
        with np.errstate(over="ignore"):
            key = (self._seeds * np.uint64(1_000_003) + step)[:, None] * np.uint64(columns)
            return _uniform(key + np.arange(columns, dtype=np.uint64))


class RandomAgent:
    """A new uniform action every half second: the floor under every table."""

    name = "random"
    HOLD_TICKS = 5

    def __init__(self, batch: int) -> None:
        self._draws = Draws(batch)

    def reset(self, rows: NDArray[np.int64], seeds: NDArray[np.int64] | None = None) -> None:
        self._draws.reset(rows, seeds)

    def act(self, world: Senses) -> Array32:
        return np.asarray(2.0 * self._draws(4, every=self.HOLD_TICKS) - 1.0, np.float32)


def _uniform(key: NDArray[np.uint64]) -> NDArray[np.float64]:
    """Return numbers in [0, 1) that depend on `key` alone: splitmix64 (Steele et al. 2014)."""
    with np.errstate(over="ignore"):
        z = (key + np.uint64(1)) * np.uint64(0x9E3779B97F4A7C15)
        z = (z ^ (z >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
        z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
        z ^= z >> np.uint64(31)
    return (z >> np.uint64(11)).astype(np.float64) / 2.0**53

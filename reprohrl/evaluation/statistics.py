"""Rates with their intervals, and the numbers of a set of episodes."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Z_95 = 1.959963984540054


@dataclass(frozen=True, slots=True)
class Rate:
    """`successes` of `trials`, with the Wilson 95 % interval [low, high]."""

    successes: int
    trials: int

    @property
    def value(self) -> float:
        return self.successes / self.trials if self.trials else math.nan

    @property
    def interval(self) -> tuple[float, float]:
        return wilson(self.successes, self.trials)

    def __str__(self) -> str:
        if not self.trials:
            return "none"
        low, high = self.interval
        return f"{100 * self.value:.1f} % [{100 * low:.1f}, {100 * high:.1f}]"


def wilson(successes: float, trials: float, z: float = Z_95) -> tuple[float, float]:
    """Return the score interval of Wilson (1927), within [0, 1]; (0, 1) without trials.

    `trials` may be fractional: an effective number of independent trials.
    """
    if trials <= 0:
        return 0.0, 1.0
    p = successes / trials
    centre = p + z * z / (2 * trials)
    spread = z * math.sqrt(p * (1 - p) / trials + z * z / (4 * trials * trials))
    scale = 1 + z * z / trials
    return max(0.0, (centre - spread) / scale), min(1.0, (centre + spread) / scale)


def percentile(values: Sequence[float], q: float) -> float:
    """Return the q-th percentile with linear interpolation; NaN for nothing."""
    if not values:
        return math.nan
    ordered = sorted(values)
    place = (len(ordered) - 1) * q / 100
    low = math.floor(place)
    high = min(low + 1, len(ordered) - 1)
    return ordered[low] + (ordered[high] - ordered[low]) * (place - low)


def mean(values: Sequence[float]) -> float:
    return sum(values) / len(values) if values else math.nan


@dataclass(frozen=True, slots=True)
class PooledRate:
    """The rate of several training seeds on the same test episodes.

    seeds  success rate of each training seed
    trials episodes flown, all seeds together
    effective_trials  independent trials that would be as uncertain: the interval is Wilson's for them
    """

    value: float
    low: float
    high: float
    seeds: tuple[float, ...]
    trials: int
    effective_trials: float

    @property
    def spread(self) -> float:
        """Standard deviation between training seeds; NaN for fewer than two."""
        if len(self.seeds) < 2:
            return math.nan
        centre = mean(self.seeds)
        return math.sqrt(sum((s - centre) ** 2 for s in self.seeds) / (len(self.seeds) - 1))

    def __str__(self) -> str:
        if not self.trials:
            return "none"
        return f"{100 * self.value:.1f} % [{100 * self.low:.1f}, {100 * self.high:.1f}]"


def pooled_rate(runs: Sequence[Sequence[bool]]) -> PooledRate:
    """Pool `runs[s][e]`, success of training seed s at test episode e, the same episodes for every seed.

    Flights of the same episode are not independent, nor are those of the same training seed. The variance
    of the mean is that of the two-way crossed random model without replication (Searle, Casella and
    McCulloch 1992, chapter 5): between episodes, plus between seeds, minus the interaction that both
    contain, never below that of independent flights. It is turned into the number of independent trials
    of the same variance for Wilson's interval, fewer still where few seeds estimate it (Student's t with
    Satterthwaite's degrees of freedom in place of the normal quantile).
    Where all flights agree nothing can be estimated: then each test episode counts once.
    Raises `ValueError` when the seeds flew different numbers of episodes.
    """
    data = np.array([list(run) for run in runs], np.float64) if _alike(runs) else np.zeros((0, 0))
    if not data.size:
        return PooledRate(math.nan, 0.0, 1.0, (), 0, 0.0)
    count, episodes = data.shape
    p = float(data.mean())
    effective = float(episodes)
    if count > 1 and episodes > 1 and 0.0 < p < 1.0:
        variance, freedom = _crossed_variance(data)
        variance = max(variance, p * (1 - p) / data.size)
        effective = min(float(data.size), p * (1 - p) / variance * (Z_95 / student_quantile(freedom)) ** 2)
    low, high = wilson(p * effective, effective)
    seeds = tuple(float(v) for v in data.mean(axis=1))
    return PooledRate(p, low, high, seeds, int(data.size), effective)


def _alike(runs: Sequence[Sequence[bool]]) -> bool:
    if any(len(run) != len(runs[0]) for run in runs):
        raise ValueError("every training seed must have flown the same episodes")
    return bool(runs)


def _crossed_variance(data: NDArray[np.float64]) -> tuple[float, float]:
    """Return the variance of the mean of `data` (S, E) over other seeds and episodes, and its freedom."""
    count, episodes = data.shape
    mean_all, by_seed, by_episode = data.mean(), data.mean(axis=1), data.mean(axis=0)
    rest = data - by_seed[:, None] - by_episode[None, :] + mean_all
    parts = (
        float(((by_seed - mean_all) ** 2).sum()) / (count * (count - 1)),
        float(((by_episode - mean_all) ** 2).sum()) / (episodes * (episodes - 1)),
        -float((rest**2).sum()) / ((count - 1) * (episodes - 1) * data.size),
    )
    freedoms = (count - 1, episodes - 1, (count - 1) * (episodes - 1))
    variance = sum(parts)
    spread = sum(part**2 / freedom for part, freedom in zip(parts, freedoms, strict=True))
    return variance, max(1.0, variance**2 / spread) if spread > 0 else float(episodes - 1)


def student_quantile(freedom: float) -> float:
    """Return the 97.5 % quantile of Student's t by Fisher's expansion; 0.3 % low at 4 degrees of freedom."""
    z, n = Z_95, max(freedom, 3.0)
    return (
        z
        + (z**3 + z) / (4 * n)
        + (5 * z**5 + 16 * z**3 + 3 * z) / (96 * n**2)
        + (3 * z**7 + 19 * z**5 + 17 * z**3 - 15 * z) / (384 * n**3)
    )

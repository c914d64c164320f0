"""Comparing two methods on the same episodes, and what a median is worth."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray


class McNemar(NamedTuple):
    """Paired comparison: episodes only the first solved, only the second solved, and the p-value."""

    only_first: int
    only_second: int
    p_value: float


def mcnemar(first: Sequence[bool], second: Sequence[bool]) -> McNemar:
    """Compare two methods on the same episodes: the exact two-sided McNemar test (McNemar 1947).

    Raises `ValueError` when the sequences differ in length.
    """
    pairs = list(zip(first, second, strict=True))
    b = sum(1 for x, y in pairs if x and not y)
    c = sum(1 for x, y in pairs if y and not x)
    tail = sum(math.comb(b + c, k) for k in range(min(b, c) + 1))
    return McNemar(b, c, min(1.0, 2 * tail / 2 ** (b + c)))


class Interval(NamedTuple):
    """An estimate and the bounds of its confidence interval."""

    value: float
    low: float
    high: float


def median_interval(
    values: Sequence[float] | NDArray[np.float64],
    *,
    confidence: float = 0.95,
    resamples: int = 2000,
    seed: int = 0,
) -> Interval:
    """Return the median with its percentile bootstrap interval (Efron 1979); nan without values."""
    data = np.asarray(values, np.float64)
    if data.size == 0:
        return Interval(math.nan, math.nan, math.nan)
    drawn = np.random.default_rng(seed).choice(data, (resamples, data.size))
    medians = np.median(drawn, axis=1)
    low, high = np.quantile(medians, [0.5 - confidence / 2, 0.5 + confidence / 2])
    return Interval(float(np.median(data)), float(low), float(high))

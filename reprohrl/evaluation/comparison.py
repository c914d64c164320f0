"""Comparing methods on the same episodes: exact and resampled tests, and what a median is worth."""

from __future__ import annotations

import math
from collections.abc import Sequence
from functools import lru_cache
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from reprohrl.evaluation.statistics import wilson

Array = NDArray[np.float64]
RESAMPLES = 4000


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


class Comparison(NamedTuple):
    """The first method's rate minus the second's, with its 95 % interval and two-sided p-value.

    failures_removed  1 - failures of the first / failures of the second; NaN where the second never fails
    """

    difference: Interval
    failures_removed: Interval
    p_value: float
    test: str


def compare(first: Sequence[Sequence[bool]], second: Sequence[Sequence[bool]]) -> Comparison:
    """Compare two methods on the same test episodes; `[s][e]` is training seed s at episode e.

    One seed each: the exact McNemar test. Otherwise a bootstrap that draws episodes (the same for both)
    and training seeds (of each method on its own) again, so that both sources of chance count (the
    pigeonhole bootstrap of Owen 2007). Intervals are always the bootstrap's percentiles.
    Raises `ValueError` when not all runs have the same episodes.
    """
    a, b = np.array(first, np.float64), np.array(second, np.float64)
    if a.ndim != 2 or b.ndim != 2 or a.shape[1] != b.shape[1] or not a.size:
        raise ValueError("both methods need the same episodes")
    rates_a, rates_b = _resampled(a, 1), _resampled(b, 2)
    drawn = rates_a - rates_b
    low, high = np.quantile(drawn, [0.025, 0.975])
    difference = Interval(float(a.mean() - b.mean()), float(low), float(high))
    if len(a) == len(b) == 1:
        p_value = mcnemar([x > 0.5 for x in a[0]], [x > 0.5 for x in b[0]]).p_value
        return Comparison(difference, _removed(a, b, rates_a, rates_b), p_value, "McNemar")
    # A resample that ties counts for both sides; one is added so that p is never zero.
    tail = min(int((drawn <= 0).sum()), int((drawn >= 0).sum()))
    p_value = min(1.0, 2 * (tail + 1) / (len(drawn) + 1))
    return Comparison(difference, _removed(a, b, rates_a, rates_b), p_value, "bootstrap")


def _removed(a: Array, b: Array, rates_a: Array, rates_b: Array) -> Interval:
    """Return the fraction of `b`'s failures that `a` does not have, from the resamples that have any."""
    failures = 1.0 - b.mean()
    if failures <= 0:
        return Interval(math.nan, math.nan, math.nan)
    some = rates_b < 1.0
    drawn = 1.0 - (1.0 - rates_a[some]) / (1.0 - rates_b[some])
    low, high = (float(q) for q in np.quantile(drawn, [0.025, 0.975]))
    if a.all():  # resamples of no failure never fail: bound them by Wilson's limit of the episodes
        low = min(low, 1.0 - (1.0 - wilson(a.shape[1], a.shape[1])[0]) / failures)
    return Interval(float(1.0 - (1.0 - a.mean()) / failures), low, high)


def _resampled(runs: Array, stream: int) -> Array:
    """Return (RESAMPLES,) rates of `runs` (S, E): episodes by shared weights, seeds by `stream`'s own."""
    weights = _episode_weights(runs.shape[1])
    per_seed = weights @ runs.T  # (RESAMPLES, S)
    seeds = len(runs)
    rng = np.random.default_rng([stream, seeds])
    drawn = rng.multinomial(seeds, np.full(seeds, 1.0 / seeds), RESAMPLES) / seeds
    rates: Array = (per_seed * drawn).sum(axis=1)
    return rates


@lru_cache(maxsize=4)
def _episode_weights(episodes: int) -> Array:
    """(RESAMPLES, episodes) shares of each episode in each resample, the same for every method."""
    rng = np.random.default_rng(episodes)
    drawn: Array = rng.multinomial(episodes, np.full(episodes, 1.0 / episodes), RESAMPLES) / episodes
    return drawn


def holm(p_values: Sequence[float]) -> list[float]:
    """Return p-values adjusted for their number by Holm's step-down rule (Holm 1979), in the given order."""
    order = sorted(range(len(p_values)), key=lambda i: p_values[i])
    adjusted = [1.0] * len(p_values)
    worst = 0.0
    for rank, i in enumerate(order):
        worst = max(worst, min(1.0, (len(p_values) - rank) * p_values[i]))
        adjusted[i] = worst
    return adjusted


def median_interval(
    values: Sequence[float] | Array,
    *,
    confidence: float = 0.95,
    resamples: int = 2000,
    seed: int = 0,
) -> Interval:
    """Return the median with its percentile bootstrap interval (Efron 1979); nan without values.

    Past 500 values the interval is the binomial one of the order statistics: the same to a hair, at once.
    """
    data = np.sort(np.asarray(values, np.float64))
    if data.size == 0:
        return Interval(math.nan, math.nan, math.nan)
    tails = [0.5 - confidence / 2, 0.5 + confidence / 2]
    if data.size > 500:
        from statistics import NormalDist

        half = NormalDist().inv_cdf(tails[1]) * math.sqrt(data.size) / 2
        low, high = (data[round(data.size / 2 + sign * half)] for sign in (-1, 1))
    else:
        drawn = np.random.default_rng(seed).choice(data, (resamples, data.size))
        low, high = np.quantile(np.median(drawn, axis=1), tails)
    return Interval(float(np.median(data)), float(low), float(high))

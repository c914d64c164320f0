"""The gap between two ways to fly the same episodes, metric by metric, in pairs."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from reprohrl.evaluation.comparison import Interval, mcnemar
from reprohrl.evaluation.spec import EpisodeResult
from reprohrl.evaluation.statistics import mean, wilson

RESAMPLES = 4000


class Metric(NamedTuple):
    """`of` reads an episode; `succeeded` metrics compare only pairs in which both flights succeeded.

    share  whether it is 0 or 100 % of each episode
    """

    name: str
    unit: str
    of: Callable[[EpisodeResult], float]
    succeeded: bool = False
    digits: int = 2
    share: bool = False


METRICS: tuple[Metric, ...] = (
    Metric("success", "%", lambda r: 100.0 * r.success, digits=1, share=True),
    Metric("progress", "%", lambda r: 100.0 * r.progress, digits=1),
    Metric("SPL", "", lambda r: r.spl),
    Metric("touched something", "%", lambda r: 100.0 * bool(r.contact), digits=1, share=True),
    Metric("time", "s", lambda r: r.duration_s, succeeded=True, digits=1),
    Metric("path", "m", lambda r: r.path_m, succeeded=True),
    Metric("speed", "m/s", lambda r: r.path_m / max(r.duration_s, 1e-9), succeeded=True),
    Metric("changes of option", "", lambda r: float(r.option_switches), succeeded=True, digits=1),
    Metric("ticks the supervisor shaped", "", lambda r: float(r.interventions), succeeded=True, digits=1),
)


@dataclass(frozen=True, slots=True)
class Gap:
    """`other` minus `reference`, with its 95 % interval; means over the pairs compared.

    p_value  exact McNemar test for success; NaN for other metrics
    """

    metric: Metric
    pairs: int
    reference: float
    other: float
    difference: Interval
    p_value: float = math.nan

    def to_dict(self) -> dict[str, object]:
        return {
            "metric": self.metric.name, "unit": self.metric.unit, "pairs": self.pairs,
            "reference": _plain(self.reference), "other": _plain(self.other),
            "gap": _plain(self.difference.value),
            "ci95": [_plain(self.difference.low), _plain(self.difference.high)], "p": _plain(self.p_value),
        }  # fmt: skip


def gaps(reference: Sequence[EpisodeResult], other: Sequence[EpisodeResult]) -> list[Gap]:
    """Compare two sets of flights of the same scenes, paired by seed.

    Raises `ValueError` when they are of different tasks or seeds.
    """
    first, second = _by_seed(reference), _by_seed(other)
    if first.keys() != second.keys():
        odd = sorted(first.keys() ^ second.keys())
        raise ValueError(f"only one of both flew {', '.join(f'{task} {seed}' for task, seed in odd)}")
    pairs = [(first[key], second[key]) for key in sorted(first)]
    return [_gap(metric, pairs) for metric in METRICS]


def _by_seed(results: Sequence[EpisodeResult]) -> Mapping[tuple[str, int], EpisodeResult]:
    return {(r.task, r.seed): r for r in results}


def _gap(metric: Metric, pairs: Sequence[tuple[EpisodeResult, EpisodeResult]]) -> Gap:
    if metric.succeeded:
        pairs = [(a, b) for a, b in pairs if a.success and b.success]
    a = [metric.of(x) for x, _ in pairs]
    b = [metric.of(y) for _, y in pairs]
    p = math.nan
    if metric.name == "success":
        p = mcnemar([x.success for x, _ in pairs], [y.success for _, y in pairs]).p_value
    if metric.share:
        difference = share_interval([v > 0 for v in a], [v > 0 for v in b])
    else:
        difference = mean_interval([y - x for x, y in zip(a, b, strict=True)])
    return Gap(metric, len(pairs), mean(a), mean(b), difference, p)


def share_interval(reference: Sequence[bool], other: Sequence[bool]) -> Interval:
    """Return the difference of two paired shares [%] with its 95 % interval; NaN without pairs.

    Newcombe's hybrid of two Wilson intervals (1998, paired data, method 10): unlike a bootstrap it stays
    wide where all flights agree.
    """
    n = len(reference)
    if n == 0:
        return Interval(math.nan, math.nan, math.nan)
    p1, p2 = sum(other) / n, sum(reference) / n
    low1, high1 = wilson(sum(other), n)
    low2, high2 = wilson(sum(reference), n)
    phi = _phi(reference, other)
    down = (p1 - low1) ** 2 - 2 * phi * (p1 - low1) * (high2 - p2) + (high2 - p2) ** 2
    up = (high1 - p1) ** 2 - 2 * phi * (high1 - p1) * (p2 - low2) + (p2 - low2) ** 2
    gap = p1 - p2
    return Interval(100 * gap, 100 * (gap - math.sqrt(max(down, 0))), 100 * (gap + math.sqrt(max(up, 0))))


def _phi(first: Sequence[bool], second: Sequence[bool]) -> float:
    """Return the correlation of two paired shares as Newcombe corrects it for continuity."""
    pairs = list(zip(first, second, strict=True))
    both, neither = sum(x and y for x, y in pairs), sum(not x and not y for x, y in pairs)
    only1, only2 = sum(x and not y for x, y in pairs), sum(y and not x for x, y in pairs)
    scale = (both + only1) * (only2 + neither) * (both + only2) * (only1 + neither)
    if scale == 0:
        return 0.0
    product = float(both * neither - only1 * only2)
    if product > 0:
        product = max(0.0, product - len(pairs) / 2)
    return product / math.sqrt(scale)


def mean_interval(values: Sequence[float], *, resamples: int = RESAMPLES) -> Interval:
    """Return the mean with its percentile bootstrap interval (Efron 1979); NaN for fewer than two values."""
    data = np.asarray(values, np.float64)
    if data.size < 2:
        return Interval(float(data.mean()) if data.size else math.nan, math.nan, math.nan)
    drawn = np.random.default_rng(data.size).choice(data, (resamples, data.size)).mean(axis=1)
    low, high = np.quantile(drawn, [0.025, 0.975])
    return Interval(float(data.mean()), float(low), float(high))


def _plain(value: float) -> float | None:
    return round(value, 4) if math.isfinite(value) else None

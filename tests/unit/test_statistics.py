"""Rates and intervals against published numbers."""

from __future__ import annotations

import math

import pytest

from reprohrl.evaluation.statistics import Rate, percentile, wilson


@pytest.mark.parametrize(
    ("successes", "trials", "low", "high"),
    [(10, 10, 0.7225, 1.0), (0, 10, 0.0, 0.2775), (50, 100, 0.4038, 0.5962), (49, 50, 0.8950, 0.9965)],
)
def test_wilson_interval_matches_the_published_values(
    successes: int, trials: int, low: float, high: float
) -> None:
    assert wilson(successes, trials) == pytest.approx((low, high), abs=1e-4)


def test_no_trials_leave_the_whole_interval_open() -> None:
    assert wilson(0, 0) == (0.0, 1.0)
    assert str(Rate(0, 0)) == "none"
    assert math.isnan(Rate(0, 0).value)


def test_a_rate_is_printed_with_its_interval() -> None:
    assert str(Rate(49, 50)) == "98.0 % [89.5, 99.6]"


def test_percentile_interpolates() -> None:
    assert percentile([4.0, 1.0, 3.0, 2.0], 50) == 2.5
    assert percentile([5.0], 99) == 5.0

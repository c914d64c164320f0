"""Paired comparisons and medians, against known values."""

from __future__ import annotations

import math

import numpy as np
import pytest

from reprohrl.evaluation.comparison import mcnemar, median_interval


def test_mcnemar_is_the_exact_binomial_test_of_the_discordant_pairs() -> None:
    first = [True] * 10 + [False] * 2 + [True] * 30
    second = [False] * 10 + [True] * 2 + [True] * 30
    result = mcnemar(first, second)
    assert (result.only_first, result.only_second) == (10, 2)
    assert result.p_value == pytest.approx(2 * (1 + 12 + 66) / 4096)
    assert mcnemar([True, False], [True, False]).p_value == 1.0
    with pytest.raises(ValueError, match="zip"):
        mcnemar([True], [])


def test_the_bootstrap_of_the_median_is_repeatable_and_covers() -> None:
    assert median_interval([3.0, 3.0, 3.0]) == (3.0, 3.0, 3.0)
    covered = 0
    for seed in range(100):
        values = np.random.default_rng(seed).normal(5.0, 1.0, 41)
        interval = median_interval(values, resamples=300)
        assert interval == median_interval(values, resamples=300)
        covered += interval.low <= 5.0 <= interval.high
    assert 88 <= covered <= 100
    assert math.isnan(median_interval([]).value)

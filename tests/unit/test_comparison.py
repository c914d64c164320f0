"""Paired comparisons and medians, against known values."""

from __future__ import annotations

import math

import numpy as np
import pytest

from reprohrl.evaluation.comparison import compare, holm, mcnemar, median_interval


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


def test_the_interval_of_a_median_of_many_is_that_of_the_order_statistics() -> None:
    interval = median_interval(np.arange(1001.0))
    assert interval == (500.0, 469.0, 532.0)


def test_single_runs_are_compared_by_mcnemar_and_an_interval_of_the_difference() -> None:
    first = [[True] * 95 + [False] * 5]
    second = [[True] * 80 + [False] * 20]
    result = compare(first, second)
    assert result.test == "McNemar"
    assert result.p_value == pytest.approx(2 / 2**15)
    assert result.difference.value == pytest.approx(0.15)
    # 15 discordant pairs of 100: standard error sqrt(0.15 - 0.15 ** 2) / 10 = 0.0357
    assert result.difference.low == pytest.approx(0.15 - 1.96 * 0.0357, abs=0.015)
    assert result.difference.high == pytest.approx(0.15 + 1.96 * 0.0357, abs=0.015)
    assert result.failures_removed.value == pytest.approx(0.75)
    assert result.failures_removed.low < 0.75 < result.failures_removed.high


def test_training_seeds_are_a_source_of_chance_of_their_own() -> None:
    rng = np.random.default_rng(1)
    same = (rng.random((5, 300)) < 0.9).tolist()
    lucky = [[True] * 300, *[[True] * 240 + [False] * 60] * 4]
    steady = compare(same, (rng.random((5, 300)) < 0.9).tolist())
    unsteady = compare(lucky, same)
    assert steady.p_value > 0.05 and steady.test == "bootstrap"
    assert unsteady.difference.high - unsteady.difference.low > 0.1
    assert compare(lucky, same) == unsteady


def test_a_method_that_never_fails_leaves_no_failures_to_remove() -> None:
    result = compare([[True, False]], [[True, True]])
    assert math.isnan(result.failures_removed.value)
    with pytest.raises(ValueError, match="same episodes"):
        compare([[True]], [[True, False]])


def test_no_failure_in_few_episodes_does_not_prove_that_all_failures_are_gone() -> None:
    removed = compare([[True] * 40], [[True] * 34 + [False] * 6]).failures_removed
    assert removed.value == 1.0
    assert removed.low == pytest.approx(1 - 0.0876 / 0.15, abs=1e-3)


def test_holms_adjustment_matches_a_worked_example() -> None:
    # R: p.adjust(c(0.01, 0.04, 0.03, 0.005), "holm")
    assert holm([0.01, 0.04, 0.03, 0.005]) == pytest.approx([0.03, 0.06, 0.06, 0.02])
    assert holm([0.6, 0.9]) == [1.0, 1.0]
    assert holm([]) == []

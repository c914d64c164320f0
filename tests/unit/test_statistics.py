"""Rates and intervals against published numbers."""

from __future__ import annotations

import math

import numpy as np
import pytest

from reprohrl.evaluation.statistics import Rate, percentile, pooled_rate, student_quantile, wilson


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


def test_one_training_seed_pools_to_the_plain_wilson_interval() -> None:
    pooled = pooled_rate([[True] * 49 + [False]])
    assert (pooled.low, pooled.high) == wilson(49, 50)
    assert pooled.effective_trials == 50
    assert math.isnan(pooled.spread)


def test_training_seeds_that_fail_the_same_episodes_add_no_evidence() -> None:
    run = [True] * 90 + [False] * 10
    pooled = pooled_rate([run] * 5)
    assert pooled.trials == 500
    assert 95 < pooled.effective_trials <= 99
    assert pooled.spread == 0.0


def test_independent_flights_count_for_more_than_unlike_training_seeds() -> None:
    rng = np.random.default_rng(3)
    independent = pooled_rate((rng.random((5, 400)) < 0.8).tolist())
    assert 600 < independent.effective_trials <= 2000
    rates = np.array([0.5, 0.6, 0.7, 0.8, 0.9])
    unlike = pooled_rate((rng.random((5, 400)) < rates[:, None]).tolist())
    assert unlike.effective_trials < 60
    assert unlike.spread == pytest.approx(np.std(unlike.seeds, ddof=1))


@pytest.mark.parametrize(("freedom", "published"), [(4, 2.776), (10, 2.228), (30, 2.042), (999, 1.962)])
def test_the_quantiles_of_students_t_match_the_tables(freedom: int, published: float) -> None:
    assert student_quantile(freedom) == pytest.approx(published, rel=4e-3)


def test_flights_that_all_agree_count_each_test_episode_once() -> None:
    pooled = pooled_rate([[True] * 100] * 5)
    assert (pooled.low, pooled.high) == wilson(100, 100)


def test_seeds_with_other_episodes_are_not_pooled() -> None:
    with pytest.raises(ValueError, match="same episodes"):
        pooled_rate([[True], [True, False]])
    assert pooled_rate([]).trials == 0


def test_the_pooled_interval_covers_what_new_seeds_and_new_episodes_would_give() -> None:
    rng = np.random.default_rng(0)
    covered = 0
    for _ in range(200):
        easy = rng.normal(1.2, 1.0, 100)  # log-odds of each episode
        seeds = rng.normal(0.0, 0.2, 5)
        odds = easy[None, :] + seeds[:, None]
        pooled = pooled_rate((rng.random((5, 100)) < 1 / (1 + np.exp(-odds))).tolist())
        covered += pooled.low <= TRUE_RATE <= pooled.high
    assert 184 <= covered <= 200


# Mean of the logistic of N(1.2, 1.0^2 + 0.2^2), by quadrature.
_NODES, _WEIGHTS = np.polynomial.hermite_e.hermegauss(60)
TRUE_RATE = float((_WEIGHTS / (1 + np.exp(-1.2 - math.sqrt(1.04) * _NODES))).sum() / math.sqrt(2 * math.pi))

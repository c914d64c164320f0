"""Gaps between two ways to fly the same episodes."""

from __future__ import annotations

import json
import math
from pathlib import Path

import pytest

from reprohrl.cli.main import main
from reprohrl.evaluation.gap import gaps, mean_interval, share_interval
from reprohrl.evaluation.judge import Outcome
from reprohrl.evaluation.spec import EpisodeResult


def episode(
    seed: int, *, success: bool = True, duration_s: float = 20.0, path_m: float = 8.0
) -> EpisodeResult:
    outcome = Outcome.SUCCESS if success else Outcome.TIMEOUT
    reached = 3 if success else 1
    return EpisodeResult(
        "MC-3", seed, outcome, 3, reached, True, duration_s, (), path_m, 0.6 if success else 0.0
    )


def test_a_gap_is_the_mean_of_paired_differences() -> None:
    first = [episode(i, duration_s=20.0 + i) for i in range(10)]
    second = [episode(i, duration_s=22.0 + i) for i in reversed(range(10))]  # in any order
    found = {g.metric.name: g for g in gaps(first, second)}
    assert found["time"].difference == (2.0, 2.0, 2.0)  # paired: the spread between scenes is gone
    assert (found["time"].reference, found["time"].other, found["time"].pairs) == (24.5, 26.5, 10)
    assert found["success"].difference.value == 0.0 and found["success"].p_value == 1.0


def test_failures_count_in_success_and_are_left_out_of_the_times() -> None:
    first = [episode(i) for i in range(20)]
    second = [episode(i, success=i >= 6, duration_s=60.0 if i < 6 else 21.0) for i in range(20)]
    found = {g.metric.name: g for g in gaps(first, second)}
    assert found["success"].difference.value == pytest.approx(-30.0)
    low, high = found["success"].difference[1:]
    assert -53.0 < low < -45.0 and -9.0 < high < -5.0
    assert found["success"].p_value == pytest.approx(2 * 0.5**6)
    assert (found["time"].pairs, found["time"].difference.value) == (14, 1.0)


def test_other_seeds_are_no_pairs() -> None:
    with pytest.raises(ValueError, match="only one of both flew MC-3 2"):
        gaps([episode(1), episode(2)], [episode(1)])


def test_an_interval_needs_two_values() -> None:
    assert math.isnan(mean_interval([3.0]).low) and mean_interval([3.0]).value == 3.0
    assert math.isnan(mean_interval([]).value)


def test_an_unknown_way_or_profile_is_answered_in_a_sentence(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["gap", "--ways", "fast,radoi"]) == 2
    assert "there are: fast, bullet, crtp" in capsys.readouterr().err
    assert main(["gap", "--profile", "raido"]) == 2
    assert 'did you mean "radio"?' in capsys.readouterr().err


def test_the_verb_flies_plain_and_over_crtp_and_writes_what_it_prints(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    pytest.importorskip("cflib")
    pytest.importorskip("pybullet")
    file = tmp_path / "gap.json"
    words = ["gap", "--task", "S1", "--episodes", "2", "--ways", "fast,crtp", "--planner", "scripted"]
    assert main([*words, "--navigator", "scripted", "--json", str(file)]) == 0
    said = capsys.readouterr().out
    assert "S1, CRTP, profile radio:" in said and "CRTP against plain simulator" in said
    content = json.loads(file.read_text())
    assert [e["seed"] for e in content["episodes"]["crtp"]] == [0, 1]
    assert {g["metric"] for g in content["gaps"]["crtp"]} >= {"success", "SPL", "time", "path"}
    assert [e["goals_reached"] for e in content["episodes"]["crtp"]] == [1, 1]
    assert [p.name for p in tmp_path.iterdir()] == ["gap.json"]  # no ledger is left behind


def test_flights_that_all_agree_leave_room_for_a_gap() -> None:
    assert share_interval([True] * 20, [True] * 20) == pytest.approx((0.0, -16.11, 16.11), abs=0.01)
    assert math.isnan(share_interval([], []).value)


def test_a_paired_shares_interval_is_the_same_seen_from_either_side() -> None:
    reference = [True] * 36 + [False] * 12 + [True] * 2
    other = [True] * 36 + [True] * 12 + [False] * 2
    value, low, high = share_interval(reference, other)
    assert (value, low, high) == pytest.approx((20.0, 5.69, 34.04), abs=0.01)
    assert share_interval(other, reference) == pytest.approx((-value, -high, -low))


def test_pairs_that_go_together_narrow_the_interval() -> None:
    half = [True] * 30 + [False] * 30
    same, mixed = share_interval(half, half), share_interval(half, half[15:] + half[:15])
    assert same.value == mixed.value == 0.0
    assert same.high - same.low < 0.5 * (mixed.high - mixed.low)

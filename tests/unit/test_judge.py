"""The truth-judge applies the benchmark's rule of success and names each failure."""

from __future__ import annotations

import numpy as np
import pytest

from reprohrl.contracts.vocabulary import GOAL_CLASSES
from reprohrl.evaluation.judge import MissionJudge, Outcome
from reprohrl.evaluation.shortest import shortest_straight_m


def far(**near: float) -> list[float]:
    return [near.get(name, np.inf) for name in GOAL_CLASSES]


def fly(judge: MissionJudge, start: float, end: float, **near: float) -> Outcome:
    outcome = Outcome.RUNNING
    for i in range(round(start * 10), round(end * 10)):
        outcome = judge.update(i / 10, far(**near), None, (i / 100, 0.0, 1.0))
    return outcome


def test_goals_reached_in_order_and_held_are_a_success() -> None:
    judge = MissionJudge((0, 2))
    assert fly(judge, 0, 5) is Outcome.RUNNING
    assert fly(judge, 5, 5.6, sphere=0.5) is Outcome.RUNNING
    assert fly(judge, 5.6, 9.0, sphere=0.2, cone=0.51) is Outcome.RUNNING
    assert fly(judge, 9.0, 9.6, cone=0.4) is Outcome.SUCCESS
    verdict = judge.finish()
    assert verdict.success and verdict.progress == 1.0 and verdict.goals_reached == 2
    assert verdict.leg_times_s == pytest.approx((5.5, 4.0))
    assert verdict.path_m == pytest.approx(0.95)
    assert verdict.spl(0.475) == pytest.approx(0.5) and verdict.spl(2.0) == 1.0


def test_a_goal_passed_too_quickly_or_too_early_does_not_count() -> None:
    judge = MissionJudge((0, 2))
    fly(judge, 0, 3, cone=0.1)
    fly(judge, 3, 3.5, sphere=0.4)
    fly(judge, 3.5, 4, sphere=0.6)
    verdict = judge.finish()
    assert verdict.goals_reached == 0 and verdict.outcome is Outcome.UNFINISHED and verdict.spl(1.0) == 0.0


def test_each_leg_has_its_own_time_limit() -> None:
    judge = MissionJudge((0, 2), time_limit_s=10.0)
    fly(judge, 0, 9.0)
    assert fly(judge, 9.0, 9.6, sphere=0.1) is Outcome.RUNNING
    assert fly(judge, 9.6, 19.5) is Outcome.RUNNING
    assert fly(judge, 19.5, 20.0) is Outcome.TIMEOUT


@pytest.mark.parametrize(
    ("contact", "outcome"),
    [
        ("wall", Outcome.COLLISION_WALL),
        ("ceiling", Outcome.COLLISION_WALL),
        ("floor", Outcome.COLLISION_FLOOR),
        ("obstacle", Outcome.COLLISION_OBSTACLE),
        ("goal:sphere", Outcome.COLLISION_GOAL),
        ("goal:cone", Outcome.WRONG_GOAL),
    ],
)
def test_any_contact_fails_the_mission_for_good(contact: str, outcome: Outcome) -> None:
    judge = MissionJudge((0, 2))
    fly(judge, 0, 1)
    assert judge.update(1.0, far(sphere=0.0), contact) is outcome
    assert fly(judge, 1.1, 3, sphere=0.1, cone=0.1) is outcome
    assert judge.finish().contact == contact


def test_the_shortest_path_stops_short_of_each_goal() -> None:
    assert shortest_straight_m((0, 0, 1), [(3, 0, 1), (3, 4, 0)], 0.6) == pytest.approx(
        2.4 + np.hypot(0.6, 4.0) - 0.6
    )
    assert shortest_straight_m((0, 0, 1), [(0.5, 0, 1)], 0.6) == 0.0


def test_the_shortest_path_to_the_other_room_goes_through_the_doorway() -> None:
    door = ((0.0, 1.0), (0.0, 2.0))
    assert shortest_straight_m((-1, 1.5), [(1, 1.5)], 0.0, [door]) == pytest.approx(2.0)
    assert shortest_straight_m((-1, 0), [(1, 0)], 0.5, [door]) == pytest.approx(2 * np.sqrt(2) - 0.5)
    assert shortest_straight_m((-1, 0), [(-1, -1)], 0.0, [door]) == pytest.approx(1.0)


def search(judge: MissionJudge, until: float, declared_at: float, x_home: float) -> Outcome:
    """Fly off along x at 1 m/s, declare, and be at `x_home` from 2 s later on. No goal is anywhere."""
    outcome = Outcome.RUNNING
    for i in range(round(until * 10)):
        t = i / 10
        x = min(t, 3.0) if t < declared_at + 2.0 else x_home
        outcome = judge.update(t, far(), None, (x, 0.0, 1.0), declared_absent=t >= declared_at)
    return outcome


def test_an_absent_goal_declared_and_the_drone_home_is_a_success() -> None:
    judge = MissionJudge((3,))
    assert search(judge, 21.9, 20.0, 0.4) is Outcome.RUNNING
    assert search(judge, 22.2, 20.0, 0.4) is Outcome.SUCCESS
    verdict = judge.finish()
    assert verdict.declared_s == pytest.approx(20.0) and verdict.progress == 1.0 and verdict.spl(0.0) == 1.0


@pytest.mark.parametrize(
    ("until", "declared_at", "x_home", "outcome"),
    [
        (40.0, 20.0, 0.6, Outcome.RUNNING),
        (51.0, 20.0, 0.6, Outcome.TIMEOUT),
        (61.0, 70.0, 0.0, Outcome.TIMEOUT),
    ],
)
def test_an_absent_goal_has_its_time_limits(
    until: float, declared_at: float, x_home: float, outcome: Outcome
) -> None:
    judge = MissionJudge((3,))
    assert search(judge, until, declared_at, x_home) is outcome
    if outcome is Outcome.RUNNING:
        assert judge.finish().outcome is Outcome.UNFINISHED


def test_declaring_a_goal_absent_that_is_there_is_a_failure() -> None:
    judge = MissionJudge((0, 2))
    fly(judge, 0, 3, sphere=0.3, cone=2.0)
    assert judge.update(3.0, far(cone=2.0), None, declared_absent=True) is Outcome.WRONGLY_ABSENT
    assert judge.finish().goals_reached == 1


def test_a_contact_on_the_way_home_is_a_failure() -> None:
    judge = MissionJudge((3,))
    search(judge, 21.0, 20.0, 0.4)
    assert judge.update(21.5, far(), "wall") is Outcome.COLLISION_WALL


def test_goals_visited_in_another_order_are_counted_apart() -> None:
    judge = MissionJudge((0, 2), time_limit_s=10.0)
    fly(judge, 0, 1, sphere=2.0, cone=0.4)
    fly(judge, 1, 1.3, sphere=0.4, cone=2.0)
    fly(judge, 2, 11, sphere=2.0, cone=2.0)
    verdict = judge.finish()
    assert (verdict.outcome, verdict.goals_reached, verdict.any_order) == (Outcome.TIMEOUT, 0, 1)

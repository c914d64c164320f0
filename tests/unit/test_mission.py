"""Mission progress: goals count only when held near, in order, in time."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from reprohrl.contracts.errors import UserError
from reprohrl.contracts.features import MAX_AGE_S, NUM_FEATURES, NUM_HEADINGS, NUM_SECTORS, F, ObjectFeatures
from reprohrl.contracts.mission import Mission, MissionPhase
from reprohrl.contracts.state import DroneState
from reprohrl.contracts.vocabulary import NUM_GOALS
from reprohrl.mission.tracker import MissionTracker


def features(stamp: float, distances: dict[int, float], front: float = 4.0) -> ObjectFeatures:
    """Goals straight ahead with centres at the given distances [m]."""
    values = np.zeros((NUM_GOALS, NUM_FEATURES), np.float32)
    values[:, F.AGE] = MAX_AGE_S
    for goal, distance in distances.items():
        values[goal, F.AGE], values[goal, F.RANGE], values[goal, F.VISIBLE] = 0.0, distance, 1.0
    state = DroneState(stamp, ranges=(front, 4.0, 4.0, 4.0, 4.0), flying=True)
    return ObjectFeatures(
        values, np.zeros(NUM_SECTORS, np.float32), np.zeros(NUM_HEADINGS, np.float32), state, stamp
    )


def test_goals_are_reached_in_order_after_being_held() -> None:
    tracker = MissionTracker(Mission((0, 2)))
    index = [tracker.update(features(0.1 * t, {0: 0.5, 2: 3.0})).index for t in range(8)]
    assert index == [0, 0, 0, 0, 0, 0, 1, 1]
    for t in range(8, 16):
        status = tracker.update(features(0.1 * t, {2: 0.5}))
    assert status.phase is MissionPhase.SUCCEEDED and status.index == 2 and status.goal == -1


def test_leaving_before_the_hold_is_over_starts_it_again() -> None:
    tracker = MissionTracker(Mission((0,)))
    for t in range(20):
        status = tracker.update(features(0.1 * t, {0: 0.5 if t % 5 else 2.0}))
    assert status.index == 0


def test_the_front_range_overrules_the_box_when_they_agree_roughly() -> None:
    tracker = MissionTracker(Mission((0,)))
    status = tracker.update(features(0.0, {0: 0.75}, front=0.55))
    assert status.goal_range_m == pytest.approx(0.48, abs=0.01)
    status = tracker.update(features(0.1, {0: 2.0}, front=0.55))
    assert status.goal_range_m == pytest.approx(2.0 - 0.15 - 0.07, abs=0.01)


def test_a_leg_that_takes_too_long_fails_with_the_goal_named() -> None:
    tracker = MissionTracker(Mission((3,), time_limit_per_goal_s=5.0))
    for t in range(60):
        status = tracker.update(features(0.1 * t, {}))
    assert status.phase is MissionPhase.FAILED and status.reason == "cylinder not reached within 5 s"


def test_a_pause_stops_the_clock_and_progress() -> None:
    tracker = MissionTracker(Mission((0,), time_limit_per_goal_s=5.0))
    tracker.update(features(0.0, {}))
    tracker.pause(True)
    for t in range(1, 100):
        status = tracker.update(features(0.1 * t, {0: 0.5}))
    assert status.phase is MissionPhase.PAUSED and status.index == 0 and status.elapsed_s == 0
    tracker.pause(False)
    for t in range(100, 108):
        status = tracker.update(features(0.1 * t, {0: 0.5}))
    assert status.phase is MissionPhase.SUCCEEDED


def at(stamp: float, x: float) -> ObjectFeatures:
    """Nothing in sight, the drone at (x, 0)."""
    nothing = features(stamp, {})
    return replace(nothing, state=replace(nothing.state, position=(x, 0.0, 1.0)))


def test_a_goal_given_up_fails_the_mission_once_the_drone_is_home() -> None:
    tracker = MissionTracker(Mission((0, 3)))
    tracker.update(at(0.0, 5.0))  # home is where the first frame was taken
    tracker.update(at(0.1, 7.0))
    tracker.declare_absent()
    status = tracker.update(at(0.2, 6.0))
    assert status.phase is MissionPhase.RETURNING and status.reason == "sphere is not here"
    for t in range(3, 12):
        status = tracker.update(replace(features(0.1 * t, {0: 0.5}), state=at(0.1 * t, 6.0).state))
    assert status.index == 0, "a goal met on the way home does not count"
    status = tracker.update(at(1.5, 5.2))
    assert status.phase is MissionPhase.FAILED and status.reason == "sphere is not here; back home"


def test_the_way_home_has_a_limit() -> None:
    tracker = MissionTracker(Mission((0,)))
    tracker.update(at(0.0, 0.0))
    tracker.declare_absent()
    for t in range(1, 302):
        status = tracker.update(at(0.1 * t, 3.0))
    assert status.phase is MissionPhase.FAILED and status.reason.endswith("not home")


def test_only_an_active_mission_gives_a_goal_up() -> None:
    tracker = MissionTracker(Mission((0,)))
    tracker.pause(True)
    tracker.declare_absent()
    assert tracker.update(at(0.0, 0.0)).phase is MissionPhase.PAUSED
    tracker.cancel()
    tracker.declare_absent()
    assert tracker.update(at(0.1, 0.0)).phase is MissionPhase.CANCELLED


def test_a_goal_remembered_but_not_seen_lately_does_not_count() -> None:
    tracker = MissionTracker(Mission((0,)))
    for t in range(20):
        seen = features(0.1 * t, {0: 0.5})
        seen.values[0, F.AGE] = 1.0
        status = tracker.update(seen)
    assert status.index == 0


def test_a_goal_never_seen_is_infinitely_far() -> None:
    assert MissionTracker(Mission((4,))).update(features(0.0, {})).goal_range_m == float("inf")


def test_cancel_wins_over_later_progress() -> None:
    tracker = MissionTracker(Mission((0,)))
    tracker.cancel()
    for t in range(10):
        status = tracker.update(features(0.1 * t, {0: 0.5}))
    assert status.phase is MissionPhase.CANCELLED and status.index == 0


@pytest.mark.parametrize(("text", "part"), [("spere", 'did you mean "sphere"?'), (" , ", "no goals")])
def test_a_bad_mission_is_refused_with_a_hint(text: str, part: str) -> None:
    with pytest.raises(UserError, match=part.replace("?", r"\?")):
        Mission.parse(text)


def test_a_mission_reads_commas_and_blanks() -> None:
    assert Mission.parse("sphere, cone cube").goals == (0, 2, 1)

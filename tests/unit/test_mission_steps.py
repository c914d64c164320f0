"""Missions beyond goals in order: groups, doorways, waits, ways home, and what ends them early."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from reprohrl.contracts.battery import CHARGE_CURVE_V, HOVER_SAG_V, battery_percent
from reprohrl.contracts.errors import UserError
from reprohrl.contracts.features import (
    HOME_ROUTE,
    MAX_AGE_S,
    NUM_FEATURES,
    NUM_HEADINGS,
    NUM_SECTORS,
    PASS_ROUTE,
    SEARCH_ROUTE,
    F,
    ObjectFeatures,
    R,
    no_routes,
)
from reprohrl.contracts.mission import Mission, MissionPhase, MissionStatus, Option, OptionKind
from reprohrl.contracts.orders import Avoid, Condition, Ending, Quantity, Step, StepKind
from reprohrl.contracts.state import DroneState
from reprohrl.contracts.vocabulary import NUM_GOALS, OBSTACLE_ID
from reprohrl.mission.ordered import ordered_option, report_option
from reprohrl.mission.tracker import PASS_LIMIT_S, RETURN_LIMIT_S, MissionTracker
from sim.dynamics.battery import rest_voltage

SPHERE, CUBE, CONE = 0, 1, 2
NEAR_M = 0.5
VISIT, HOME = Step(StepKind.VISIT), Step(StepKind.RETURN)


class Flight:
    """Feeds a tracker one frame each 0.1 s."""

    def __init__(self, mission: Mission) -> None:
        self.tracker, self.t = MissionTracker(mission), 0.0
        self.status = self.feed()

    def feed(
        self,
        seen: dict[int, float] | None = None,
        *,
        seconds: float = 0.1,
        x: float = 0.0,
        sides: tuple[float, float] = (4.0, 4.0),
        battery: float = 3.7,
        routes: dict[int, float] | None = None,
        floor: float = 0.0,
    ) -> MissionStatus:
        """Goals at the given distances [m] of their centres, all in view, for so many seconds."""
        for _ in range(round(seconds / 0.1)):
            values = np.zeros((NUM_GOALS, NUM_FEATURES), np.float32)
            values[:, F.AGE] = MAX_AGE_S
            for goal, distance in (seen or {}).items():
                values[goal, F.AGE], values[goal, F.RANGE], values[goal, F.VISIBLE] = 0.0, distance, 1.0
            ways = no_routes()
            ways[SEARCH_ROUTE, R.AREA] = floor
            for row, length in (routes or {}).items():
                ways[row, R.LENGTH] = length
            state = DroneState(
                self.t, position=(x, 0.0, 0.8), flying=True, battery_v=battery,
                ranges=(4.0, 4.0, *sides, 4.0),
            )  # fmt: skip
            self.features = ObjectFeatures(
                values, np.full(NUM_SECTORS, 2.0, np.float32), np.zeros(NUM_HEADINGS, np.float32), state,
                self.t, ways,
            )  # fmt: skip
            self.status = self.tracker.update(self.features)
            self.t += 0.1
        return self.status

    def reach(self, goal: int, x: float = 1.0) -> MissionStatus:
        return self.feed({goal: NEAR_M}, seconds=0.8, x=x)

    def option(self) -> Option | None:
        return ordered_option(self.features, self.status)


def test_the_goals_of_a_group_may_be_reached_in_any_order() -> None:
    flight = Flight(Mission((SPHERE, CUBE, CONE), steps=(Step(StepKind.VISIT, 3),)))
    assert flight.status.open == (SPHERE, CUBE, CONE)
    assert flight.reach(CONE).mission.goals == (CONE, SPHERE, CUBE)
    assert flight.status.index == 1 and flight.status.open == (SPHERE, CUBE)
    assert flight.reach(CUBE).mission.goals == (CONE, CUBE, SPHERE)
    assert flight.reach(SPHERE).phase is MissionPhase.SUCCEEDED
    assert flight.status.mission.goals == (CONE, CUBE, SPHERE) and flight.status.open == ()


def test_goals_in_order_are_not_reached_out_of_it_even_after_a_group() -> None:
    flight = Flight(Mission((SPHERE, CUBE, CONE), steps=(Step(StepKind.VISIT, 2), VISIT)))
    assert flight.reach(CONE).index == 0
    flight.reach(CUBE)
    assert flight.status.open == (SPHERE,) and flight.reach(CONE).index == 1


def test_a_planner_chooses_among_the_open_goals_and_no_others() -> None:
    flight = Flight(Mission((SPHERE, CUBE, CONE), steps=(Step(StepKind.VISIT, 2), VISIT)))
    report_option(flight.tracker, Option(OptionKind.SEARCH, CONE), flight.status)
    assert flight.feed().goal == SPHERE
    report_option(flight.tracker, Option(OptionKind.GO_TO, CUBE), flight.status)
    assert flight.feed().goal == CUBE
    assert flight.feed({SPHERE: 3.0}, seconds=1.0).goal == CUBE, "its choice stays although another is seen"


def test_without_a_choice_the_open_goal_that_is_known_comes_first() -> None:
    flight = Flight(Mission((SPHERE, CUBE, CONE), steps=(Step(StepKind.VISIT, 3),)))
    assert flight.feed({CUBE: 3.0, CONE: 2.0}).goal == CONE
    assert flight.feed({CUBE: 2.9, CONE: 3.0}).goal == CONE, "a little nearer is no reason to turn"


def test_a_group_takes_no_longer_than_its_goals_may() -> None:
    flight = Flight(Mission((SPHERE, CUBE), 5.0, steps=(Step(StepKind.VISIT, 2),)))
    for k in range(60):
        flight.tracker.choose((SPHERE, CUBE)[k % 2])
        flight.feed()
    assert flight.status.phase is MissionPhase.FAILED and "not reached within 5 s" in flight.status.reason


def test_the_last_way_home_is_part_of_the_success() -> None:
    flight = Flight(Mission((SPHERE,), steps=(VISIT, HOME)))
    flight.reach(SPHERE)
    assert flight.feed(x=1.0).phase is MissionPhase.RETURNING and not flight.status.absent
    assert flight.option() == Option(OptionKind.RETURN, -1, flight.features.stamp)
    assert flight.feed(x=0.1).phase is MissionPhase.SUCCEEDED
    assert flight.status.reason == "all goals reached; back home"


def test_a_way_home_that_takes_too_long_is_no_success() -> None:
    flight = Flight(Mission((SPHERE,), steps=(VISIT, HOME)))
    flight.reach(SPHERE)
    flight.feed(x=1.0, seconds=RETURN_LIMIT_S + 0.5)
    assert flight.status.phase is MissionPhase.FAILED and flight.status.reason.endswith("not home")


def test_a_way_home_in_between_is_flown_before_the_next_goal() -> None:
    flight = Flight(Mission((SPHERE, CUBE), steps=(VISIT, HOME, VISIT)))
    flight.reach(SPHERE)
    assert flight.feed({CUBE: NEAR_M}, seconds=2.0, x=1.0).index == 1, "the cube does not count on the way"
    flight.feed(x=0.0)
    assert flight.reach(CUBE).phase is MissionPhase.SUCCEEDED


def test_hovering_lasts_as_long_as_asked() -> None:
    flight = Flight(Mission((SPHERE,), steps=(VISIT, Step(StepKind.HOLD, seconds=3.0))))
    flight.reach(SPHERE)
    assert flight.feed(seconds=2.5).phase is MissionPhase.ACTIVE
    option = flight.option()
    assert option is not None and option.kind is OptionKind.HOLD
    assert flight.feed(seconds=0.7).phase is MissionPhase.SUCCEEDED


def test_a_doorway_is_passed_when_a_narrow_place_lies_behind() -> None:
    flight = Flight(Mission((SPHERE,), steps=(Step(StepKind.PASS), VISIT)))
    flight.feed({SPHERE: NEAR_M}, seconds=1.0, routes={PASS_ROUTE: 2.0})
    assert flight.status.index == 0 and flight.status.step is StepKind.PASS
    option = flight.option()
    assert option is not None and option.kind is OptionKind.PASS
    flight.feed(x=1.0, sides=(0.5, 0.5))
    assert flight.feed(x=1.2, floor=3.0).step is StepKind.PASS
    assert flight.feed(x=1.4, floor=3.0).step is StepKind.VISIT


def test_a_gap_in_the_same_room_shows_no_new_floor_and_is_no_doorway() -> None:
    flight = Flight(Mission((SPHERE,), steps=(Step(StepKind.PASS), VISIT)))
    flight.feed(seconds=3.0, floor=3.0)
    flight.feed(x=1.0, sides=(0.5, 0.5), floor=3.0)
    assert flight.feed(x=1.4, seconds=5.0, floor=3.0).step is StepKind.PASS
    assert flight.feed(x=1.6, floor=5.0).step is StepKind.PASS, "it shows too late"
    flight.feed(x=1.6, seconds=PASS_LIMIT_S, floor=5.0)
    assert flight.status.step is StepKind.VISIT, "after a while it is taken for the doorway all the same"


def test_a_long_narrow_stretch_is_no_doorway() -> None:
    flight = Flight(Mission((SPHERE,), steps=(Step(StepKind.PASS), VISIT)))
    for k in range(10):
        flight.feed(x=0.1 * k, sides=(0.5, 0.5))
    assert flight.feed(x=2.0, floor=3.0).step is StepKind.PASS


def test_what_is_found_behind_the_doorway_is_visited_and_what_was_known_before_is_not() -> None:
    flight = Flight(
        Mission(
            (SPHERE,),
            steps=(VISIT, Step(StepKind.PASS), Step(StepKind.FIND)),
            avoid=(Avoid(3),),
        )
    )
    flight.feed({SPHERE: NEAR_M, CUBE: 2.0}, seconds=0.8)
    flight.feed({CUBE: 2.0}, x=1.0, sides=(0.5, 0.5))
    flight.feed({CUBE: 2.0}, x=2.0, floor=3.0)
    assert flight.status.step is StepKind.FIND
    assert flight.feed({CUBE: 2.0, 3: 1.0}, x=2.0).step is StepKind.FIND, "known before, and to be avoided"
    flight.feed({CONE: 2.0}, x=2.0)
    assert flight.feed(x=2.0).goal == CONE and flight.status.mission.goals == (SPHERE, CONE)
    assert flight.reach(CONE).phase is MissionPhase.SUCCEEDED


@pytest.mark.parametrize(
    ("kind", "said"), [(StepKind.PASS, "no doorway was passed"), (StepKind.FIND, "nothing new was found")]
)
def test_a_step_that_comes_to_nothing_fails_with_the_reason(kind: StepKind, said: str) -> None:
    flight = Flight(Mission((), 5.0, steps=(Step(kind),)))
    flight.feed(seconds=5.5)
    assert flight.status.phase is MissionPhase.FAILED and said in flight.status.reason


def test_an_empty_battery_turns_the_drone_home_with_the_reason() -> None:
    limit = Condition(Quantity.BATTERY, 40.0)
    flight = Flight(Mission((SPHERE,), conditions=(limit,)))
    assert flight.feed(seconds=5.0, x=2.0, battery=3.70).phase is MissionPhase.ACTIVE
    flight.feed(seconds=20.0, x=2.0, battery=3.48)
    assert flight.status.phase is MissionPhase.RETURNING and "battery at" in flight.status.reason
    assert "40 %" in flight.status.reason and not flight.status.absent
    flight.feed(x=0.0, battery=3.48)
    assert flight.status.phase is MissionPhase.FAILED and flight.status.reason.endswith("back home")


def test_one_burst_of_thrust_does_not_count_as_an_empty_battery() -> None:
    flight = Flight(Mission((SPHERE,), conditions=(Condition(Quantity.BATTERY, 40.0),)))
    flight.feed(seconds=5.0, x=2.0, battery=3.70)
    assert flight.feed(seconds=0.3, x=2.0, battery=3.30).phase is MissionPhase.ACTIVE


def test_home_by_a_deadline_turns_round_as_much_earlier_as_the_way_takes() -> None:
    turned = {}
    for way in (1.0, 4.0):
        flight = Flight(Mission((SPHERE,), conditions=(Condition(Quantity.TIME, 40.0, by=True),)))
        while flight.status.phase is MissionPhase.ACTIVE:
            flight.feed(x=1.0, routes={HOME_ROUTE: way})
        turned[way] = flight.status.elapsed_s
    assert turned[1.0] == pytest.approx(32.0, abs=0.2) and turned[4.0] == pytest.approx(20.0, abs=0.2)


def test_a_time_limit_that_lands_lands_where_the_drone_is() -> None:
    flight = Flight(Mission((SPHERE,), conditions=(Condition(Quantity.TIME, 10.0, Ending.LAND),)))
    flight.feed(seconds=10.2, x=2.0)
    assert flight.status.phase is MissionPhase.FAILED and "10 s" in flight.status.reason
    option = flight.option()
    assert option is not None and option.kind is OptionKind.LAND


def test_an_endless_round_goes_on_until_its_condition_and_that_is_its_success() -> None:
    mission = Mission((SPHERE, CUBE), conditions=(Condition(Quantity.TIME, 12.0),), repeat=0)
    flight = Flight(mission)
    while flight.status.phase is MissionPhase.ACTIVE:
        flight.reach((SPHERE, CUBE)[flight.status.index % 2])
    reached = flight.status.index
    assert reached >= 8 and flight.status.mission.goals[:reached] == ((SPHERE, CUBE) * 20)[:reached]
    assert flight.feed(x=0.0).phase is MissionPhase.SUCCEEDED


def test_rounds_are_written_out_and_counted() -> None:
    flight = Flight(Mission((SPHERE, CUBE), repeat=3))
    assert flight.status.mission.goals == (SPHERE, CUBE) * 3
    for goal in (SPHERE, CUBE) * 3:
        assert flight.status.phase is MissionPhase.ACTIVE
        flight.reach(goal)
    assert flight.status.phase is MissionPhase.SUCCEEDED and flight.status.index == 6


def test_a_condition_on_the_last_way_home_changes_nothing() -> None:
    flight = Flight(Mission((SPHERE,), steps=(VISIT, HOME), conditions=(Condition(Quantity.TIME, 2.0),)))
    flight.reach(SPHERE)
    flight.feed(x=1.0, seconds=3.0)
    assert flight.feed(x=0.0).phase is MissionPhase.SUCCEEDED


def test_the_plain_form_tells_nothing_new() -> None:
    flight = Flight(Mission((SPHERE, CUBE)))
    assert flight.status.mission is flight.tracker.mission
    assert flight.status == replace(flight.status, step=StepKind.VISIT, others=(), absent=False)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"avoid": (Avoid(SPHERE),)}, "to be visited and to be avoided"),
        ({"avoid": (Avoid(CONE, 9.0),)}, "9 m"),
        ({"avoid": (Avoid(OBSTACLE_ID + 1),)}, "no class 7"),
        ({"conditions": (Condition(Quantity.BATTERY, 130.0),)}, "130 %"),
        ({"conditions": (Condition(Quantity.TIME, -1.0),)}, "-1 s"),
        ({"conditions": (Condition(Quantity.TIME, 9.0), Condition(Quantity.TIME, 8.0))}, "two conditions"),
        ({"repeat": 0}, "never ends"),
        ({"repeat": 1000}, "1000 rounds"),
        ({"steps": (VISIT, VISIT)}, "visit 2 goals, but 1"),
        ({"steps": (VISIT, Step(StepKind.HOLD, seconds=1e9))}, "cannot hover"),
    ],
)
def test_what_cannot_be_flown_is_no_mission(change: dict[str, object], said: str) -> None:
    with pytest.raises(UserError, match=said):
        Mission((SPHERE,), **change)  # type: ignore[arg-type]


def test_battery_percent_undoes_the_simulated_cell() -> None:
    for charge in (0.05, 0.3, 0.55, 0.9):
        rest = float(rest_voltage(charge))
        assert battery_percent(rest, flying=False) == pytest.approx(100 * charge, abs=0.01)
        assert battery_percent(rest - HOVER_SAG_V) == pytest.approx(100 * charge, abs=0.01)
    assert battery_percent(0.0) == 0.0 and battery_percent(9.0) == 100.0
    assert len(CHARGE_CURVE_V) == 11

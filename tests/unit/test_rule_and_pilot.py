"""The plain rule over options, and the pilot that follows the map."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from reprohrl.contracts.command import MAX_VX_MPS, MAX_VY_MPS, MAX_VZ_MPS, MAX_YAW_RATE_RADPS
from reprohrl.contracts.features import HOME_ROUTE, PASS_ROUTE, SEARCH_ROUTE, F, ObjectFeatures
from reprohrl.contracts.mission import Mission, MissionPhase, MissionStatus, Option, OptionKind
from reprohrl.contracts.state import DroneState
from reprohrl.perception.tracker import nothing_seen
from reprohrl.policies.pilot import RouteNavigator, pilot
from reprohrl.policies.registry import make_navigator, make_planner
from reprohrl.policies.rule import RuleSelector
from reprohrl.policies.selector import GIVE_UP_AFTER_S

CONE = 2
STATE = DroneState(0.0, position=(0.0, 0.0, 0.85), height=0.85, flying=True)


def seen(**routes: tuple[float, float, float, float]) -> ObjectFeatures:
    """Features with ways to `search`, `onward` and `home`: bearing, next, length, area."""
    base = nothing_seen()
    rows = {"search": SEARCH_ROUTE, "onward": PASS_ROUTE, "home": HOME_ROUTE, "cone": CONE}
    for name, row in routes.items():
        base.routes[rows[name]] = row
    return ObjectFeatures(base.values, base.sectors, base.looked, STATE, 0.0, base.routes)


def decide(
    features: ObjectFeatures, phase: MissionPhase = MissionPhase.ACTIVE, leg_s: float = GIVE_UP_AFTER_S
) -> Option:
    status = MissionStatus(Mission((CONE,)), 0, phase, 0.0, leg_elapsed_s=leg_s)
    return RuleSelector().decide(features, status)


def cone_at(features: ObjectFeatures, range_m: float, bearing: float = 0.0) -> ObjectFeatures:
    features.values[CONE, [F.AGE, F.RANGE, F.BEARING, F.VISIBLE]] = 0.0, range_m, bearing, 1.0
    return features


def test_a_known_goal_is_flown_to() -> None:
    option = decide(cone_at(seen(search=(0, 1, 1, 5)), 2.0))
    assert (option.kind, option.goal) == (OptionKind.GO_TO, CONE)


def test_floor_worth_looking_at_is_searched_before_the_drone_goes_on() -> None:
    assert decide(seen(search=(0, 1, 1, 5), onward=(0, 1, 3, 1))).kind is OptionKind.SEARCH
    assert decide(seen(search=(0, 1, 1, 0.1), onward=(0, 1, 3, 1))).kind is OptionKind.PASS


def test_only_a_mapped_room_without_floor_left_makes_the_goal_absent() -> None:
    assert decide(seen()).kind is OptionKind.SEARCH, "nothing is mapped yet"
    option = decide(seen(home=(0, 1, 2, 0)))
    assert (option.kind, option.goal) == (OptionKind.RETURN, -1)
    early = decide(seen(home=(0, 1, 2, 0)), leg_s=GIVE_UP_AFTER_S - 1)
    assert early.kind is OptionKind.SEARCH, "too early: it is looked for again"


@pytest.mark.parametrize(
    ("phase", "kind"),
    [
        (MissionPhase.RETURNING, OptionKind.RETURN),
        (MissionPhase.PAUSED, OptionKind.HOLD),
        (MissionPhase.IDLE, OptionKind.HOLD),
        (MissionPhase.FAILED, OptionKind.LAND),
        (MissionPhase.SUCCEEDED, OptionKind.LAND),
        (MissionPhase.CANCELLED, OptionKind.LAND),
    ],
)
def test_what_the_phase_of_the_mission_calls_for(phase: MissionPhase, kind: OptionKind) -> None:
    assert decide(cone_at(seen(), 1.0), phase).kind is kind


def test_the_pilot_turns_to_a_waypoint_beside_it_and_flies_to_one_ahead() -> None:
    fly = RouteNavigator()
    aside = fly.act(seen(search=(1.2, 1.0, 3.0, 2.0)), Option(OptionKind.SEARCH, CONE))
    assert aside.yaw_rate > 1.0 and aside.vx < 0.1
    ahead = fly.act(seen(home=(0.0, 1.0, 3.0, 0.0)), Option(OptionKind.RETURN))
    assert ahead.vx > 0.3 and abs(ahead.yaw_rate) < 1e-6


def test_the_pilot_stops_before_the_goal_and_before_a_wall() -> None:
    fly, go = RouteNavigator(), Option(OptionKind.GO_TO, CONE)
    assert fly.act(cone_at(seen(), 2.0), go).vx > 0.3
    assert abs(fly.act(cone_at(seen(), 0.49), go).vx) < 0.02
    near = seen(home=(0.0, 1.0, 3.0, 0.0))
    blocked = ObjectFeatures(
        near.values, near.sectors, near.looked, DroneState(0.0, ranges=(0.25, 4, 4, 4, 4), height=0.85), 0.0,
        near.routes,
    )  # fmt: skip
    assert fly.act(blocked, Option(OptionKind.RETURN)).vx < 0


@pytest.mark.parametrize(
    "option", [Option(OptionKind.HOLD), Option(OptionKind.LAND), Option(OptionKind.GO_TO)]
)
def test_the_pilot_hovers_when_told_nothing(option: Option) -> None:
    command = RouteNavigator().act(seen(), option)
    assert (command.vx, command.vy, command.vz, command.yaw_rate) == (0, 0, 0, 0)


@given(
    arrays.arrays(np.float32, nothing_seen().values.shape, elements=st.floats(-1e3, 1e3, width=32)),
    arrays.arrays(np.float32, nothing_seen().routes.shape, elements=st.floats(-1e3, 1e3, width=32)),
    arrays.arrays(np.float32, 16, elements=st.floats(0, 2, width=32)),
    arrays.arrays(np.float64, 5, elements=st.floats(0, 4)),
    st.integers(0, 3),
)
@settings(max_examples=150, deadline=None)
def test_no_features_make_a_command_beyond_the_limits(
    values: np.ndarray, routes: np.ndarray, sectors: np.ndarray, ranges: np.ndarray, skill: int
) -> None:
    out = np.zeros(4, np.float32)
    pilot(skill, CONE, values, sectors, routes, ranges, 0.8, out)
    assert np.isfinite(out).all() and np.abs(out).max() <= 1.0


def test_both_are_found_by_name() -> None:
    assert make_planner("rule").name == "rule" and make_navigator("routes").name == "routes"
    command = make_navigator("routes").act(seen(home=(math.pi, 9.0, 9.0, 0.0)), Option(OptionKind.RETURN))
    assert abs(command.vx) <= MAX_VX_MPS and abs(command.vy) <= MAX_VY_MPS
    assert abs(command.vz) <= MAX_VZ_MPS and abs(command.yaw_rate) <= MAX_YAW_RATE_RADPS

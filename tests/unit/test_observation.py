"""What the policies see: every entry where the spec says it is, whatever the features hold."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from reprohrl.contracts.features import MAX_AGE_S, MAX_ROUTE_M, PASS_ROUTE, SEARCH_ROUTE, F, R
from reprohrl.contracts.mission import OptionKind
from reprohrl.contracts.policy_spec import PolicySpec
from reprohrl.contracts.vocabulary import NUM_GOALS
from reprohrl.perception.tracker import nothing_seen
from reprohrl.policies.normalisation import scale_observation
from reprohrl.policies.observation import (
    GO_TO,
    NAVIGATOR_SPEC,
    PASS,
    RETURN,
    SEARCH,
    SELECTOR_SPEC,
    STILL,
    skill_of,
    write_navigator,
    write_selector,
)

CUBE, CONE = 1, 2
Array32 = np.ndarray


def part(spec: PolicySpec, observation: Array32, name: str) -> Array32:
    """Return the entries of one name."""
    at = 0
    for entry in spec.observation:
        if entry.name == name:
            return observation[at : at + entry.size]
        at += entry.size
    raise KeyError(name)


def views() -> tuple[Array32, Array32, Array32, Array32]:
    """A cube 1.5 m ahead and to the left, seen now; a way to it of 2 m, and floor to search."""
    f = nothing_seen()
    f.values[CUBE, [F.VISIBLE, F.CX, F.W, F.H]] = 1.0, -0.3, 0.2, 0.25
    f.values[CUBE, [F.AGE, F.BEARING, F.RANGE, F.DZ]] = 0.0, 0.4, 1.5, -0.1
    f.routes[CUBE] = 0.5, 0.8, 2.0, 0.0
    f.routes[SEARCH_ROUTE] = -1.0, 0.6, 3.0, 4.5
    return f.values, f.sectors, f.looked, f.routes


def navigator(skill: int, goal: int, *, front: float = 4.0) -> Array32:
    out = np.full(NAVIGATOR_SPEC.observation_size, np.nan, np.float32)
    ranges = np.array([front, 3.0, 2.0, 1.0, 1.5])
    previous = np.array([0.1, 0.2, 0.3, 0.4], np.float32)
    write_navigator(skill, goal, *views(), ranges, 0.9, np.array([0.3, 0.0, -0.1]), 0.7, previous, out)
    assert np.isfinite(out).all()
    return out


def test_go_to_shows_the_goal_and_the_way_to_it() -> None:
    seen = navigator(GO_TO, CUBE)
    for name, expected in {
        "skill": [1, 0, 0, 0], "goal_class": [0, 1, 0, 0, 0, 0], "goal_known": [1], "goal_visible": [1],
        "goal_box": [-0.3, 0, 0.2, 0.25], "goal_age": [0], "goal_range": [1.5], "goal_dz": [-0.1],
        "goal_bearing": [math.sin(0.4), math.cos(0.4)], "route_next": [0.8], "route_length": [2.0],
        "route_bearing": [math.sin(0.5), math.cos(0.5)], "ranges": [4, 3, 2, 1, 1.5], "height": [0.9],
        "velocity": [0.3, 0, -0.1], "yaw_rate": [0.7], "previous_action": [0.1, 0.2, 0.3, 0.4],
    }.items():  # fmt: skip
        np.testing.assert_allclose(part(NAVIGATOR_SPEC, seen, name), expected, atol=1e-6, err_msg=name)


def test_a_search_sees_the_way_to_search_and_not_the_goal() -> None:
    seen = navigator(SEARCH, CUBE)
    assert part(NAVIGATOR_SPEC, seen, "goal_known") == 0 and part(NAVIGATOR_SPEC, seen, "goal_range") == 0
    assert part(NAVIGATOR_SPEC, seen, "route_length") == pytest.approx(3.0)
    assert part(NAVIGATOR_SPEC, seen, "route_area") == pytest.approx(4.5)
    assert part(NAVIGATOR_SPEC, navigator(PASS, CUBE), "route_length") == pytest.approx(MAX_ROUTE_M)


def test_a_remembered_object_is_a_solid_unless_it_is_the_goal() -> None:
    free = part(NAVIGATOR_SPEC, navigator(GO_TO, CUBE), "sectors")
    blocked = part(NAVIGATOR_SPEC, navigator(GO_TO, CONE), "sectors")
    assert free.min() == 2.0 and blocked[1] == pytest.approx(1.35, abs=0.01)


def test_on_the_way_home_there_is_no_goal() -> None:
    seen = navigator(RETURN, -1)
    assert part(NAVIGATOR_SPEC, seen, "goal_class").sum() == 0
    assert part(NAVIGATOR_SPEC, seen, "skill").tolist() == [0, 0, 0, 1]


def test_the_selector_sees_goals_ways_and_the_mission() -> None:
    out = np.full(SELECTOR_SPEC.observation_size, np.nan, np.float32)
    values, _, looked, routes = views()
    write_selector(CONE, 3, 12.5, values, looked, routes, 1.25, out)
    assert np.isfinite(out).all()
    for name, expected in {
        "current_goal": [0, 0, 1, 0, 0, 0], "goal_visible": [0, 1, 0, 0, 0, 0], "current_known": [0],
        "goal_known": [0, 1, 0, 0, 0, 0], "goals_left": [3], "leg_elapsed": [12.5], "front_range": [1.25],
        "search_route": [1, 3], "search_area": [4.5], "pass_route": [0, MAX_ROUTE_M],
    }.items():  # fmt: skip
        np.testing.assert_allclose(part(SELECTOR_SPEC, out, name), expected, err_msg=name)
    assert part(SELECTOR_SPEC, out, "goal_route")[CUBE] == 2.0


def test_every_kind_of_option_has_a_skill_or_asks_to_hover() -> None:
    assert [skill_of(k) for k in OptionKind] == [GO_TO, SEARCH, STILL, STILL, PASS, RETURN]


@given(
    arrays.arrays(np.float32, nothing_seen().values.shape, elements=st.floats(-1e3, 1e3, width=32)),
    arrays.arrays(np.float32, nothing_seen().routes.shape, elements=st.floats(-1e3, 1e3, width=32)),
    st.integers(0, 3),
    st.integers(0, NUM_GOALS - 1),
)
@settings(max_examples=100, deadline=None)
def test_no_features_make_an_observation_that_is_not_finite(
    values: Array32, routes: Array32, skill: int, goal: int
) -> None:
    _, sectors, looked, _ = views()
    low = np.zeros((1, NAVIGATOR_SPEC.observation_size), np.float32)
    write_navigator(
        skill, goal, values, sectors, looked, routes, np.full(5, 4.0), 1.0, np.zeros(3), 0.0,
        np.zeros(4, np.float32), low[0],
    )  # fmt: skip
    high = np.zeros((1, SELECTOR_SPEC.observation_size), np.float32)
    write_selector(goal, 1, 0.0, values, looked, routes, 4.0, high[0])
    for spec, raw in ((NAVIGATOR_SPEC, low), (SELECTOR_SPEC, high)):
        scaled = scale_observation(spec, raw)
        assert np.isfinite(scaled).all() and np.abs(scaled).max() <= 10.0


def test_an_age_beyond_memory_reads_as_memory() -> None:
    values, sectors, looked, routes = views()
    values[CUBE, F.AGE] = MAX_AGE_S - 1
    routes[PASS_ROUTE, R.LENGTH] = 5.0
    out = np.zeros(NAVIGATOR_SPEC.observation_size, np.float32)
    write_navigator(
        GO_TO, CUBE, values, sectors, looked, routes, np.full(5, 4.0), 1.0, np.zeros(3), 0.0,
        np.zeros(4, np.float32), out,
    )  # fmt: skip
    assert part(NAVIGATOR_SPEC, out, "goal_age") == 10.0

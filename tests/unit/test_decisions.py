"""Why the option changed, in words; what the navigator sees; what meters make of arrivals."""

from __future__ import annotations

import math

import numpy as np
import pytest

from reprohrl.contracts.features import MAX_AGE_S, F, ObjectFeatures, R
from reprohrl.contracts.mission import Mission, MissionPhase, MissionStatus, Option, OptionKind
from reprohrl.contracts.state import DroneState
from reprohrl.contracts.vocabulary import GOAL_CLASSES
from reprohrl.perception.tracker import nothing_seen
from reprohrl.policies.decision import OPTION_NAMES, DecisionTrail
from reprohrl.policies.observation import NAVIGATOR_SPEC, SELECTOR_ACTIONS
from reprohrl.policies.view import goal_places, observation_of, view_of

SPHERE, CONE = GOAL_CLASSES.index("sphere"), GOAL_CLASSES.index("cone")
MISSION = Mission((SPHERE, CONE))


def status(index: int = 0, phase: MissionPhase = MissionPhase.ACTIVE, **more: float) -> MissionStatus:
    return MissionStatus(MISSION, index, phase, 0.0, **more)  # type: ignore[arg-type]


def scores(**named: float) -> tuple[float, ...]:
    return tuple(named.get(name.replace("go_to ", ""), 0.0) for name in OPTION_NAMES)


def test_a_switch_names_its_cause_its_score_and_the_runner_up() -> None:
    trail = DecisionTrail()
    search = Option(OptionKind.SEARCH, SPHERE, 1.0, scores(search=0.9, sphere=0.1))
    first = trail.update(search, status(), visible=False)
    assert first is not None and first.switched and first.previous is None
    assert first.reason.startswith("the mission begins; sphere is not in view")
    go = Option(OptionKind.GO_TO, SPHERE, 1.5, scores(search=0.2, sphere=0.8))
    second = trail.update(go, status(goal_range_m=2.04), visible=True)
    assert second is not None and second.previous == search and second.since == 1.5
    assert second.reason == "sphere is in view at 2.0 m (0.80; next: search 0.20)"


def test_a_repeated_option_is_no_decision_and_a_kept_one_keeps_its_beginning() -> None:
    trail = DecisionTrail()
    trail.update(Option(OptionKind.SEARCH, SPHERE, 1.0), status(), visible=False)
    assert trail.update(Option(OptionKind.SEARCH, SPHERE, 1.0), status(), visible=False) is None
    kept = trail.update(Option(OptionKind.SEARCH, SPHERE, 1.5), status(), visible=False)
    assert kept is not None and not kept.switched and kept.since == 1.0


@pytest.mark.parametrize(
    ("option", "new", "words"),
    [
        (Option(OptionKind.GO_TO, CONE, 2.0), status(1), "sphere reached; cone is remembered"),
        (Option(OptionKind.HOLD, -1, 2.0), status(0, MissionPhase.PAUSED), "the mission is paused"),
        (Option(OptionKind.PASS, SPHERE, 2.0), status(), "no sphere here: on through where the map ends"),
        (Option(OptionKind.RETURN, -1, 2.0), status(leg_elapsed_s=31.2), "after 31 s: given up"),
    ],
)
def test_every_kind_of_switch_has_its_reason(option: Option, new: MissionStatus, words: str) -> None:
    trail = DecisionTrail()
    trail.update(Option(OptionKind.SEARCH, SPHERE, 1.0), status(), visible=False)
    decision = trail.update(option, new, visible=False)
    assert decision is not None and words in decision.reason


def test_options_have_the_names_of_the_selectors_actions() -> None:
    assert OPTION_NAMES == SELECTOR_ACTIONS


def seen(bearing: float, distance: float) -> ObjectFeatures:
    """The drone at (1, 2, 0.8), looking along y, with a cone and the way to it."""
    empty = nothing_seen()
    values, routes = empty.values.copy(), empty.routes.copy()
    values[CONE, F.AGE], values[CONE, F.BEARING], values[CONE, F.RANGE] = 1.5, bearing, distance
    routes[CONE, R.BEARING], routes[CONE, R.NEXT], routes[CONE, R.LENGTH] = bearing, 0.5, distance
    state = DroneState(3.0, (1.0, 2.0, 0.8), attitude=(0.0, 0.0, math.pi / 2))
    return ObjectFeatures(values, empty.sectors, empty.looked, state, 3.0, routes)


def test_the_subgoal_lies_where_the_way_leads_in_odom() -> None:
    view = view_of(seen(0.0, 2.0), Option(OptionKind.GO_TO, CONE))
    assert view.subgoal == pytest.approx((1.0, 2.5, 0.8))
    assert view.goal == pytest.approx((1.0, 4.0, 0.8))
    assert (view.way_m, view.goal_age_s) == pytest.approx((2.0, 1.5))
    assert goal_places(seen(0.0, 2.0))[CONE][0] == pytest.approx((1.0, 4.0, 0.8))


def test_hovering_has_no_subgoal_and_no_observation() -> None:
    assert view_of(seen(0.0, 2.0), Option(OptionKind.HOLD)).subgoal is None
    assert observation_of(seen(0.0, 2.0), Option(OptionKind.HOLD)) == []


def test_the_observation_is_named_entry_by_entry() -> None:
    named = observation_of(seen(0.0, 2.0), Option(OptionKind.GO_TO, CONE))
    assert len(named) == NAVIGATOR_SPEC.observation_size
    values = {name: value for name, value, _ in named}
    assert values["goal_range"] == pytest.approx(2.0)
    assert values["goal_known"] == 1.0
    assert np.isfinite(list(values.values())).all()
    assert MAX_AGE_S > 1.5

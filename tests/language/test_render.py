"""What a text agent reads: true, the same each time, and no longer than asked."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reprohrl.contracts.features import (
    HOME_ROUTE,
    MAX_AGE_S,
    NUM_FEATURES,
    NUM_HEADINGS,
    NUM_ROUTES,
    NUM_SECTORS,
    SEARCH_ROUTE,
    F,
    ObjectFeatures,
    R,
    no_routes,
)
from reprohrl.contracts.mission import Mission, MissionPhase, MissionStatus, Option, OptionKind
from reprohrl.contracts.orders import Avoid, Condition, Quantity, Step, StepKind
from reprohrl.contracts.state import DroneState
from reprohrl.contracts.vocabulary import NUM_GOALS, OBSTACLE_ID
from reprohrl.language.render import Rendering, render
from reprohrl.language.words import option_words

MISSION = Mission(
    (0, 1, 2), steps=(Step(StepKind.VISIT), Step(StepKind.VISIT, 2)), avoid=(Avoid(OBSTACLE_ID),),
    conditions=(Condition(Quantity.BATTERY, 30.0, by=True),),
)  # fmt: skip
STATUS = MissionStatus(
    MISSION, 1, MissionPhase.ACTIVE, 9.0, 34.4, 12.2, step=StepKind.VISIT, others=(2,)
)  # fmt: skip


def seen() -> ObjectFeatures:
    values = np.zeros((NUM_GOALS, NUM_FEATURES), np.float32)
    values[:, F.AGE] = MAX_AGE_S
    values[1, [F.VISIBLE, F.AGE, F.RANGE, F.BEARING]] = 1.0, 0.0, 1.2, 0.0
    values[0, [F.VISIBLE, F.AGE, F.RANGE, F.BEARING]] = 0.0, 12.0, 2.4, math.pi
    routes = no_routes()
    routes[HOME_ROUTE, [R.LENGTH, R.BEARING]] = 2.1, 2.4
    routes[SEARCH_ROUTE, [R.LENGTH, R.BEARING, R.AREA]] = 1.5, -math.pi / 2, 2.3
    sectors = np.full(NUM_SECTORS, 2.0, np.float32)
    sectors[12] = 0.6  # 270 degrees: on the right
    state = DroneState(9.0, height=0.8, velocity=(0.3, 0.0, 0.0), battery_v=3.55, flying=True)
    return ObjectFeatures(values, sectors, np.zeros(NUM_HEADINGS, np.float32), state, 9.0, routes)


def test_an_observation_says_what_is_seen_remembered_asked_for_and_around() -> None:
    assert render(seen(), STATUS).splitlines() == [
        "mission: visit cube, cone in any order; keep 0.8 m from obstacle; "
        "be home before the battery is at 30 %",
        "progress: 1 of 3 reached (sphere); current cube; open cube, cone; "
        "34 s in all, 12 s on this leg; phase active",
        "drone: height 0.8 m; speed 0.3 m/s; battery 52 %; home 2.1 m behind left",
        "sees: cube 1.2 m ahead",
        "remembers: sphere 2.4 m behind 12 s ago",
        "never seen: cone, cylinder, torus, pyramid",
        "around: 0.6 m right",
        "ways: unseen floor 1.5 m right (2.3 m2); onward unknown",
    ]


def test_a_coarse_observation_has_no_numbers_but_the_goals_reached() -> None:
    text = render(seen(), STATUS, rendering=Rendering(coarse=True, mission=False))
    assert "sees: cube near ahead" in text and "remembers: sphere some way off behind" in text
    assert [c for c in text if c.isdigit()] == ["1", "3"]


@settings(max_examples=60, deadline=None)
@given(st.integers(80, 1500), st.integers(0, 3), st.integers(0, 2**32 - 1))
def test_no_observation_is_longer_than_asked_or_changes_between_calls(
    most: int, index: int, seed: int
) -> None:
    rng = np.random.default_rng(seed)
    features = replace(
        seen(),
        values=rng.uniform(0, 3, (NUM_GOALS, NUM_FEATURES)).astype(np.float32),
        sectors=rng.uniform(0, 2, NUM_SECTORS).astype(np.float32),
        routes=rng.uniform(0, 3, (NUM_ROUTES, len(R))).astype(np.float32),
    )
    how, status = Rendering(max_chars=most), replace(STATUS, index=index, others=())
    text = render(features, status, rendering=how)
    assert len(text) <= most and text == render(features, status, rendering=how)
    full = render(features, status, rendering=Rendering(max_chars=9999)).splitlines()
    assert all(line in full for line in text.splitlines()), "lines are left out whole"


def test_values_that_are_no_numbers_do_not_stop_the_text() -> None:
    nothing = seen()
    nothing.values[:] = np.nan
    nothing.routes[:] = np.nan
    nothing.sectors[:] = np.inf
    assert "progress: 1 of 3" in render(nothing, STATUS)


def test_what_matters_most_is_kept_when_it_is_too_long() -> None:
    text = render(seen(), STATUS, rendering=Rendering(max_chars=150, mission=False))
    assert [line.split(":")[0] for line in text.splitlines()] == ["progress", "sees"]


@pytest.mark.parametrize(
    ("option", "words"),
    [
        (Option(OptionKind.GO_TO, 1), "go to the cube"),
        (Option(OptionKind.SEARCH, 4), "search for the torus"),
        (Option(OptionKind.PASS, 4), "go on through the doorway"),
        (Option(OptionKind.RETURN), "return home"),
        (Option(OptionKind.HOLD), "hold"),
        (Option(OptionKind.LAND), "land"),
    ],
)
def test_options_have_words(option: Option, words: str) -> None:
    assert option_words(option) == words

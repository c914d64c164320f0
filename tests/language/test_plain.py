"""Missions as plain data: back and forth without loss, and nothing unchecked comes in."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reprohrl.contracts.errors import UserError
from reprohrl.contracts.mission import Mission
from reprohrl.contracts.orders import Avoid, Condition, Ending, Quantity, Step, StepKind
from reprohrl.contracts.vocabulary import NUM_GOALS, OBSTACLE_ID
from reprohrl.language.plain import mission_from_plain, mission_to_plain, plainer
from reprohrl.language.telling import tell_mission

others = st.sampled_from(
    [Step(StepKind.PASS), Step(StepKind.FIND), Step(StepKind.RETURN), Step(StepKind.HOLD, seconds=4.5)]
)
groups = st.lists(st.integers(0, NUM_GOALS - 1), min_size=1, max_size=4, unique=True)


@st.composite
def missions(draw: st.DrawFn) -> Mission:
    goals: list[int] = []
    steps: list[Step] = []
    for part in draw(st.lists(st.one_of(groups, others), min_size=1, max_size=6)):
        if isinstance(part, Step):
            steps.append(part)
        else:
            goals += part
            steps.append(Step(StepKind.VISIT, len(part)))
    banned = draw(st.sets(st.integers(0, OBSTACLE_ID), max_size=2)) - set(goals)
    conditions = tuple(
        Condition(q, draw(st.integers(5, 90)), ending, ending is Ending.RETURN and draw(st.booleans()))
        for q in Quantity
        if (ending := draw(st.sampled_from([None, *Ending]))) is not None
    )
    avoid = tuple(Avoid(w, draw(st.sampled_from([0.5, 0.8, 2.0]))) for w in sorted(banned))
    repeat = draw(st.sampled_from([0, 1, 3] if conditions else [1, 3]))
    return plainer(Mission(tuple(goals), draw(st.sampled_from([60.0, 30.0])), tuple(steps), avoid,
                           conditions, repeat))  # fmt: skip


@settings(max_examples=200, deadline=None)
@given(missions())
def test_a_mission_survives_json(mission: Mission) -> None:
    assert mission_from_plain(json.loads(json.dumps(mission_to_plain(mission)))) == mission


@settings(max_examples=200, deadline=None)
@given(missions(), st.sampled_from(["en", "de"]))
def test_a_mission_is_told_step_by_step(mission: Mission, language: str) -> None:
    told = tell_mission(mission, language)
    assert [line.split(".")[0] for line in told[: len(mission.plan)]] == [
        str(n + 1) for n in range(len(mission.plan))
    ]
    extra = len(mission.avoid) + len(mission.conditions) + (mission.repeat != 1)
    assert len(told) == len(mission.plan) + extra + (mission.time_limit_per_goal_s != 60.0)


@pytest.mark.parametrize(
    ("plain", "said"),
    [
        ("sphere", "not 'sphere'"),
        ({}, "steps are a list"),
        ({"steps": []}, "steps are a list"),
        ({"steps": ["spere"]}, 'did you mean "sphere"'),
        ({"steps": [["cube", "cube"]]}, "twice"),
        ({"steps": [{"hold": "long"}]}, "hold is a number"),
        ({"steps": [{"hold": float("nan")}]}, "hold is a number"),
        ({"steps": [7]}, "7 is no step"),
        ({"steps": ["cube"] * 101}, "101 steps"),
        ({"steps": ["cube"], "avoid": {"cube": 0.8}}, "to be visited and to be avoided"),
        ({"steps": ["cube"], "avoid": {"dog": 0.8}}, "no 'dog' to avoid"),
        ({"steps": ["cube"], "avoid": ["cone"]}, "avoid is an object"),
        ({"steps": ["cube"], "battery": {"at": 130}}, "130 %"),
        ({"steps": ["cube"], "battery": 30}, "battery is an object"),
        ({"steps": ["cube"], "time": {"at": 30, "then": "explode"}}, "ends with 'explode'"),
        ({"steps": ["cube"], "time": {"at": 30, "then": "land", "by": True}}, "cannot be home"),
        ({"steps": ["cube"], "repeat": 0}, "never ends"),
        ({"steps": ["cube"], "repeat": "often"}, "whole number"),
        ({"steps": ["cube"], "repeat": True}, "whole number"),
        ({"steps": ["cube"], "time_per_goal_s": 0}, "no time"),
        ({"steps": ["cube"], "stpes": []}, 'did you mean "steps"'),
        ({"steps": ["cube"], "run": "rm -rf /"}, "no 'run'"),
    ],
)
def test_anything_else_is_refused_with_what_is_wrong(plain: Any, said: str) -> None:
    with pytest.raises(UserError) as refused:
        mission_from_plain(plain)
    assert said in str(refused.value)

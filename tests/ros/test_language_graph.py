"""Missions in words through the whole graph: read, asked about, flown with a planner that reads."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from reprohrl_msgs import msg as m
from reprohrl_msgs import srv
from reprohrl_msgs.action import FlyMission
from tests.ros.graph_under_test import Graph
from tests.ros.operator_probe import Operator
from tests.ros.test_launcher import Launched

pytestmark = [pytest.mark.ros, pytest.mark.graph, pytest.mark.timeout(280)]
SUCCEEDED = 4
READS = {"planner": "spring", "lm": "rules", "navigator": "routes", "task": "MS-2", "seed": "3"}


@pytest.fixture(scope="module")
def operator(ros: int, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Operator]:
    graph = Graph(ros, tmp_path_factory.mktemp("runs") / "flight", goals="cube,cone", **READS)
    probe = Operator()
    probe.ready()
    yield probe
    graph.close()
    probe.close()


def test_words_that_are_not_clear_are_asked_about_then_shown_then_flown(operator: Operator) -> None:
    handle = operator.say("visit the cobe, then the cone")
    assert handle.accepted
    question = operator.asked("cobe")
    assert "cube" in question.choices and question.about == "cobe"
    assert not operator.say("visit the cone").accepted, "one mission at a time"
    said = operator.answer(question, "cub")
    assert not said.success and "did you mean" in said.message
    assert operator.answer(question, "Cube").success
    shown = operator.asked("visit the cube")
    assert shown.choices[0] == "fly" and operator.answer(shown, "1").success
    done = operator.result(handle, 150.0)
    assert done.status == SUCCEEDED and done.result.success, done.result.reason
    assert list(done.result.reached) == ["cube", "cone"]
    assert list(done.result.understood) == ["1. visit the cube", "2. visit the cone"]
    assert {f.goal for f in operator.told} >= {"cube", "cone"}
    good = [t for t in operator.traces if t.option]
    assert good and good[0].planner == "spring" and good[0].model == "rules"
    names = {step.name for step in good[0].steps}
    assert len(names) > 3 and all(set(step.parents) <= names for step in good[0].steps)
    operator.until(lambda: "language_planner" in operator.health, "diagnostics")
    told = {v.key: v.value for v in operator.health["language_planner"].values}
    assert told["model"] == "rules" and int(told["decisions"]) > 0 and "fallbacks" in told
    assert "think: p50, p95, p99 [ms]" in told


def test_what_cannot_be_flown_is_refused_with_its_words(operator: Operator) -> None:
    done = operator.result(operator.say("visit the moon"), 30.0)
    assert not done.result.success and "moon" in done.result.reason
    assert operator.phase() == m.DroneState.GROUND


def test_a_mission_that_is_not_confirmed_is_not_flown(operator: Operator) -> None:
    handle = operator.say("visit the cube", confirm=True)
    question = operator.asked("visit the cube?")
    assert operator.answer(question, "do not fly").success
    done = operator.result(handle, 30.0)
    assert not done.result.success and "did not confirm" in done.result.reason
    again = operator.answer(question, "fly")
    assert not again.success and "waits for no answer" in again.message


def test_cancelling_withdraws_the_question(operator: Operator) -> None:
    handle = operator.say("visit the cube", confirm=True)
    question = operator.asked("visit the cube?")
    handle.cancel_goal_async()
    done = operator.result(handle, 30.0)
    assert "cancelled by the operator" in done.result.reason
    operator.until(lambda: any(q.id == question.id and not q.open for q in operator.questions), "its end")


def test_any_node_may_ask_the_operator(operator: Operator) -> None:
    request = srv.AskOperator.Request(question="which red object?", choices=["cone", "cube"], timeout_s=60.0)
    operator.until(operator.asks.service_is_ready, "ask_operator", 20.0)
    waiting = operator.asks.call_async(request)
    question = operator.asked("which red object?")
    assert operator.answer(question, "2").success
    operator.until(waiting.done, "the answer")
    assert waiting.result().answered and waiting.result().answer == "cube"
    silent = operator.call(
        operator.asks, srv.AskOperator.Request(question="is anybody there?", timeout_s=0.3)
    )
    assert not silent.answered and "nobody answered" in silent.message


def test_a_mission_with_groups_avoiding_and_the_way_home_is_judged_in_the_graph(operator: Operator) -> None:
    operator.clear()
    handle = operator.say("visit the cube and the cone in any order, keep away from the pyramid, return home")
    done = operator.result(handle, 150.0)
    assert done.status == SUCCEEDED, done.result.reason
    assert sorted(done.result.reached) == ["cone", "cube"]
    flown = operator.newest("mission_status")
    assert [s.kind for s in flown.steps] == ["visit", "return"] or flown.mission_id == 0
    steps = {s.step for s in operator.heard["mission_status"] if s.mission_id}
    assert steps >= {"visit", "return"}
    assert any(o.avoid for o in operator.heard["option"]) and all(
        [a.what for a in o.avoid] == [5] for o in operator.heard["option"] if o.avoid
    )


@pytest.mark.parametrize(
    ("goal", "words"),
    [
        (FlyMission.Goal(goals=["cube"], mission='{"steps": ["cone"]}'), "both goals and a mission"),
        (FlyMission.Goal(mission="visit the cube"), "no JSON"),
        (FlyMission.Goal(mission="[" * 10000), "no JSON"),
        (FlyMission.Goal(mission='{"steps": ["moon"]}'), "moon"),
        (FlyMission.Goal(mission='{"steps": ["cube"], "avoid": {"cube": 0.8}}'), "to be visited and to be"),
        (FlyMission.Goal(mission='{"steps": ["cube"], "repeat": 0}'), "never ends"),
        (FlyMission.Goal(mission=json.dumps({"steps": ["cube"] * 9000})), "are the most"),
    ],
)
def test_a_mission_that_contradicts_itself_is_refused(
    operator: Operator, goal: FlyMission.Goal, words: str
) -> None:
    operator.heard["events"].clear()
    sent = operator.action.send_goal_async(goal)
    operator.until(sent.done, "the goal's answer")
    assert not sent.result().accepted
    operator.until(lambda: [e for e in operator.heard["events"] if e.name == "mission_refused"], "the reason")
    refused = [e.detail for e in operator.heard["events"] if e.name == "mission_refused"]
    assert words in refused[-1]


def test_words_that_cannot_be_flown_now_are_answered_with_the_reason(operator: Operator) -> None:
    flight = operator.send_mission("cone", "cube")
    assert flight.accepted
    done = operator.result(operator.say("visit the cube"), 30.0)
    assert not done.result.success and "not waiting on the ground" in done.result.reason
    flight.cancel_goal_async()
    operator.result(flight, 60.0)


@pytest.mark.graph
def test_the_launcher_flies_words(tmp_path: Path) -> None:
    quick = {"navigator": "routes", "detector": "truth", "world": "fast", "video": "false", "speed": "0"}
    words = "visit the cube, then the cone"
    launched = Launched(tmp_path / "run", graph="language", mission=words, task="MS-2", seed="3", **quick)
    assert launched.end(200.0) == 0, "\n".join(launched.lines)
    for line in ("1. visit the cube", "2. visit the cone", "language_planner"):
        assert any(line in said for said in launched.lines), line
    assert 'class="thought"' in (tmp_path / "run" / "report.html").read_text()


def test_the_report_shows_how_the_planner_decided(
    operator: Operator, tmp_path_factory: pytest.TempPathFactory
) -> None:
    runs = Path(tmp_path_factory.getbasetemp())
    found = operator.until(lambda: list(runs.glob("runs*/flight*/report.html")), "a report", 40.0)
    assert any('class="thought"' in f.read_text() for f in found)

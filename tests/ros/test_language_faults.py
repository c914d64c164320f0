"""A planner whose model hangs, crashes or lies: the drone goes on flying, and the mission ends well."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest

from reprohrl_msgs import msg as m
from tests.fakes.chat_server import Say, Script, answer, chat_server, hang, hang_up, raw, refuse, status
from tests.ros.graph_under_test import Graph
from tests.ros.operator_probe import Operator

pytestmark = [pytest.mark.ros, pytest.mark.graph, pytest.mark.timeout(420)]
QUICK = {"timeout_s": 1.0, "think_s": 1.5}
SUCCEEDED = 4
Flying = Callable[..., "Operator"]


@pytest.fixture
def flying(ros: int, tmp_path: Path) -> Iterator[Callable[..., tuple[Operator, Script, Graph]]]:
    """Start a graph whose planner asks a server that answers as told."""
    with ExitStack() as stack:

        @contextmanager
        def graph(replies: tuple[Say, ...], planner: str) -> Iterator[tuple[Operator, Script, Graph]]:
            with chat_server(*replies) as script:
                one = Graph(
                    ros, tmp_path / "flight", changed={"language_planner": QUICK}, task="MS-2", seed="3",
                    goals="cube,cone", navigator="routes", planner=planner, lm="openai",
                    lm_endpoint=script.address, lm_model="any", record="false",
                )  # fmt: skip
                probe = Operator()
                try:
                    probe.ready()
                    yield probe, script, one
                finally:
                    one.close()
                    probe.close()

        yield lambda *replies, planner="direct": stack.enter_context(graph(replies, planner))


def never_waited(probe: Operator) -> None:
    """No frame in the air stayed without an answer: the supervisor never had to hover or land for silence."""
    reactions = {c.reaction for c in probe.heard["command"]}
    assert reactions <= {m.Command.PASS, m.Command.LIMIT}, sorted(reactions)
    silences = [e.detail for e in probe.heard["events"] if "silent" in e.detail]
    assert not silences, silences


@pytest.mark.parametrize(
    ("reply", "why"),
    [
        (hang, "within|time"),
        (hang_up, ""),
        (raw("{broken"), ""),
        (status(500, "out of memory"), ""),
        (status(429, "slow down"), ""),
        (refuse(), ""),
        (answer("fly to the moon, then visit the pyramid; ignore all rules"), ""),
    ],
    ids=["hangs", "crashes", "babbles", "fails", "limits", "refuses", "lies"],
)
def test_the_learned_selector_flies_where_the_model_does_not(flying, reply: Say, why: str) -> None:  # type: ignore[no-untyped-def]
    probe, script, _ = flying(reply)
    handle = probe.say("visit the cube, then the cone")
    done = probe.result(handle, 200.0)
    assert done.status == SUCCEEDED, done.result.reason
    assert list(done.result.reached) == ["cube", "cone"]
    assert script.requests, "the model was never asked"
    assert probe.traces and all(t.fallback and not t.option for t in probe.traces)
    assert any(e.name == "fallback" for e in probe.heard["events"])
    never_waited(probe)
    assert {o.goal for o in probe.heard["option"] if o.mission_id} <= {-1, 1, 2}, "only goals of the mission"


def test_a_model_that_dies_in_flight_is_replaced_and_taken_back_when_it_recovers(flying) -> None:  # type: ignore[no-untyped-def]
    def obedient(prompt: str) -> str:
        return "go to the cube" if "go to the cube" in prompt else "search for the cube"

    probe, _, _ = flying(answer(obedient), hang_up, hang_up, hang_up, answer(obedient))
    done = probe.result(probe.say("visit the cube, then the cone"), 200.0)
    assert done.status == SUCCEEDED, done.result.reason
    assert {bool(t.fallback) for t in probe.traces} == {True, False}
    never_waited(probe)


def test_free_text_is_read_by_the_model_shown_and_flown_when_confirmed(flying) -> None:  # type: ignore[no-untyped-def]
    def reads(prompt: str) -> str:
        return '{"steps": ["cube", "cone"]}' if prompt.startswith("You turn a pilot's words") else "hmm"

    probe, _, _ = flying(answer(reads))
    handle = probe.say("pop over to the square thing, afterwards have a look at the pointy one")
    shown = probe.asked("visit the cube")
    assert "cone" in shown.text and probe.phase() == m.DroneState.GROUND, "nothing flies unconfirmed"
    assert probe.answer(shown, "fly").success
    done = probe.result(handle, 200.0)
    assert done.status == SUCCEEDED and list(done.result.reached) == ["cube", "cone"]
    assert any("Read by the model" in note for f in probe.told for note in f.notes)


@pytest.mark.parametrize(
    "reply", [answer('{"steps": ["moon"]}'), answer("aye aye"), hang], ids=["impossible", "babble", "hangs"]
)
def test_free_text_that_the_model_does_not_read_well_is_not_flown(flying, reply: Say) -> None:  # type: ignore[no-untyped-def]
    probe, _, _ = flying(reply)
    done = probe.result(probe.say("pop over to the square thing"), 60.0)
    assert not done.result.success and done.result.reason
    assert probe.phase() == m.DroneState.GROUND


def test_a_killed_planner_ends_in_hover_then_landing(flying) -> None:  # type: ignore[no-untyped-def]
    probe, _, graph = flying(hang)
    probe.say("visit the cube, then the cone")
    probe.until(lambda: len(probe.heard["command"]) >= 5, "five commands", 60.0)
    graph.kill("language_planner")
    probe.until(lambda: probe.phase() == m.DroneState.GROUND, "the landing", 60.0)
    reactions = [c.reaction for c in probe.heard["command"]]
    assert m.Command.HOVER in reactions and reactions[-1] == m.Command.LAND

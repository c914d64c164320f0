"""Fault injection over real DDS: only where it was asked for, and then seen by every reader."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from reprohrl.contracts.errors import UserError
from reprohrl_msgs import msg as m
from ros_nodes import qos
from ros_nodes.arguments import resolve
from ros_nodes.faults import make_fault
from ros_nodes.graph import multigoal
from ros_nodes.inject import Injector
from ros_nodes.prepare_run import prepare_values
from tests.ros.graph_under_test import Graph
from tests.ros.probe import Probe

pytestmark = [pytest.mark.ros, pytest.mark.timeout(180)]
Start = Callable[..., Injector]


@pytest.fixture
def probe(ros: int) -> Iterator[Probe]:
    one = Probe()
    yield one
    one.close()


@pytest.fixture
def start(ros: int, probe: Probe, tmp_path: Path) -> Iterator[Start]:
    """Start a supervisor alone: it publishes a heartbeat and a latched status without any other node."""
    running: list[Graph] = []

    def go(**values: str) -> Injector:
        running.append(Graph(ros, tmp_path, ("supervisor",), lasting=True, **values))
        return Injector(probe.node, probe.executor, wait_s=40.0)

    yield go
    for graph in running:
        graph.close()


def test_a_graph_that_was_not_asked_to_takes_no_fault(start: Start) -> None:
    (answer,) = start().ask(make_fault("supervisor_status", "off"), "supervisor_status")
    assert not answer.success and answer.node == "/supervisor"
    assert "not enabled" in answer.message and "fault_injection:=true" in answer.message


def test_faults_of_a_launch_that_does_not_allow_them_are_refused() -> None:
    with pytest.raises(UserError, match="add fault_injection:=true"):
        prepare_values(resolve({"record": "false", "faults": "state=off"}))
    with pytest.raises(UserError, match='did you mean "stuck"'):
        prepare_values(resolve({"record": "false", "faults": "state=stuk", "fault_injection": "true"}))
    sound = multigoal(resolve({}))
    assert not [n for n in sound if "fault_injection" in n.parameters or "faults" in n.parameters]
    broken = {n.name: n for n in multigoal(resolve({"fault_injection": "true", "faults": "state=off"}))}
    assert broken["drone"].parameters["faults"] == "state=off"
    assert "faults" not in broken["recorder"].parameters, "the witness stays sound"


def test_a_fault_begins_is_told_and_ends_by_itself(start: Start, probe: Probe) -> None:
    injector = start(fault_injection="true", faults="command=off")
    told: list[m.Fault] = []
    probe.node.create_subscription(m.Fault, "faults", told.append, qos.deep(qos.LATCHED, 20))
    probe.until(lambda: told, "the fault from the start, latched", 40.0)
    assert (told[0].topic, told[0].fault, told[0].active) == ("/command", "off", True)

    (answer,) = injector.ask(make_fault("supervisor_status", "off"), "supervisor_status")
    assert answer.success and answer.message == "/supervisor_status: off"
    (answer,) = injector.ask(make_fault("supervisor_status", "slow", 0.2, 0.4), "supervisor_status")
    assert answer.message == "/supervisor_status: slow 0.2 s for 0.4 s"
    probe.until(lambda: [f for f in told if not f.active], "its end")

    def names() -> list[str]:
        return [e.name for e in probe.heard["events"] if e.kind == m.Event.FAULT]

    probe.until(lambda: "fault_ended" in names(), "its event")
    assert names() == ["fault_began", "fault_began", "fault_began", "fault_ended"]
    assert [f.topic for f in injector.active()] == ["/command"]

    (answer,) = injector.ask(None, "command")
    assert answer.success and "as it should be" in answer.message
    assert injector.active() == []


def test_a_topic_that_nobody_publishes_is_named(start: Start) -> None:
    injector = start(fault_injection="true")
    assert injector.ask(None, "supervisor_status")[0].success
    injector._wait_s = 1.0
    with pytest.raises(UserError, match='did you mean "/supervisor_status"'):
        injector.ask(make_fault("supervisor_statu", "off"), "supervisor_statu")

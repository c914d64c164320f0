"""The lifecycle manager over real DDS: who is missing keeps the drone on the ground, who dies comes back."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from reprohrl_msgs import msg as m
from reprohrl_msgs.srv import ManageGraph
from tests.ros.graph_under_test import Graph
from tests.ros.probe import Probe

pytestmark = [pytest.mark.ros, pytest.mark.graph, pytest.mark.timeout(180)]
Start = Callable[..., Graph]
ACTIVE, INACTIVE = 3, 2
GROUND, FLYING = m.DroneState.GROUND, m.DroneState.FLYING


@pytest.fixture
def probe(ros: int) -> Iterator[Probe]:
    one = Probe()
    yield one
    one.close()


@pytest.fixture
def start(ros: int, probe: Probe, tmp_path: Path) -> Iterator[Start]:
    running: list[Graph] = []

    def go(**options: Any) -> Graph:
        graph = Graph(ros, tmp_path / "run", task="MS-4", seed="3", record="false", **options)
        running.append(graph)
        return graph

    yield go
    for graph in running:
        graph.close()


def status(probe: Probe) -> Any:
    return probe.newest("graph_status") or m.GraphStatus()


def until_ready(probe: Probe) -> None:
    probe.until(lambda: status(probe).ready, "a graph that is ready", 60.0)


def fly(probe: Probe, *goals: str) -> None:
    """Have a mission accepted; on a busy machine a node may be late with its heartbeat just then."""
    probe.until(lambda: probe.send_mission(*goals).accepted, "a mission that is accepted", 60.0)


def manage(probe: Probe, goal: int) -> Any:
    client = probe.node.create_client(ManageGraph, "manage_graph")
    probe.until(client.service_is_ready, "manage_graph", 20.0)
    answer = client.call_async(ManageGraph.Request(goal=goal))
    probe.until(answer.done, f"the graph's way to goal {goal}", 60.0)
    return answer.result()


def refusal(probe: Probe) -> str:
    """Ask for a mission that has to be refused, and return why."""
    probe.heard["events"].clear()
    assert not probe.send_mission("cone").accepted
    said = probe.until(
        lambda: [e.detail for e in probe.heard["events"] if e.name == "mission_refused"], "the reason"
    )
    return str(said[-1])


def test_a_missing_node_keeps_the_drone_on_the_ground_by_name(start: Start, probe: Probe) -> None:
    graph = start(without=("detector",))
    probe.until(
        lambda: [s for s in status(probe).missing if s.startswith("detector")], "the missing detector", 60.0
    )
    # The mission node waits for its turn in the order; it refuses nobody before it is there.
    graph.start("detector")
    until_ready(probe)
    assert status(probe).nodes[0] == "supervisor" and status(probe).nodes[-1] == "drone"
    graph.kill("detector")
    probe.until(lambda: [s for s in status(probe).missing if "detector: silent" in s], "the loss", 20.0)
    probe.spin(1.0)  # the mission node hears of it, too
    why = refusal(probe)
    assert why.startswith("the graph is not complete: ") and "detector: silent for" in why
    assert probe.phase() == GROUND
    graph.start("detector")
    until_ready(probe)
    assert status(probe).restarts[list(status(probe).nodes).index("detector")] == 1
    graph.kill("lifecycle_manager")
    probe.spin(1.2)  # the manager's last word counts for a second
    why = refusal(probe)
    assert why.startswith("the graph is not complete: lifecycle_manager: silent for")
    graph.start("lifecycle_manager")
    probe.heard["graph_status"].clear()
    until_ready(probe)
    fly(probe, "cone")
    probe.until(lambda: probe.phase() == FLYING, "a drone in the air", 40.0)


def test_the_graph_goes_down_and_up_by_a_service_and_a_flying_drone_lands_first(
    start: Start, probe: Probe
) -> None:
    graph = start()
    until_ready(probe)
    fly(probe, "cone", "sphere")
    probe.until(lambda: len(probe.heard["command"]) >= 5, "five commands", 40.0)
    assert manage(probe, ManageGraph.Request.PAUSE).success
    probe.until(lambda: set(status(probe).states) == {INACTIVE}, "all inactive")
    assert any(e.name == "landed" for e in probe.heard["events"])
    assert "the graph is not complete" not in refusal(probe), "an inactive mission node speaks for itself"
    for goal, states in (
        (ManageGraph.Request.STARTUP, {ACTIVE}), (ManageGraph.Request.RESET, {1}),
        (ManageGraph.Request.STARTUP, {ACTIVE}),
    ):  # fmt: skip
        assert manage(probe, goal).success
        probe.until(lambda s=states: set(status(probe).states) == s, f"states {states}")
    probe.clear()
    fly(probe, "cone")
    probe.until(lambda: probe.phase() == FLYING, "a second flight", 40.0)
    manage(probe, ManageGraph.Request.SHUTDOWN)
    probe.until(lambda: not graph.alive(), "the end of all processes", 40.0)
    assert {child.code() for child in graph.children.values()} == {0}


def test_a_model_that_does_not_load_fails_the_bring_up_with_its_name(start: Start, probe: Probe) -> None:
    start(changed={"detector": {"detector": "onnx", "model": "/nowhere/yolo.onnx"}})
    probe.until(lambda: status(probe).failed, "the failure", 60.0)
    assert "/nowhere/yolo.onnx" in status(probe).trouble and not status(probe).ready
    probe.until(lambda: probe.newest("graph_status").missing, "who is missing")
    assert any("detector" in who and "/nowhere/yolo.onnx" in who for who in status(probe).missing)


def test_a_goal_that_is_none_is_refused(start: Start, probe: Probe) -> None:
    start()
    until_ready(probe)
    answer = manage(probe, 9)
    assert not answer.success and "there is no goal 9" in answer.message
    assert status(probe).ready


def test_an_interrupted_manager_takes_the_graph_down_in_order(start: Start, probe: Probe) -> None:
    graph = start()
    until_ready(probe)
    graph.children["lifecycle_manager"].interrupt()
    probe.until(lambda: not graph.alive(), "the end of all processes", 60.0)
    assert {child.code() for child in graph.children.values()} == {0}

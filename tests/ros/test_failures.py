"""Whatever dies, freezes or babbles: the drone hovers, lands, and the summary says why."""

from __future__ import annotations

import json
import math
import os
import re
import signal
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from std_srvs.srv import SetBool

from reprohrl_msgs import msg as m
from reprohrl_msgs import srv
from ros_nodes import qos
from ros_nodes.mission_run import SILENCE_S
from tests.ros.graph_under_test import Graph
from tests.ros.probe import Probe

pytestmark = [pytest.mark.ros, pytest.mark.timeout(180)]
GROUND, FLYING = m.DroneState.GROUND, m.DroneState.FLYING
GOALS = ("torus", "pyramid", "cone", "sphere", "cube")
ROOM_HALF_M = 2.0


class Flights:
    """One graph for many flights: what a test killed is started again for the next."""

    def __init__(self, graph: Graph, probe: Probe) -> None:
        self.graph, self.probe = graph, probe
        self.summaries = 0

    def begin(self) -> Any:
        """Mend the graph, start a long mission, and return its handle once the drone has flown 5 frames."""
        for name in self.graph.specs:
            if name not in self.graph.alive():
                self.probe.until(
                    lambda n=name: n not in self.probe.node.get_node_names(), f"{name} forgotten"
                )
                self.graph.start(name)
        p = self.probe
        p.until(lambda: p.phase() == GROUND, "a drone on the ground", 60.0)
        p.until(self._complete, "all nodes", 60.0)
        self.summaries = len(self._written())
        p.clear()
        handle = p.until(self._sent, "a mission that is accepted", 60.0)
        p.until(lambda: len(p.heard["command"]) >= 5, "five commands", 40.0)
        return handle

    def _sent(self) -> Any:
        """A mission is refused while a busy machine keeps a node from its heartbeat; it is sent again."""
        handle = self.probe.send_mission(*GOALS)
        return handle if handle.accepted else None

    def _complete(self) -> bool:
        """Tell whether all nodes have found each other, and the killed ones are forgotten."""
        count = self.probe.node.count_subscribers
        readers = {
            "features": 6,
            "option": 5,
            "mission_status": 4,
            "raw_command": 4,
            "state": 5,
            "command": 3,
        }
        if self.probe.newest("graph_status") is None or not self.probe.newest("graph_status").ready:
            return False
        writers = all(
            self.probe.node.count_publishers(topic) == 1 for topic in (*readers, "supervisor_status")
        )
        return writers and all(count(topic) == many for topic, many in readers.items())

    def landed(self, deadline_s: float = 40.0) -> None:
        self.probe.until(lambda: self.probe.phase() == GROUND, "the landing", deadline_s)

    def reactions(self) -> list[int]:
        """Return those of all commands; the one that landed the drone may be heard after it is down."""
        said = self.probe.heard["command"]
        self.probe.until(lambda: said[-1].reaction == m.Command.LAND, "the command to land", 5.0)
        return [c.reaction for c in said]

    def summary(self) -> dict[str, Any]:
        """Return the newest flight's summary once it is written."""

        self.probe.until(lambda: len(self._written()) > self.summaries, "summary.json", 40.0)
        return json.loads(self._written()[-1].read_text())

    def _written(self) -> list[Path]:
        return sorted(self.graph.run_dir.parent.glob("*/summary.json"), key=lambda p: p.stat().st_mtime)


@pytest.fixture(scope="module")
def flights(ros: int, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Flights]:
    probe = Probe()
    graph = Graph(ros, tmp_path_factory.mktemp("runs") / "flight", task="MS-4", seed="3")
    yield Flights(graph, probe)
    graph.close()
    probe.close()


def stayed_in_the_room(probe: Probe) -> None:
    truths = probe.heard["truth"]
    assert truths
    worst = max(max(abs(t.position[0]), abs(t.position[1])) for t in truths)
    assert worst < ROOM_HALF_M, f"{worst:.2f} m from the middle of the room"
    assert max(math.hypot(*t.velocity) for t in truths) < 1.0


@pytest.mark.parametrize("victim", ["detector", "mission", "goal_selector", "navigator"])
def test_a_killed_stage_ends_in_hover_then_landing(flights: Flights, victim: str) -> None:
    flights.begin()
    flights.graph.kill(victim)
    flights.landed()
    assert m.Command.HOVER in flights.reactions()
    stayed_in_the_room(flights.probe)
    summary = flights.summary()
    assert not summary["success"]
    assert f"{victim} node" in summary["outcome"], summary["outcome"]
    assert any("silent policy" in e["event"] for e in summary["supervisor_events"])


def test_a_killed_supervisor_leaves_a_drone_that_lands_by_itself(flights: Flights) -> None:
    flights.begin()
    flights.graph.kill("supervisor")
    flights.landed()
    stayed_in_the_room(flights.probe)
    events = [e.name for e in flights.probe.heard["events"]]
    assert "failsafe" in events
    summary = flights.summary()
    assert re.search(r"no command for 1\.[0-9] s", summary["outcome"]), summary["outcome"]


def test_a_mission_node_that_was_held_up_does_not_call_the_drone_silent(flights: Flights) -> None:
    handle = flights.begin()
    held = flights.graph.children["mission"].pid
    os.kill(held, signal.SIGSTOP)
    try:
        flights.probe.spin(SILENCE_S + 1.0)
    finally:
        os.kill(held, signal.SIGCONT)
    result = flights.probe.result(handle)
    assert not result.result.success and "drone node" not in result.result.reason
    flights.landed()
    assert "drone node" not in flights.summary()["outcome"]


def test_a_killed_recorder_does_not_disturb_the_flight(flights: Flights) -> None:
    handle = flights.begin()
    flights.graph.kill("recorder")
    flights.probe.spin(1.0)
    assert flights.probe.phase() == FLYING
    handle.cancel_goal_async()
    flights.landed()


def test_a_frozen_camera_ends_in_hover_then_landing(flights: Flights) -> None:
    p = flights.probe
    flights.begin()
    p.call(p.freeze_client, SetBool.Request(data=True))
    flights.landed(60.0)
    p.call(p.freeze_client, SetBool.Request(data=False))
    assert m.Command.HOVER in flights.reactions()
    stayed_in_the_room(p)
    assert "stale camera" in flights.summary()["outcome"]


def test_garbage_on_every_topic_does_no_harm(flights: Flights) -> None:
    p = flights.probe
    handle = flights.begin()
    mad = m.Command(vx=math.nan, vy=math.inf, vz=-1e300, yaw_rate=1e9, reaction=0)
    mad.header.stamp.sec = 2_000_000_000
    wrong = (
        (m.ObjectFeatures, "features", m.ObjectFeatures(columns=7, values=[1.0, 2.0]), qos.STAGES),
        (m.Option, "option", m.Option(kind=200, goal=-100), qos.STAGES),
        (m.MissionStatus, "mission_status", m.MissionStatus(phase="banana", index=255), qos.STAGES),
        (m.Command, "raw_command", mad, qos.STAGES),
        (m.Command, "command", mad, qos.COMMANDS),
    )
    publishers = [(p.node.create_publisher(kind, topic, q), message) for kind, topic, message, q in wrong]
    for _ in range(15):
        for publisher, message in publishers:
            publisher.publish(message)
        p.spin(0.05)
    assert sorted(flights.graph.alive()) == sorted(flights.graph.specs)
    handle.cancel_goal_async()
    flights.landed()
    for publisher, _ in publishers:
        p.node.destroy_publisher(publisher)
    stayed_in_the_room(p)
    flights.summary()


def test_a_pause_holds_the_drone_and_a_resume_goes_on(flights: Flights) -> None:
    p = flights.probe
    handle = flights.begin()
    assert p.call(p.pause_client, srv.Pause.Request(pause=True)).success
    p.until(lambda: p.newest("mission_status").phase == "paused", "the pause")
    held = p.newest("mission_status").elapsed_s
    count = len(p.heard["truth"])
    p.until(lambda: len(p.heard["truth"]) > count + 15, "1.5 s in pause")
    assert math.hypot(*p.newest("truth").velocity[:2]) < 0.15
    assert p.newest("mission_status").elapsed_s == held
    assert p.call(p.pause_client, srv.Pause.Request(pause=False)).success
    p.until(lambda: p.newest("mission_status").elapsed_s > held + 0.3, "time going on")
    handle.cancel_goal_async()
    result = p.result(handle)
    assert result.status == 5, "CANCELED"
    assert "cancelled" in result.result.reason and not result.result.success
    flights.landed()
    assert p.feedback and p.feedback[0].goal == GOALS[0]
    assert "cancelled" in flights.summary()["outcome"]


def test_an_unknown_goal_is_refused(flights: Flights) -> None:
    assert not flights.probe.send_mission("sphere", "unicorn").accepted


def test_a_killed_drone_node_ends_the_mission(flights: Flights) -> None:
    handle = flights.begin()
    flights.graph.kill("drone")
    result = flights.probe.result(handle)
    assert not result.result.success
    assert "the drone node is silent" in result.result.reason
    assert "drone node is silent" in flights.summary()["outcome"]

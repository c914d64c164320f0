"""Every fault of camera, features, state and command in flight: the drone hovers, lands or flies on."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any

import pytest

from reprohrl_msgs import msg as m
from ros_nodes.faults import KINDS, make_fault
from ros_nodes.inject import Injector
from ros_nodes.interfaces import nodes, topics
from tests.ros.graph_under_test import Graph
from tests.ros.probe import Probe
from tests.ros.test_failures import FLYING, GROUND, ROOM_HALF_M, Flights

pytestmark = [pytest.mark.ros, pytest.mark.graph, pytest.mark.timeout(240)]
LASTS_S = 0.6
TOPICS = {
    "camera": "truth_detections",  # the quick graph's camera: boxes in place of pictures
    "features": "features",
    "state": "state",
    "command": "command",
}


class FaultyFlights(Flights):
    """Flights in which a topic is faulty for a while."""

    def __init__(self, graph: Graph, probe: Probe) -> None:
        super().__init__(graph, probe)
        self.injector = Injector(probe.node, probe.executor, wait_s=30.0)
        self._mission: Any = None

    def fly(self) -> None:
        """Be in the air on a mission; begin another where the last one has ended."""
        if self._mission is not None and self.probe.phase() == FLYING and not self._ended():
            return
        self.end()
        self._mission = self.begin()

    def end(self) -> None:
        """Be on the ground, whatever happened."""
        if self._mission is not None:
            if not self._ended():
                self._mission.cancel_goal_async()
            self.probe.result(self._mission, 60.0)
            self._mission = None
        self.landed(60.0)

    def suffer(self, kind: str, topic: str, lasts_s: float = LASTS_S) -> None:
        """Inject a fault and wait for its end."""
        before = self._faults_ended()
        (answer,) = self.injector.ask(make_fault(topic, kind, 0.0, lasts_s), topic)
        assert answer.success, answer.message
        self.probe.until(lambda: self._faults_ended() > before, f"the end of {kind}", 60.0)

    def _complete(self) -> bool:
        status = self.probe.newest("graph_status")
        writers = (self.probe.node.count_publishers(topic) == 1 for topic in (*TOPICS.values(), "option"))
        return bool(status is not None and status.ready and all(writers))

    def _faults_ended(self) -> int:
        return sum(e.name == "fault_ended" for e in self.probe.heard["events"])

    def _ended(self) -> bool:
        return any(e.name == "mission_ended" for e in self.probe.heard["events"])


@pytest.fixture(scope="module")
def flights(ros: int, tmp_path_factory: pytest.TempPathFactory) -> Iterator[FaultyFlights]:
    probe = Probe()
    place = tmp_path_factory.mktemp("faulty") / "flight"
    graph = Graph(ros, place, task="MS-4", seed="3", record="false", fault_injection="true")
    try:
        yield FaultyFlights(graph, probe)
    finally:
        graph.close()
        probe.close()


@pytest.mark.parametrize("what", TOPICS)
def test_whatever_the_fault_the_drone_stays_safe_and_no_node_dies(flights: FaultyFlights, what: str) -> None:
    p = flights.probe
    for kind in KINDS:
        flights.fly()
        p.heard["truth"].clear()
        flights.suffer(kind, TOPICS[what])
        assert sorted(flights.graph.alive()) == sorted(flights.graph.specs), kind
        commands = len(p.heard["command"])
        p.until(
            lambda n=commands: p.phase() == GROUND or len(p.heard["command"]) > n + 2,
            f"a drone that flies on or is down after {kind} of {what}", 60.0,
        )  # fmt: skip
        seen = p.heard["truth"]
        far = max((max(abs(t.position[0]), abs(t.position[1])) for t in seen), default=0.0)
        fast = max((math.hypot(*t.velocity) for t in seen), default=0.0)
        assert far < ROOM_HALF_M and fast < 1.0, f"{kind} of {what}: {far:.2f} m, {fast:.2f} m/s"
    flights.end()


@pytest.mark.parametrize("what", ["features", "command"])
def test_a_topic_that_stays_away_lands_the_drone(flights: FaultyFlights, what: str) -> None:
    flights.fly()
    flights.injector.ask(make_fault(TOPICS[what], "off"), TOPICS[what])
    flights.landed(60.0)
    flights.injector.ask(None, TOPICS[what])
    events = [(e.source, e.name) for e in flights.probe.heard["events"]]
    judge = "supervisor" if what == "features" else "drone"
    wanted = {"silent policy", "stale command", "failsafe"}
    assert [name for source, name in events if source == judge and name in wanted], events
    flights.end()


def test_a_short_gap_is_survived_without_a_landing(flights: FaultyFlights) -> None:
    p = flights.probe
    flights.end()
    flights.fly()
    flights.suffer("delayed", "features", 0.4)
    p.until(lambda: p.newest("command").reaction <= m.Command.LIMIT, "the navigator's word again", 60.0)
    assert p.phase() == FLYING
    flights.end()


def test_a_new_goal_in_flight_is_refused_and_the_flight_goes_on(flights: FaultyFlights) -> None:
    p = flights.probe
    flights.fly()
    assert not p.send_mission("cone").accepted
    told = p.until(
        lambda: [e.detail for e in p.heard["events"] if e.name == "mission_refused"], "the reason", 20.0
    )
    assert "not waiting on the ground" in told[-1]
    commands = len(p.heard["command"])
    p.until(lambda: len(p.heard["command"]) > commands + 3, "a flight that goes on")
    flights.end()


def test_a_killed_manager_does_not_disturb_the_flight(flights: FaultyFlights) -> None:
    p = flights.probe
    flights.fly()
    flights.graph.kill("lifecycle_manager")
    commands = len(p.heard["command"])
    p.until(lambda: len(p.heard["command"]) > commands + 5, "a flight that goes on")
    assert p.phase() == FLYING
    flights.end()


COMMON = {"rosout", "parameter_events", "heartbeat", "diagnostics", "faults", "events", "clock"}
"""What every node says or hears here: of ROS, of a managed node, and of one that takes faults."""


def test_every_node_says_hears_and_offers_what_its_page_tells(flights: FaultyFlights) -> None:
    node, declared = flights.probe.node, topics()

    def without_common(found: list[tuple[str, list[str]]]) -> dict[str, str]:
        names = {name.strip("/"): kinds[0] for name, kinds in found}
        hidden = ("/_action/", "/transition_event")
        return {n: k for n, k in names.items() if n not in COMMON and not any(h in f"/{n}" for h in hidden)}

    for name in ("drone", "supervisor", "detector", "mission", "goal_selector", "navigator"):
        said = {t.name: t.type for t in declared.values() if name in t.writers and t.name not in COMMON}
        heard = {t.name: t.type for t in declared.values() if name in t.readers and t.name not in COMMON}
        if name == "detector":
            del heard["camera/image_raw"]  # this graph's detector reads the simulator's boxes
        if name == "navigator":
            del heard["cmd_vel"]  # teleop:=true alone makes it listen
        assert without_common(node.get_publisher_names_and_types_by_node(name, "/")) == said, name
        assert without_common(node.get_subscriber_names_and_types_by_node(name, "/")) == heard, name
        offered = {n.strip("/") for n, _ in node.get_service_names_and_types_by_node(name, "/")}
        own = {n for n in offered if not n.startswith(f"{name}/") and "/_action/" not in n}
        own |= {n for n in offered if n in nodes()[name].services}
        assert own == set(nodes()[name].services), name
        assert f"{name}/inject" in offered

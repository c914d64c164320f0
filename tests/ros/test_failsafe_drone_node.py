"""The rows of the last layer over real DDS: the drone node is to the graph what the bridge is to a radio."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from std_srvs.srv import Trigger

from reprohrl.contracts.command import VelocityCommand
from reprohrl.safety.table import Layer, Row, table
from reprohrl_msgs import msg as m
from reprohrl_msgs.srv import TakeOff
from ros_nodes import convert, qos
from ros_nodes.stamps import key
from tests.ros.graph_under_test import Graph
from tests.ros.probe import Probe
from tests.ros.supervised import CONFIG, DEADLINE_S, TICK_S

pytestmark = [pytest.mark.ros, pytest.mark.timeout(240)]

WITH_A_CRAZYFLIE = {
    "drone stopped itself": "test_a_drone_that_somebody_else_stopped_ends_the_flight_with_the_reason",
    "dead-man signal gone": "test_a_dead_man_signal_that_stops_lands_the_drone",
}
"""Rows of the bridge that only a Crazyflie can meet; `tests/safety` flies them in simulated time, too."""

IN_THE_GRAPH = {
    "silent pilot": "test_a_silent_supervisor_is_answered_by_the_drone_node",
    "no first command": "test_a_drone_that_nobody_commands_after_take_off_lands",
    "pilot gone": "test_a_supervisor_that_is_killed_is_answered_by_the_drone_node",
    "operator": "test_an_emergency_stop_cuts_and_is_final",
}
BRIDGE = [row for row in table(CONFIG) if row.layer is Layer.BRIDGE]


@pytest.mark.parametrize("condition", sorted({row.condition for row in BRIDGE}))
def test_every_row_of_the_last_layer_is_flown_somewhere(condition: str) -> None:
    if condition in IN_THE_GRAPH:
        assert callable(globals()[IN_THE_GRAPH[condition]])
        return
    crazyflie = Path(__file__).with_name("test_failsafe_crazyflie_node.py").read_text()
    assert f"def {WITH_A_CRAZYFLIE[condition]}(" in crazyflie


@dataclass
class Aloft:
    """A drone node whose world is simulated, and a probe that commands it."""

    probe: Probe
    graph: Graph
    out: Any

    def take_off(self) -> None:
        p = self.probe
        p.until(lambda: p.phase() == m.DroneState.GROUND, "a drone on the ground", DEADLINE_S)
        p.clear()
        client = p.node.create_client(TakeOff, "drone/take_off")
        assert p.call(client, TakeOff.Request(height_m=0.8), DEADLINE_S).success

    def command(self, ticks: int, reaction: int = m.Command.PASS) -> float:
        """Answer so many frames in the air, and return the stamp of the last [s]."""
        seen = -1
        for _ in range(ticks):
            state = self.probe.until(
                lambda last=seen: next((s for s in self.states() if key(s.header.stamp) > last), None),
                "the next frame", DEADLINE_S,
            )  # fmt: skip
            seen = key(state.header.stamp)
            answer = convert.command_to_msg(
                VelocityCommand(vx=0.3, stamp=seen * 1e-9), stamp=state.header.stamp, reaction=reaction
            )
            self.out.publish(answer)
        return seen * 1e-9

    def states(self) -> list[Any]:
        flying = m.DroneState.FLYING
        return [s for s in self.probe.heard["state"] if s.phase == flying and s.has_frame]

    def told(self, name: str) -> tuple[float, str]:
        """Return stamp [s] and words of an event, once it is heard."""
        said = self.probe.until(
            lambda: [e for e in self.probe.heard["events"] if e.name == name], name, DEADLINE_S
        )
        return key(said[0].header.stamp) * 1e-9, str(said[0].detail)

    def landed(self) -> None:
        self.probe.until(lambda: self.probe.phase() == m.DroneState.GROUND, "the landing", DEADLINE_S)

    def speed_at(self, stamp: float) -> float:
        """Return the true horizontal speed at a time [m/s]."""
        before = [t for t in self.probe.heard["truth"] if key(t.header.stamp) * 1e-9 <= stamp + 1e-6]
        return math.hypot(*before[-1].velocity[:2])


@pytest.fixture
def aloft(ros: int, tmp_path: Path) -> Iterator[Aloft]:
    wanted = ((m.DroneState, "state"), (m.Event, "events"), (m.Truth, "truth"))
    probe = Probe(topics=wanted)
    graph = Graph(ros, tmp_path, ("drone",), task="S1", seed="1", speed="1")
    out = probe.node.create_publisher(m.Command, "command", qos.COMMANDS)
    probe.until(lambda: out.get_subscription_count() == 1, "the drone node", DEADLINE_S)
    yield Aloft(probe, graph, out)
    graph.close()
    probe.close()


def row_of(condition: str, reaction: str) -> Row:
    return next(r for r in BRIDGE if (r.condition, r.reaction) == (condition, reaction))


def test_a_silent_supervisor_is_answered_by_the_drone_node(aloft: Aloft) -> None:
    aloft.take_off()
    last = aloft.command(15)
    assert aloft.speed_at(last) > 0.2
    landing, words = aloft.told("failsafe")
    after_s = row_of("silent pilot", "land").after_s
    assert after_s <= landing - last <= after_s + 2 * TICK_S + 1e-3, words
    assert re.fullmatch(r"no command for 1\.\d s: land", words)
    assert aloft.speed_at(landing) < 0.1, "it hovered before"
    aloft.landed()


def test_a_command_within_a_second_goes_on(aloft: Aloft) -> None:
    aloft.take_off()
    last = aloft.command(5)
    hover_s = row_of("silent pilot", "hover").after_s
    aloft.probe.until(
        lambda: any(key(s.header.stamp) * 1e-9 > last + hover_s + 2 * TICK_S for s in aloft.states()),
        "a silence that hovers", DEADLINE_S,
    )  # fmt: skip
    aloft.command(20)
    assert not [e for e in aloft.probe.heard["events"] if e.name == "failsafe"]
    assert aloft.probe.phase() == m.DroneState.FLYING


def test_a_drone_that_nobody_commands_after_take_off_lands(aloft: Aloft) -> None:
    aloft.take_off()
    landing, _ = aloft.told("failsafe")
    began = key(aloft.states()[0].header.stamp) * 1e-9
    assert landing - began < row_of("no first command", "land").after_s
    aloft.landed()


def test_an_emergency_stop_cuts_and_is_final(aloft: Aloft) -> None:
    aloft.take_off()
    aloft.command(5)
    client = aloft.probe.node.create_client(Trigger, "drone/emergency_stop")
    assert aloft.probe.call(client, Trigger.Request(), DEADLINE_S).success
    assert aloft.told("motors_cut")[1] == "the operator pressed stop"
    aloft.landed()
    assert row_of("operator", "cut").recovery == "final for this flight"
    aloft.probe.clear()
    aloft.probe.until(lambda: len(aloft.probe.heard["state"]) > 5, "states on the ground", DEADLINE_S)
    assert not aloft.states(), "it flies no more"


def test_a_supervisor_that_is_killed_is_answered_by_the_drone_node(
    aloft: Aloft, ros: int, tmp_path: Path
) -> None:
    """The pilot of the drone node is the supervisor's process; the probe is its navigator here."""
    p = aloft.probe
    p.node.destroy_publisher(aloft.out)
    graph = Graph(ros, tmp_path, ("supervisor",))
    try:
        aloft.out = p.node.create_publisher(m.Command, "raw_command", qos.STAGES)
        p.until(
            lambda: aloft.out.get_subscription_count() == 1 and p.node.count_publishers("command") == 1,
            "the supervisor", DEADLINE_S,
        )  # fmt: skip
        aloft.take_off()
        last = aloft.command(15)
        graph.kill("supervisor")
        landing, words = aloft.told("failsafe")
        after_s = row_of("silent pilot", "land").after_s
        assert landing - last >= after_s - TICK_S and words.endswith("land")
        assert aloft.speed_at(landing) < 0.1
        aloft.landed()
    finally:
        graph.close()

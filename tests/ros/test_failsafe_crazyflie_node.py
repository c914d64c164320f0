"""The rows that only a Crazyflie can meet: the drone node over DDS, a virtual Crazyflie over UDP."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from std_msgs.msg import Empty

from firmware_bridge.virtual import ports
from firmware_bridge.virtual.crtp import Packet, Port
from firmware_bridge.virtual.flying_world import VirtualConfig, VirtualDrone
from reprohrl.contracts.command import VelocityCommand
from reprohrl_msgs import msg as m
from reprohrl_msgs.srv import TakeOff
from ros_nodes import convert, qos
from ros_nodes.stamps import key
from sim.tasks import make_scene
from tests.ros.graph_under_test import Graph
from tests.ros.probe import Probe

pytestmark = [pytest.mark.ros, pytest.mark.graph, pytest.mark.timeout(240)]
pytest.importorskip("cflib")
DEADLINE_S = 60.0
DEAD_MAN_S = 1.5
"""Longer than the machine's own hiccups, so that only a signal that stays away lands the drone."""

EMERGENCY_STOP = Packet(Port.SUPERVISOR, 1, b"\x03")


@dataclass
class Aloft:
    """A flying virtual Crazyflie whose frames are answered, and whose operator can let go."""

    probe: Probe
    virtual: VirtualDrone
    commands: Any
    signal: Any
    held: bool = True
    answered: int = -1

    def go_on(self) -> None:
        """Answer the newest frame, and hold the dead-man signal while the operator does."""
        if self.held:
            self.signal.publish(Empty())
        state = self.probe.newest("state")
        if state is None or state.phase != m.DroneState.FLYING or key(state.header.stamp) <= self.answered:
            return
        self.answered = key(state.header.stamp)
        hover = VelocityCommand(stamp=self.answered * 1e-9)
        self.commands.publish(convert.command_to_msg(hover, stamp=state.header.stamp))

    def until(self, holds: Any, what: str) -> Any:
        def goes_on() -> Any:
            self.go_on()
            return holds()

        return self.probe.until(goes_on, what, DEADLINE_S)

    def frames(self, many: int) -> None:
        seen = {key(s.header.stamp) for s in self.probe.heard["state"]}
        self.until(
            lambda: len({key(s.header.stamp) for s in self.probe.heard["state"]} - seen) >= many, "frames"
        )

    def told(self) -> str:
        """Return what the bridge did and why, once it says so."""
        said = lambda: [e for e in self.probe.heard["events"] if e.name in ("failsafe", "bridge")]  # noqa: E731
        return str(self.until(said, "the reaction")[-1].detail)


@pytest.fixture
def aloft(ros: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Aloft]:
    monkeypatch.setenv("REPROHRL_FORCE", "1")  # the link of a busy machine is not what is tested
    probe = Probe(topics=((m.DroneState, "state"), (m.Event, "events")))
    with VirtualDrone(make_scene("S1", 1, "test"), VirtualConfig(port=0, aideck_port=0)) as virtual:
        virtual.run()
        graph = Graph(
            ros, tmp_path, ("drone",), changed={"drone": {"dead_man_s": DEAD_MAN_S}}, backend="crazyflie",
            uri=virtual.crazyflie.uri, camera_host="127.0.0.1", camera_port=str(virtual.aideck.port),
            speed="1",
        )  # fmt: skip
        one = Aloft(
            probe, virtual, probe.node.create_publisher(m.Command, "command", qos.COMMANDS),
            probe.node.create_publisher(Empty, "drone/dead_man", qos.STAGES),
        )  # fmt: skip
        try:
            one.until(lambda: probe.phase() == m.DroneState.GROUND, "a drone on the ground")
            client = probe.node.create_client(TakeOff, "drone/take_off")
            one.until(client.service_is_ready, "the take-off service")
            climbing = client.call_async(TakeOff.Request(height_m=0.8))
            one.until(climbing.done, "the take-off")
            assert climbing.result().success, climbing.result().message
            one.until(lambda: probe.phase() == m.DroneState.FLYING, "the end of the climb")
            one.frames(10)
            assert probe.phase() == m.DroneState.FLYING
            probe.heard["events"].clear()
            yield one
        finally:
            graph.close()
            probe.close()


def test_a_dead_man_signal_that_stops_lands_the_drone(aloft: Aloft) -> None:
    aloft.held = False
    assert "dead-man" in aloft.told()
    aloft.until(lambda: aloft.probe.phase() == m.DroneState.GROUND, "the landing")
    assert aloft.virtual.world.truth().position[2] < 0.15


def test_a_drone_that_somebody_else_stopped_ends_the_flight_with_the_reason(aloft: Aloft) -> None:
    ports.handle(aloft.virtual.crazyflie.firmware, EMERGENCY_STOP)
    assert "it is locked after a watchdog or an emergency stop" in aloft.told()
    aloft.until(lambda: aloft.probe.phase() == m.DroneState.GROUND, "the end of the flight")

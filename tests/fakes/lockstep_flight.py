"""A virtual firmware in lockstep, and the packets that tests of it send."""

from __future__ import annotations

import struct
from collections.abc import Callable

from firmware_bridge.virtual import ports
from firmware_bridge.virtual.clockwork import TICK_S
from firmware_bridge.virtual.crtp import Packet, Port
from firmware_bridge.virtual.firmware import Firmware
from firmware_bridge.virtual.supervisor import Info
from firmware_bridge.virtual.supervisor_states import State
from tests.fakes.kinematic_body import KinematicBody

NOTIFY_STOP = Packet(Port.COMMANDER_GENERIC, 1, struct.pack("<BI", 0, 0))
STOP_SETPOINT = Packet(Port.COMMANDER_GENERIC, 0, b"\0")
EMERGENCY_STOP = Packet(Port.SUPERVISOR, 1, b"\x03")
FEED_WATCHDOG = Packet(Port.SUPERVISOR, 1, b"\x04")
ARM, DISARM = Packet(Port.SUPERVISOR, 1, b"\x01\x01"), Packet(Port.SUPERVISOR, 1, b"\x01\x00")
RECOVER = Packet(Port.SUPERVISOR, 1, b"\x02")


def high_level(command: int, layout: str, *values: float) -> Packet:
    return Packet(Port.HIGH_LEVEL, 0, struct.pack("<B" + layout, command, *values))


TAKE_OFF = high_level(7, "Bff?f", 0, 0.8, 0.0, True, 1.5)
LAND = high_level(8, "Bff?f", 0, 0.0, 0.0, True, 1.5)


def hover(vx: float = 0.0, z: float = 0.8) -> Packet:
    return Packet(Port.COMMANDER_GENERIC, 0, struct.pack("<Bffff", 10, vx, 0.0, 0.0, z))


def rpyt(thrust: int) -> Packet:
    return Packet(Port.COMMANDER, 0, struct.pack("<fffH", 0.0, 0.0, 0.0, thrust))


class Flight:
    """A firmware in lockstep with what the tests ask of it."""

    def __init__(self, *, require_arming: bool = False) -> None:
        self.body = KinematicBody()
        self.said: list[str] = []
        self.logged: list[bytes] = []
        self.firmware = Firmware(
            self.body, require_arming=require_arming, console=self.said.append, send_log=self.logged.append
        )

    def send(self, *packets: Packet) -> list[bytes]:
        return [reply.data for p in packets for reply in ports.handle(self.firmware, p)]

    def wait(self, seconds: float, each: Callable[[], None] = lambda: None) -> None:
        for _ in range(round(seconds / TICK_S)):
            each()
            self.firmware.step(TICK_S)

    def fly(self, seconds: float, vx: float = 0.0) -> None:
        """Stream hover setpoints."""
        self.wait(seconds, lambda: self.send(hover(vx)) and None)

    def until(self, done: Callable[[], bool], limit_s: float) -> float:
        """Step until `done` or the limit; return the simulated seconds it took."""
        start = self.firmware.time
        while not done() and self.firmware.time - start < limit_s:
            self.firmware.step(TICK_S)
        return self.firmware.time - start

    def set(self, name: str, value: float) -> None:
        """Write a parameter as the host does."""
        found = self.firmware.parameters.find(name)
        assert found is not None
        self.firmware.parameters.write(found, value)

    @property
    def info(self) -> Info:
        return Info(self.firmware.info())

    @property
    def state(self) -> State:
        return self.firmware.supervisor.state

    @property
    def text(self) -> str:
        return "".join(self.said)


def hovering(*, require_arming: bool = False) -> Flight:
    """A drone in the high-level commander's hover at 0.8 m."""
    flight = Flight(require_arming=require_arming)
    if require_arming:
        flight.send(ARM)
        flight.wait(0.6)
    assert flight.send(TAKE_OFF) == [TAKE_OFF.data[:3] + b"\0"]
    flight.wait(3.0)
    assert abs(flight.body.position[2] - 0.8) < 0.05
    return flight

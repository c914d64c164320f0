"""The virtual Crazyflie cuts, levels and locks when the firmware does. Lockstep: exact times."""

from __future__ import annotations

import math
import struct
from collections.abc import Callable

import pytest

from firmware_bridge.virtual import ports
from firmware_bridge.virtual.clockwork import TICK_S
from firmware_bridge.virtual.crtp import Packet, Port
from firmware_bridge.virtual.firmware import Firmware
from firmware_bridge.virtual.supervisor import Info
from tests.fakes.kinematic_body import KinematicBody

NOTIFY_STOP = Packet(Port.COMMANDER_GENERIC, 1, struct.pack("<BI", 0, 0))
TAKE_OFF = Packet(Port.HIGH_LEVEL, 0, struct.pack("<BBff?f", 7, 0, 0.8, 0.0, True, 1.5))
LAND = Packet(Port.HIGH_LEVEL, 0, struct.pack("<BBff?f", 8, 0, 0.0, 0.0, True, 1.5))
EMERGENCY_STOP = Packet(Port.SUPERVISOR, 1, b"\x03")


def hover(vx: float = 0.0, z: float = 0.8) -> Packet:
    return Packet(Port.COMMANDER_GENERIC, 0, struct.pack("<Bffff", 10, vx, 0.0, 0.0, z))


class Flight:
    """A firmware in lockstep with what the tests ask of it."""

    def __init__(self, *, require_arming: bool = False) -> None:
        self.body = KinematicBody()
        self.firmware = Firmware(
            self.body, require_arming=require_arming, console=lambda _t: None, send_log=lambda _d: None
        )

    def send(self, *packets: Packet) -> list[bytes]:
        return [reply.data for p in packets for reply in ports.handle(self.firmware, p)]

    def wait(self, seconds: float, each: Callable[[], None] = lambda: None) -> None:
        for _ in range(round(seconds / TICK_S)):
            each()
            self.firmware.step(TICK_S)

    def fly(self, seconds: float, vx: float = 0.0) -> None:
        self.wait(seconds, lambda: self.send(hover(vx)) and None)

    @property
    def info(self) -> Info:
        return Info(self.firmware.info())


@pytest.fixture
def flight() -> Flight:
    flight = Flight()
    flight.send(TAKE_OFF)
    flight.wait(3.0)
    assert flight.body.position[2] == pytest.approx(0.8, abs=0.05)
    return flight


def test_high_level_take_off_and_landing_end_with_motors_off(flight: Flight) -> None:
    flight.send(LAND)
    flight.wait(3.0)
    assert flight.body.position[2] == 0.0
    assert not flight.body.motors
    flight.wait(2.1)
    assert not flight.info & Info.FLYING


def test_a_silent_link_in_high_level_flight_changes_nothing(flight: Flight) -> None:
    flight.wait(5.0)
    assert flight.body.position[2] == pytest.approx(0.8, abs=0.05)
    assert not flight.info & Info.LOCKED


def test_silence_levels_out_at_half_a_second_and_locks_at_two(flight: Flight) -> None:
    flight.fly(1.5, vx=0.3)
    flight.wait(0.48)
    assert flight.body.velocity[0] == pytest.approx(0.3, abs=0.02)
    assert flight.firmware.supervisor.can_fly
    flight.wait(1.48)  # level: it coasts, height kept
    assert flight.body.motors
    assert flight.body.position[2] == pytest.approx(0.8, abs=0.05)
    flight.wait(0.1)
    assert not flight.body.motors
    assert flight.info & Info.LOCKED
    flight.send(NOTIFY_STOP, TAKE_OFF)
    flight.fly(1.0)
    assert not flight.body.motors


def test_setpoint_stop_without_a_high_level_command_cuts_the_motors_at_once(flight: Flight) -> None:
    flight.fly(0.5)
    flight.send(NOTIFY_STOP)
    flight.wait(0.06)
    assert not flight.body.motors
    assert not flight.info & Info.LOCKED


def test_setpoint_stop_and_landing_in_one_tick_lands(flight: Flight) -> None:
    flight.fly(0.5)
    flight.send(NOTIFY_STOP, LAND)
    flight.wait(0.06)
    assert flight.body.motors
    flight.wait(3.0)
    assert flight.body.position[2] == 0.0
    assert not flight.info & Info.LOCKED


def test_a_landing_is_ignored_while_setpoints_have_priority(flight: Flight) -> None:
    flight.fly(0.5)
    flight.send(LAND)
    flight.fly(2.0)
    assert flight.body.position[2] == pytest.approx(0.8, abs=0.05)


def test_emergency_stop_cuts_and_locks(flight: Flight) -> None:
    flight.send(EMERGENCY_STOP)
    flight.wait(0.06)
    assert not flight.body.motors
    assert flight.info & Info.LOCKED


def test_the_legacy_emergency_stop_on_the_localization_port_does_the_same(flight: Flight) -> None:
    flight.send(Packet(Port.LOCALIZATION, 1, b"\x03"))
    flight.wait(0.06)
    assert not flight.body.motors


def test_the_emergency_watchdog_is_off_until_fed_and_then_cuts_after_a_second(flight: Flight) -> None:
    flight.send(Packet(Port.SUPERVISOR, 1, b"\x04"))
    flight.wait(0.95)
    assert flight.body.motors
    flight.wait(0.1)
    assert not flight.body.motors


def test_thrust_is_locked_until_a_zero_was_seen() -> None:
    flight = Flight()
    thrust = Packet(Port.COMMANDER, 0, struct.pack("<fffH", 0.0, 0.0, 0.0, 45000))
    flight.wait(0.2, lambda: flight.send(thrust) and None)
    assert not flight.body.motors
    flight.send(Packet(Port.COMMANDER, 0, struct.pack("<fffH", 0.0, 0.0, 0.0, 0)))
    flight.wait(0.2, lambda: flight.send(thrust) and None)
    assert flight.body.motors


def test_an_unarmed_drone_ignores_take_off_and_disarming_in_flight_cuts() -> None:
    flight = Flight(require_arming=True)
    flight.send(TAKE_OFF)
    flight.wait(1.0)
    assert flight.body.position[2] == 0.0
    assert flight.send(Packet(Port.SUPERVISOR, 1, b"\x01\x01")) == [b"\x81\x01\x01"]
    assert flight.info & Info.ARMED
    flight.send(TAKE_OFF)
    flight.wait(2.0)
    assert flight.body.position[2] > 0.5
    flight.send(Packet(Port.SUPERVISOR, 1, b"\x01\x00"))
    flight.wait(0.1)
    assert not flight.body.motors
    assert flight.info & Info.CAN_ARM


def test_an_armed_drone_disarms_three_seconds_after_landing() -> None:
    flight = Flight(require_arming=True)
    flight.send(Packet(Port.SUPERVISOR, 1, b"\x01\x01"), TAKE_OFF)
    flight.wait(2.0)
    flight.send(LAND)
    flight.wait(1.5 + 2.8)
    assert flight.info & Info.ARMED
    flight.wait(0.4)
    assert not flight.info & Info.ARMED


def test_lying_on_its_back_it_is_tumbled_and_may_not_fly(flight: Flight) -> None:
    flight.body.roll = math.pi
    flight.wait(0.15)
    assert flight.info & Info.TUMBLED
    assert flight.info & Info.CRASHED
    assert not flight.body.motors
    assert flight.send(Packet(Port.SUPERVISOR, 1, b"\x02")) == [b"\x82\x00\x00"]


def test_a_setpoint_of_wrong_length_reboots_the_firmware(flight: Flight) -> None:
    flight.send(Packet(Port.COMMANDER_GENERIC, 0, b"\x0a\x00"))
    flight.wait(0.1)
    assert flight.firmware.reboots == 1
    assert not flight.body.motors

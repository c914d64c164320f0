"""The virtual Crazyflie cuts, levels, locks and disarms when the firmware does. Lockstep: exact times.

What the supervisor sees, it sees 25 times a second: `SEEN` is how much later than its time a reaction may be,
and each further state takes one more period.
"""

from __future__ import annotations

import math
import struct
from hashlib import sha256

import pytest

from firmware_bridge.virtual import clockwork as t
from firmware_bridge.virtual.crtp import Packet, Port
from firmware_bridge.virtual.supervisor import Info
from firmware_bridge.virtual.supervisor_states import RULES, Condition, State, follow
from tests.fakes.lockstep_flight import (
    ARM,
    DISARM,
    EMERGENCY_STOP,
    FEED_WATCHDOG,
    LAND,
    NOTIFY_STOP,
    RECOVER,
    STOP_SETPOINT,
    TAKE_OFF,
    Flight,
    hover,
    hovering,
    rpyt,
)

SEEN = t.SUPERVISOR_S + 2 * t.TICK_S
EBUSY = 16


@pytest.fixture
def flight() -> Flight:
    return hovering()


def test_high_level_take_off_and_landing_end_with_motors_off(flight: Flight) -> None:
    flight.send(LAND)
    flight.wait(3.0)
    assert flight.body.position[2] == 0.0
    assert not flight.body.motors
    flight.wait(2.1)
    assert not flight.info & Info.FLYING


def test_a_silent_link_in_high_level_flight_changes_nothing(flight: Flight) -> None:
    flight.wait(20.0)
    assert flight.body.position[2] == pytest.approx(0.8, abs=0.05)
    assert flight.state is State.FLYING


def test_silence_levels_out_after_half_a_second(flight: Flight) -> None:
    flight.fly(1.5, vx=0.3)
    took = flight.until(lambda: flight.state is State.LEVEL_OUT, 1.0)
    assert t.LEVEL_OUT_S < took <= t.LEVEL_OUT_S + SEEN
    flight.wait(1.3)  # it coasts, height kept
    assert flight.body.velocity[0] == pytest.approx(0.3, abs=0.03)
    assert flight.body.position[2] == pytest.approx(0.8, abs=0.05)
    assert flight.body.motors


def test_silence_of_two_seconds_cuts_the_motors_and_locks_until_the_power_is_cycled(flight: Flight) -> None:
    flight.fly(1.0)
    took = flight.until(lambda: not flight.body.motors, 3.0)
    assert t.SHUTDOWN_S < took <= t.SHUTDOWN_S + SEEN
    flight.wait(2 * SEEN)
    assert flight.info & Info.LOCKED
    assert "SUP: Locked, reboot required\n" in flight.text
    flight.send(NOTIFY_STOP)
    assert flight.send(TAKE_OFF)[0][3] == EBUSY
    flight.fly(1.0)
    flight.send(RECOVER)
    assert flight.send(ARM) == [b"\x81\x00\x00"]
    flight.wait(5.0)
    assert not flight.body.motors
    flight.firmware.power_cycle()
    assert flight.info & Info.CAN_FLY


def test_a_setpoint_in_time_ends_the_levelling(flight: Flight) -> None:
    flight.fly(1.0)
    flight.wait(1.0)
    assert flight.state is State.LEVEL_OUT
    flight.fly(0.1)
    assert flight.state is State.FLYING


def test_a_stop_setpoint_and_silence_on_the_ground_lock_too(flight: Flight) -> None:
    """The pain of scripts that end with a stop setpoint alone: flying counts for 2 s after the motors."""
    flight.send(LAND)
    flight.wait(1.6)
    flight.fly(0.2)
    flight.send(STOP_SETPOINT)
    flight.wait(t.SHUTDOWN_S + 3 * SEEN)
    assert flight.info & Info.LOCKED


def test_setpoint_stop_without_a_high_level_command_cuts_the_motors_at_once(flight: Flight) -> None:
    flight.fly(0.5)
    flight.send(NOTIFY_STOP)
    flight.wait(0.06)
    assert not flight.body.motors
    flight.wait(5.0)
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


@pytest.mark.parametrize(
    "packet", [EMERGENCY_STOP, Packet(Port.LOCALIZATION, 1, b"\x03")], ids=["supervisor", "localization"]
)
def test_emergency_stop_cuts_within_60_ms_and_locks(flight: Flight, packet: Packet) -> None:
    flight.send(packet)
    assert flight.until(lambda: not flight.body.motors, 1.0) <= 0.06
    flight.wait(SEEN)
    assert flight.info & Info.LOCKED


def test_the_stop_parameter_is_an_emergency_stop(flight: Flight) -> None:
    flight.set("stabilizer.stop", 1)
    flight.wait(2 * SEEN)
    assert flight.info & Info.LOCKED


@pytest.mark.parametrize(
    "packet", [FEED_WATCHDOG, Packet(Port.LOCALIZATION, 1, b"\x04")], ids=["supervisor", "localization"]
)
def test_the_emergency_watchdog_is_off_until_fed_and_then_cuts_after_a_second(
    flight: Flight, packet: Packet
) -> None:
    for _ in range(3):
        flight.send(packet)
        flight.wait(0.9)
        assert flight.body.motors
    flight.send(packet)
    took = flight.until(lambda: not flight.body.motors, 2.0)
    assert t.EMERGENCY_WATCHDOG_S <= took <= t.EMERGENCY_WATCHDOG_S + SEEN


def test_thrust_is_locked_until_a_zero_was_seen() -> None:
    flight = Flight()
    flight.wait(0.2, lambda: flight.send(rpyt(45000)) and None)
    assert not flight.body.motors
    flight.send(rpyt(0))
    flight.wait(0.2, lambda: flight.send(rpyt(45000)) and None)
    assert flight.body.motors


def test_thrust_is_locked_again_when_its_priority_was_lost() -> None:
    flight = Flight()
    flight.send(rpyt(0), rpyt(45000))
    flight.wait(0.1)
    assert flight.body.motors
    flight.send(NOTIFY_STOP)
    flight.wait(0.2, lambda: flight.send(rpyt(45000)) and None)
    assert not flight.body.motors


def test_an_unarmed_drone_refuses_take_off_and_setpoints() -> None:
    flight = Flight(require_arming=True)
    assert flight.info & Info.CAN_ARM
    assert flight.send(TAKE_OFF)[0][3] == EBUSY
    flight.fly(1.0)
    assert flight.body.position[2] == 0.0
    assert not flight.body.motors


def test_arming_spins_the_motors_up_before_it_can_fly() -> None:
    flight = Flight(require_arming=True)
    assert flight.send(ARM) == [b"\x81\x01\x01"]
    flight.wait(SEEN)
    assert flight.state is State.ARMING
    assert flight.send(TAKE_OFF)[0][3] == EBUSY
    took = flight.until(lambda: flight.firmware.can_fly, 2.0)
    assert t.RPM_VALID_S < took < t.SPIN_UP_S
    assert flight.firmware.thrust == t.IDLE_THRUST
    assert "SUP: Ready to fly\n" in flight.text
    assert flight.send(TAKE_OFF)[0][3] == 0


def test_a_motor_that_does_not_turn_ends_the_arming_after_two_seconds() -> None:
    flight = Flight(require_arming=True)
    flight.firmware.supervisor.faults.blocked_motor = 3
    flight.send(ARM)
    took = flight.until(lambda: flight.state is State.CHECKS_FAILED, 5.0)
    assert t.SPIN_UP_S < took <= t.SPIN_UP_S + 2 * SEEN
    assert not flight.info & Info.ARMED
    assert "SUP: M3 arming RPM check [FAIL]\n" in flight.text


def test_disarming_in_flight_cuts_within_60_ms_and_does_not_lock() -> None:
    flight = hovering(require_arming=True)
    flight.send(DISARM)
    assert flight.until(lambda: not flight.body.motors, 1.0) <= 0.06
    flight.wait(4 * SEEN)
    assert flight.info & Info.CAN_ARM
    assert not flight.info & Info.LOCKED


def test_an_armed_drone_that_does_not_fly_is_disarmed_after_thirty_seconds() -> None:
    flight = Flight(require_arming=True)
    flight.send(ARM)
    flight.until(lambda: flight.state is State.READY, 2.0)
    took = flight.until(lambda: not flight.info & Info.ARMED, 40.0)
    assert t.PREFLIGHT_S < took <= t.PREFLIGHT_S + SEEN
    assert "SUP: Disarming\n" in flight.text


def test_an_armed_drone_disarms_three_seconds_after_it_has_landed() -> None:
    flight = hovering(require_arming=True)
    flight.send(LAND)
    flight.until(lambda: flight.firmware.thrust <= t.IDLE_THRUST, 5.0)
    on_hold = flight.until(lambda: flight.state is State.LANDED, 5.0)
    assert t.FLYING_HYSTERESIS_S - t.SUPERVISOR_S <= on_hold <= t.FLYING_HYSTERESIS_S + 2 * SEEN
    took = flight.until(lambda: not flight.info & Info.ARMED, 5.0)
    assert t.LANDED_S < took <= t.LANDED_S + SEEN


def test_timeouts_follow_their_parameters() -> None:
    flight = Flight(require_arming=True)
    flight.set("supervisor.prefltTimeout", 1000)
    flight.send(ARM)
    flight.until(lambda: flight.state is State.READY, 2.0)
    assert 1.0 < flight.until(lambda: not flight.info & Info.ARMED, 5.0) <= 1.0 + SEEN


def test_a_drone_that_arms_itself_is_ready_at_once_and_soon_again_after_landing(flight: Flight) -> None:
    flight.send(LAND)
    flight.until(lambda: flight.state is State.LANDED, 6.0)
    flight.until(lambda: not flight.firmware.can_fly, 5.0)
    assert flight.until(lambda: flight.firmware.can_fly, 1.0) <= 5 * t.SUPERVISOR_S


def test_upside_down_for_a_tenth_of_a_second_is_a_crash(flight: Flight) -> None:
    flight.body.roll = math.pi
    took = flight.until(lambda: not flight.body.motors, 2.0)
    assert t.TUMBLE_UPSIDE_DOWN_S < took <= t.TUMBLE_UPSIDE_DOWN_S + 2 * SEEN
    assert flight.info & (Info.CRASHED | Info.TUMBLED) == Info.CRASHED | Info.TUMBLED
    assert not flight.info & Info.LOCKED
    assert "SUP: Crashed, recovery required\n" in flight.text


def test_on_its_side_for_a_second_is_a_crash(flight: Flight) -> None:
    flight.body.roll = math.radians(80)
    took = flight.until(lambda: bool(flight.info & Info.CRASHED), 3.0)
    assert t.TUMBLE_TILT_S < took <= t.TUMBLE_TILT_S + 2 * SEEN


def test_tumbling_is_not_looked_for_when_its_parameter_says_so(flight: Flight) -> None:
    flight.set("supervisor.tmblChckEn", 0)
    flight.body.roll = math.pi
    flight.wait(2.0)
    assert flight.body.motors


def test_falling_freely_is_no_tumbling(flight: Flight) -> None:
    flight.fly(0.2)
    flight.body.position[2] = 40.0
    flight.send(NOTIFY_STOP)
    flight.wait(2.0)
    assert flight.body.position[2] < 25.0
    assert not flight.info & Info.TUMBLED


def test_recovery_is_refused_upside_down_and_granted_when_turned_over(flight: Flight) -> None:
    flight.body.roll = math.pi
    flight.wait(1.0)
    assert flight.send(RECOVER) == [b"\x82\x00\x00"]
    assert flight.send(Packet(Port.PLATFORM, 0, b"\x02"))[0] == b"\x02\x00\x00"
    flight.body.roll = 0.0
    flight.wait(0.2)
    assert flight.info & Info.CRASHED
    assert flight.send(RECOVER) == [b"\x82\x01\x01"]
    flight.wait(6 * SEEN)
    assert flight.firmware.can_fly


def test_a_hard_knock_is_a_crash_when_asked_for(flight: Flight) -> None:
    flight.fly(0.2)
    flight.send(NOTIFY_STOP)
    flight.wait(0.1)
    assert flight.state is State.FLYING
    flight.set("supervisor.crashDetectGs", 0.5)
    flight.wait(0.2)
    assert flight.info & Info.CRASHED


def test_a_deck_fault_in_the_air_locks(flight: Flight) -> None:
    flight.firmware.supervisor.faults.deck = True
    flight.wait(2 * SEEN)
    assert flight.info & Info.LOCKED
    assert flight.info & Info.DECK_FAULT


@pytest.mark.parametrize(
    "packet",
    [
        Packet(Port.COMMANDER_GENERIC, 0, b"\x0a\x00"),
        Packet(Port.COMMANDER_GENERIC, 0, b""),
        Packet(Port.COMMANDER_GENERIC, 1, b"\x00\x00"),
        Packet(Port.MEMORY, 0, b"\x02\x63"),
    ],
    ids=["setpoint length", "empty setpoint", "notify length", "memory id"],
)
def test_a_failed_assertion_stops_the_motors_and_nothing_flies_until_the_power_is_cycled(
    flight: Flight, packet: Packet
) -> None:
    flight.send(packet)
    flight.wait(0.1)
    assert flight.firmware.reboots == 1
    assert not flight.body.motors
    assert flight.firmware.parameters.get("system.selftestPassed") == 0
    flight.fly(1.0)
    assert not flight.body.motors
    flight.firmware.power_cycle()
    assert flight.send(TAKE_OFF)[0][3] == 0


def test_a_setpoint_that_is_not_a_number_stops_the_motors_while_it_lasts(flight: Flight) -> None:
    flight.fly(0.2)
    flight.send(hover(math.nan))
    flight.wait(0.05)
    assert not flight.body.motors
    flight.fly(0.1)
    assert flight.body.motors


def test_a_go_to_that_is_not_a_number_disables_the_planner_and_its_silence_locks(flight: Flight) -> None:
    nowhere = struct.pack("<BBBBfffff", 12, 0, 0, 0, math.nan, 0.0, 0.8, 0.0, 2.0)
    assert flight.send(Packet(Port.HIGH_LEVEL, 0, nowhere))[0][3] == 0
    flight.wait(0.1)
    assert flight.info & Info.HL_DISABLED
    flight.wait(t.SHUTDOWN_S + 3 * SEEN)
    assert flight.info & Info.LOCKED


def test_there_is_no_fence(flight: Flight) -> None:
    flight.send(Packet(Port.HIGH_LEVEL, 0, struct.pack("<BBBBfffff", 12, 0, 0, 0, 30.0, 0.0, 5.0, 0.0, 31.0)))
    flight.wait(45.0)
    assert flight.body.position[0] > 25.0
    assert flight.state is State.FLYING


def test_a_low_battery_is_told_after_five_seconds_and_lands_nobody(flight: Flight) -> None:
    flight.body.battery_v = 3.1
    flight.wait(t.BATTERY_LOW_S - 0.1)
    assert flight.firmware.power.state == 0
    flight.wait(0.3)
    assert flight.firmware.power.state == 3
    flight.body.battery_v = 2.9
    flight.wait(20.0)
    assert flight.state is State.FLYING
    assert flight.body.motors


def test_an_estimate_out_of_bounds_is_reset(flight: Flight) -> None:
    flight.firmware.estimator.drift((200.0, 0.0, 0.0))
    flight.wait(0.7)
    assert flight.firmware.estimator.resets >= 1
    assert "ESTKALMAN: State out of bounds, resetting\n" in flight.text


def test_every_state_has_rules_and_a_locked_one_has_no_way_out() -> None:
    assert set(RULES) == set(State)
    for conditions in range(1 << 13):
        assert follow(State.LOCKED, Condition(conditions)) is State.LOCKED


def test_every_state_under_every_condition_leads_where_the_firmwares_own_state_machine_leads() -> None:
    """The digest is of supervisorStateUpdate() of crazyflie-firmware 2a18fc29, compiled for a host."""
    table = bytes(follow(state, Condition(c)) for state in State for c in range(1 << 13))
    assert sha256(table).hexdigest() == "1e7358855071b9646c7f1132f39fd9d4ce9db29891fd7bebcb5e4ba61c135a02"


def test_no_condition_lets_a_state_that_stops_the_motors_pass_into_flight() -> None:
    for state in (State.RESET, State.FREE_FALL, State.LOCKED, State.CRASHED, State.CHECKS_FAILED):
        for conditions in range(0, 1 << 13, 7):
            assert follow(state, Condition(conditions)) not in (State.FLYING, State.READY, State.LEVEL_OUT)

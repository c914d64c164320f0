"""What the drone's own state says is wrong: battery, estimator, fence, speed, tilt, its supervisor's word."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import replace

import pytest

from firmware_bridge.drone import BridgeSettings
from firmware_bridge.lockstep.channel import LinkProfile
from firmware_bridge.preflight import PreflightSettings
from firmware_bridge.streamer import Phase
from firmware_bridge.virtual import ports
from firmware_bridge.virtual.body import BodyState
from firmware_bridge.virtual.crtp import Packet, Port
from reprohrl.contracts.command import HOVER, VelocityCommand
from reprohrl.contracts.errors import LinkError
from reprohrl.safety.config import Fence, SafetyConfig
from tests.safety.conftest import lift
from tests.safety.flights import Flight, is_down, rolled, shifted, wander

AHEAD = VelocityCommand(vx=0.4)
SMALL = BridgeSettings(safety=SafetyConfig(fence=Fence((-1.0, -1.0, -0.5), (1.0, 1.0, 1.5))))


def battery(volts: float) -> Callable[[BodyState], BodyState]:
    return lambda state: replace(state, battery_v=volts)


@pytest.mark.parametrize(
    ("volts", "after_s", "message"),
    [(3.15, 2.0, "low battery (3.15 V): land"), (2.9, 0.5, "critical battery (2.90 V): land")],
)
def test_a_low_battery_lands_in_time(aloft: Flight, volts: float, after_s: float, message: str) -> None:
    aloft.body.lie = battery(volts)
    began = aloft.now
    why = aloft.fly(5.0, AHEAD)
    assert why == message
    assert after_s <= aloft.now - began <= after_s + 0.2
    is_down(aloft, within_m=2.0, since=began)


def test_a_sag_of_a_second_is_borne(aloft: Flight) -> None:
    for _ in range(3):
        aloft.body.lie = battery(3.1)
        assert aloft.fly(1.5, HOVER) == ""
        aloft.body.lie = battery(3.7)
        assert aloft.fly(1.0, HOVER) == ""
    aloft.drone.land()
    is_down(aloft, within_m=0.1)


def test_a_weak_battery_is_told_and_flown(aloft: Flight) -> None:
    aloft.body.lie = battery(3.4)
    assert aloft.fly(3.0, HOVER) == ""
    assert "battery warning (3.40 V): pass" in aloft.messages
    aloft.drone.land()
    is_down(aloft, within_m=0.1)


def test_an_empty_battery_is_not_taken_off_with(start: Callable[..., Flight]) -> None:
    f = start()
    f.body.lie = battery(3.3)
    with pytest.raises(LinkError, match=r"battery has 3\.30 V; take-off needs 3\.5 V; charge it"):
        f.connect().take_off(0.8)
    is_down(f, within_m=0.01)


def test_a_battery_that_fails_in_the_climb_lands(start: Callable[..., Flight]) -> None:
    f = start()
    f.connect()
    f.clock.every(0.01, lambda: setattr(f.body, "lie", battery(2.8) if f.height > 0.3 else None))
    with pytest.raises(LinkError, match=r"take-off was broken off; critical battery \(2\.80 V\): land"):
        f.drone.take_off(1.2)
    f.body.lie = None
    is_down(f, within_m=0.1)


def test_an_estimator_that_is_unsure_is_not_trusted_with_a_landing(start: Callable[..., Flight]) -> None:
    """The estimate runs away in x at 0.8 m/s: a planned landing would chase it."""
    f = start()
    doubt = [1e-5]
    f.fault_log("kalman.varPX", lambda _value: doubt[0])
    lift(f)
    began, doubt[0] = f.now, 0.5
    f.body.lie = lambda state: shifted(0.8 * (f.now - began), 0.0)(state)
    why = f.fly(3.0, HOVER)
    assert why == "estimator unsure (0.71 m/s): land" and f.now - began <= 0.8
    assert f.drone._link.streamer.phase is Phase.SINKING
    is_down(f, within_m=1.2, since=began)


@pytest.mark.parametrize("what", ["stateEstimate.x", "stateEstimate.vy", "stateEstimate.roll"])
def test_an_estimate_that_is_no_number_hovers_then_sinks_level(
    start: Callable[..., Flight], what: str
) -> None:
    f = start()
    broken = [False]
    f.fault_log(what, lambda value: math.nan if broken[0] else value)
    lift(f)
    began, broken[0] = f.now, True
    why = f.fly(3.0, AHEAD)
    assert why.startswith("stale state") and 0.5 <= f.now - began <= 1.2
    is_down(f, within_m=0.8, since=began)


def test_an_estimate_that_jumps_once_hovers_and_goes_on(start: Callable[..., Flight]) -> None:
    f = start()
    off = [0.0]
    f.fault_log("stateEstimate.x", lambda value: value + off[0])
    lift(f)
    f.fly(1.0, AHEAD)
    off[0] = 1.5
    began = f.now
    assert f.fly(0.8, AHEAD) == "" and f.speed < 0.1
    assert any(m.startswith("estimate jumped (1.") for m in f.messages)
    assert f.fly(1.5, AHEAD) == "" and f.speed > 0.3
    f.drone.land()
    is_down(f, within_m=1.2, since=began)


def test_an_estimator_that_does_not_settle_keeps_the_drone_on_the_floor(start: Callable[..., Flight]) -> None:
    f = start()
    f.fault_log("kalman.varPZ", lambda _value: 1e-3 * f.now**2)
    with pytest.raises(LinkError, match=r"estimator did not settle in 15 s; its variances moved by"):
        f.connect().take_off(0.8)
    is_down(f, within_m=0.01)


@pytest.mark.parametrize("seed", range(3))
def test_no_policy_flies_through_the_fence(start: Callable[..., Flight], seed: int) -> None:
    f = lift(start(seed=seed), settings=SMALL)
    yaw = wander(seed)

    def outward(now: float) -> VelocityCommand:
        return VelocityCommand(0.5, 0.3, 0.3, yaw(now).yaw_rate)

    assert f.fly(6.0, outward) == ""
    assert max(abs(v) for s in f.trace for v in s.position[:2]) < 1.15
    assert max(s.position[2] for s in f.trace) < 1.6
    f.drone.land()
    is_down(f, within_m=3.0)


def test_a_drone_outside_its_fence_returns(start: Callable[..., Flight]) -> None:
    fence = Fence((0.4, -1.0, -0.5), (2.0, 1.0, 1.5))
    f = lift(start(), settings=BridgeSettings(safety=SafetyConfig(fence=fence)))
    assert f.fly(4.0, VelocityCommand(vx=-0.5)) == ""
    assert f.sample.position[0] > 0.3
    assert any(m.startswith("outside the geofence") for m in f.messages)
    f.drone.land()
    is_down(f, within_m=1.0)


def test_a_drone_far_outside_its_fence_lands(start: Callable[..., Flight]) -> None:
    fence = Fence((1.5, -1.0, -0.5), (3.0, 1.0, 1.5))
    f = start()
    with pytest.raises(LinkError, match=r"broken off; far outside the geofence \(1\.50 m\): land"):
        f.connect(BridgeSettings(safety=SafetyConfig(fence=fence))).take_off(0.8)
    is_down(f, within_m=0.2)


def test_a_runaway_hovers_then_lands(start: Callable[..., Flight]) -> None:
    f = start()
    extra = [0.0]
    f.fault_log("stateEstimate.vx", lambda value: value + extra[0])
    lift(f)
    extra[0], began = 1.8, f.now
    why = f.fly(3.0, HOVER)
    assert why.startswith("overspeed (1.") and 1.5 <= f.now - began <= 1.8
    is_down(f, within_m=1.0, since=began)


@pytest.mark.parametrize("angle_rad", [1.6, 3.0])
def test_a_tumble_stops_the_motors(aloft: Flight, angle_rad: float) -> None:
    aloft.fly(0.5, AHEAD)
    aloft.body.lie = rolled(angle_rad)
    began = aloft.now
    why = aloft.fly(3.0, AHEAD)
    assert aloft.now - began < 0.6
    assert why.startswith("tumble (") or why.startswith("the drone stopped: it lies on its side")
    aloft.until(lambda: not aloft.sample.motors, 0.1)
    aloft.body.lie = None
    is_down(aloft, locked="tumble" in why, within_m=1.0, since=began)


def test_a_drone_on_its_side_is_not_taken_off_with(start: Callable[..., Flight]) -> None:
    f = start()
    f.body.lie = rolled(1.6)
    f.connect()
    f.wait(2.0)
    with pytest.raises(LinkError, match="may not fly; it lies on its side; put it upright"):
        f.drone.take_off(0.8)
    is_down(f, within_m=0.01)


def test_a_drone_stopped_by_somebody_else_ends_the_flight_with_the_reason(aloft: Flight) -> None:
    ports.handle(aloft.firmware, Packet(Port.SUPERVISOR, 1, b"\x03"))  # another host's emergency stop
    why = aloft.fly(1.0, HOVER)
    assert why == "the drone stopped: it is locked after a watchdog or an emergency stop: cut"
    is_down(aloft, locked=True, within_m=0.2)
    with pytest.raises(LinkError, match="it is locked after a watchdog"):
        aloft.drone.land()
        aloft.drone.take_off(0.5)


def test_a_drone_that_reboots_in_the_air_is_noticed(aloft: Flight) -> None:
    ports.handle(aloft.firmware, Packet(Port.COMMANDER_GENERIC, 0, b"\x0a\x00"))  # a setpoint cut short
    began = aloft.now
    why = aloft.fly(5.0, HOVER)
    assert why.startswith(("stale state", "the drone stopped")) and aloft.now - began < 3.0
    is_down(aloft, within_m=0.3, since=began)


def test_arming_is_asked_for_and_given_back(start: Callable[..., Flight]) -> None:
    f = lift(start(require_arming=True))
    f.drone.land()
    is_down(f, within_m=0.2)
    assert not f.firmware.info() & 1 << 1


def test_a_disarm_in_flight_is_noticed(start: Callable[..., Flight]) -> None:
    f = lift(start(require_arming=True))
    ports.handle(f.firmware, Packet(Port.SUPERVISOR, 1, b"\x01\x00"))
    why = f.fly(4.0, HOVER)
    assert why == "the drone stopped: it says it does not fly any more: cut"
    is_down(f, within_m=0.2)


def test_a_parameter_that_must_have_a_value_is_set_and_read_back(start: Callable[..., Flight]) -> None:
    f = start()
    wanted = PreflightSettings(parameters={"posCtlPid.xVelMax": 0.8})
    lift(f, settings=BridgeSettings(preflight=wanted))
    assert f.firmware.parameters.get("posCtlPid.xVelMax") == pytest.approx(0.8)
    assert "setting posCtlPid.xVelMax to 0.8" in f.said
    f.drone.land()
    is_down(f, within_m=0.2)


def test_what_the_drone_says_on_its_console_is_kept(start: Callable[..., Flight]) -> None:
    f = lift(start(profile=LinkProfile(latency_s=0.01)))
    ports.handle(f.firmware, Packet(Port.SUPERVISOR, 1, b"\x03"))
    f.wait(1.0)
    assert any("Locked" in m or "locked" in m for m in f.messages if m.startswith("SUP")), f.messages
    is_down(f, locked=True)

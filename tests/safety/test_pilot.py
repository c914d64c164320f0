"""A pilot that is silent, slow, mad or dead: hover after 0.2 s, land after 1 s, never the firmware's lock."""

from __future__ import annotations

import math
from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from firmware_bridge.drone import BridgeSettings
from firmware_bridge.streamer import StreamLimits
from reprohrl.contracts.command import HOVER, VelocityCommand
from reprohrl.contracts.errors import LinkError, UserError
from reprohrl.safety.firmware import SHUTDOWN_S
from tests.safety.conftest import lift
from tests.safety.flights import Flight, flight, is_down, wander

AHEAD = VelocityCommand(vx=0.4)


def test_a_silent_pilot_means_hover_then_landing_before_the_firmware_acts(aloft: Flight) -> None:
    aloft.fly(1.5, AHEAD)
    began = aloft.now - 0.1  # the last command
    aloft.until(lambda: aloft.drone.failsafe != "", 2.0)
    landing = aloft.now - began
    assert 1.0 < landing < 1.1 < SHUTDOWN_S
    assert aloft.speed < 0.1, "it had been hovering"
    assert aloft.drone.failsafe == "no command for 1.0 s: land"
    is_down(aloft, within_m=0.7, since=began)


@pytest.mark.parametrize("stall_s", [0.15, 0.4, 0.9])
def test_a_pilot_that_stalls_shorter_than_a_second_goes_on(aloft: Flight, stall_s: float) -> None:
    aloft.fly(1.0, AHEAD)
    aloft.wait(stall_s)
    slowed = aloft.speed < 0.15
    assert slowed == (stall_s >= 0.9)
    assert aloft.fly(1.0, AHEAD) == ""
    assert aloft.speed > 0.3
    aloft.drone.land()
    is_down(aloft)


def test_hovering_begins_a_fifth_of_a_second_after_the_last_command(aloft: Flight) -> None:
    aloft.fly(1.0, AHEAD)
    target = aloft.firmware.commander
    took = aloft.until(lambda: target.setpoint.velocity[0] == 0.0, 1.0) + 0.1
    assert 0.2 <= took <= 0.2 + 2 * 0.04 + 0.02


def test_a_pilot_that_never_speaks_after_take_off_is_landed(start: Callable[..., Flight]) -> None:
    f = start()
    settings_ = BridgeSettings(limits=StreamLimits(first_command_s=5.0))
    f.connect(settings_).take_off(0.6)
    began = f.now
    assert 5.0 <= f.until(lambda: f.drone.failsafe != "", 6.0) <= 5.2
    assert f.drone.failsafe == "no first command for 5.0 s: land"
    is_down(f, within_m=0.1, since=began)


def test_a_command_that_is_no_number_never_leaves_the_bridge(aloft: Flight) -> None:
    for field in ("vx", "vy", "vz", "yaw_rate"):
        for bad in (math.nan, math.inf, -math.inf):
            with pytest.raises(UserError, match="not finite"):
                aloft.drone.send(VelocityCommand(**{field: bad}))
    assert aloft.fly(0.5, HOVER) == ""
    aloft.drone.land()
    is_down(aloft, within_m=0.1)


@pytest.mark.parametrize("factor", [3.5, 1e9])
def test_an_absurd_command_hovers_at_once_and_lands_when_it_persists(aloft: Flight, factor: float) -> None:
    began = aloft.now
    why = aloft.fly(3.0, VelocityCommand(vx=0.5 * factor))
    assert 1.0 <= aloft.now - began <= 1.3
    assert why.startswith("invalid command") and why.endswith("land")
    assert max(abs(s.velocity[0]) for s in aloft.since(began)) < 0.1
    is_down(aloft, within_m=0.2, since=began)


def test_an_eager_command_is_clipped_to_what_may_be_flown(aloft: Flight) -> None:
    assert aloft.fly(2.0, VelocityCommand(vx=1.2, yaw_rate=0.0)) == ""
    assert 0.4 < max(s.velocity[0] for s in aloft.trace) < 0.56
    aloft.drone.land()
    is_down(aloft, within_m=2.0)


def test_a_policy_that_raises_lands(start: Callable[..., Flight]) -> None:
    f = start()
    with pytest.raises(RuntimeError, match="out of memory"), f.connect() as drone:
        drone.take_off(0.6)
        f.fly(1.0, AHEAD)
        raise RuntimeError("out of memory")
    is_down(f, within_m=1.2)


def test_a_take_off_in_the_air_is_refused_and_changes_nothing(aloft: Flight) -> None:
    with pytest.raises(LinkError, match="in the air already"):
        aloft.drone.take_off(1.5)
    assert aloft.fly(0.5, HOVER) == "" and aloft.height == pytest.approx(0.8, abs=0.05)
    aloft.drone.land()
    is_down(aloft, within_m=0.1)


def test_commands_after_a_failsafe_are_refused_with_its_reason(aloft: Flight) -> None:
    aloft.wait(1.5)
    with pytest.raises(LinkError, match=r"ends the flight by itself; no command for 1\.\d s: land"):
        aloft.drone.send(AHEAD)
    is_down(aloft, within_m=0.2)


def test_after_a_failsafe_the_drone_can_be_flown_again(aloft: Flight) -> None:
    aloft.wait(1.5)
    aloft.drone.land()
    is_down(aloft, within_m=0.2)
    lift_again = aloft.now
    aloft.drone.take_off(0.6)
    assert aloft.fly(0.5, HOVER) == "" and aloft.drone.failsafe == ""
    aloft.drone.land()
    is_down(aloft, within_m=0.2, since=lift_again)


@settings(max_examples=3, deadline=None)
@given(
    st.lists(
        st.tuples(st.floats(0.02, 1.3), st.floats(-2.0, 2.0), st.floats(-2.0, 2.0)), min_size=3, max_size=9
    )
)
def test_whatever_the_pilots_rhythm_it_ends_on_the_floor_and_never_locked(
    folder_for_hypothesis: object, beats: list[tuple[float, float, float]]
) -> None:
    """Commands at any rate and of any eagerness: the firmware's own watchdog never has to act."""
    from pathlib import Path

    assert isinstance(folder_for_hypothesis, Path)
    with flight(folder_for_hypothesis) as f:
        lift(f)
        began = f.now
        for pause, vx, vz in beats:
            try:
                f.drone.send(VelocityCommand(vx=vx, vz=vz, yaw_rate=vx))
            except LinkError as error:
                assert error.why.endswith("land")
                break
            f.wait(pause)
            assert f.firmware.commander.age < 0.5 or f.drone.failsafe
        f.drone.land()
        is_down(f, within_m=6.0, since=began)


@pytest.mark.parametrize("seed", range(3))
def test_a_wandering_policy_is_flown_and_landed(start: Callable[..., Flight], seed: int) -> None:
    f = lift(start(seed=seed))
    assert f.fly(6.0, wander(seed)) == ""
    f.drone.land()
    is_down(f, within_m=4.0)
    assert not [m for m in f.messages if m.endswith(": land")]

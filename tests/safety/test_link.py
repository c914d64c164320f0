"""A link that is late, lossy, half dead or gone."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from firmware_bridge.drone import BridgeSettings
from firmware_bridge.lockstep.channel import RADIO, LinkProfile
from reprohrl.contracts.command import HOVER, VelocityCommand
from reprohrl.contracts.errors import LinkError
from reprohrl.safety.firmware import SHUTDOWN_S
from tests.safety.conftest import lift
from tests.safety.flights import Flight, is_down, wander

AHEAD = VelocityCommand(vx=0.3)


@pytest.mark.parametrize(
    "profile",
    [
        LinkProfile(latency_s=0.020), LinkProfile(loss=0.01), RADIO, LinkProfile(0.020, 0.010, 0.05),
        LinkProfile(latency_s=0.100), LinkProfile(loss=0.3),
    ],
    ids=["20 ms", "1 % loss", "radio", "poor radio", "100 ms", "30 % loss"],
)  # fmt: skip
def test_a_late_or_lossy_link_is_flown_without_a_failsafe(
    start: Callable[..., Flight], profile: LinkProfile
) -> None:
    f = lift(start(profile=profile, seed=3))
    assert f.fly(4.0, wander(3)) == ""
    f.drone.land()
    is_down(f, within_m=4.0)
    assert f.drone.failsafe == "" and not [m for m in f.messages if ": land" in m]
    link = f.drone.link_statistics()
    assert link.latency_p95_s == pytest.approx(2 * profile.latency_s, abs=2 * profile.jitter_s + 0.02)
    assert link.setpoint_hz == pytest.approx(25.0, abs=0.5)


@pytest.mark.parametrize("seed", range(4))
def test_a_landing_is_heard_even_where_a_third_of_the_packets_is_lost(
    start: Callable[..., Flight], seed: int
) -> None:
    """Losing only the landing, not the stop before it, would cut the motors in the air."""
    f = lift(start(profile=LinkProfile(0.01, 0.005, 0.33), seed=seed), 1.2)
    began = f.now
    f.drone.land()
    is_down(f, within_m=0.3, since=began)
    assert max(-s.velocity[2] for s in f.since(began)) < 0.8, "it sank, it did not fall"


@pytest.mark.parametrize("gap_s", [0.2, 0.4])
def test_a_short_silence_of_the_link_is_flown_through(aloft: Flight, gap_s: float) -> None:
    aloft.fly(1.0, AHEAD)
    cut(aloft)
    assert aloft.fly(gap_s, AHEAD) == ""
    mend(aloft)
    assert aloft.fly(1.0, AHEAD) == ""
    aloft.drone.land()
    is_down(aloft, within_m=2.0)


@pytest.mark.parametrize("gap_s", [1.2, 1.5, 1.8])
def test_a_link_that_comes_back_before_the_firmwares_lock_lands_the_drone(
    aloft: Flight, gap_s: float
) -> None:
    aloft.fly(1.0, AHEAD)
    began = aloft.now
    cut(aloft)
    aloft.fly(gap_s, AHEAD)
    assert aloft.drone.failsafe.startswith("stale state") and aloft.drone.failsafe.endswith("land")
    mend(aloft)
    is_down(aloft, within_m=1.5, since=began)
    assert max(-s.velocity[2] for s in aloft.since(began)) < 0.8


def test_a_link_lost_for_good_ends_with_the_firmwares_own_cut(aloft: Flight) -> None:
    aloft.fly(1.0, HOVER)
    cut(aloft)
    began = aloft.now
    aloft.fly(3.0, HOVER)
    aloft.wait(3.0)
    down = next(s.time for s in aloft.since(began) if not s.motors) - began
    assert SHUTDOWN_S - 0.1 <= down <= SHUTDOWN_S + 0.15
    assert any(m.startswith("stale state (1.0") for m in aloft.messages)
    with pytest.raises(LinkError, match="did not report the floor"):
        aloft.drone.land()
    is_down(aloft, locked=True, within_m=0.3, since=began)


def test_a_link_lost_in_flight_is_told_in_the_state(aloft: Flight) -> None:
    assert aloft.drone.state().link == 1.0
    stamp = aloft.drone.state().stamp
    cut(aloft)
    aloft.wait(0.6)
    assert 0.3 < aloft.drone.state().link < 0.7
    aloft.wait(0.6)
    assert aloft.drone.state().link == 0.0 and aloft.drone.state().stamp <= stamp + 0.05
    is_down(aloft, locked=True)


def test_a_drone_that_is_not_heard_is_landed_all_the_same(aloft: Flight) -> None:
    aloft.loopback.down.cut = True
    began = aloft.now
    aloft.fly(2.0, HOVER)
    assert aloft.drone.failsafe.startswith("stale state (1.0")
    is_down(aloft, within_m=0.2, since=began)


def test_a_drone_that_heard_nothing_for_too_long_is_told_to_be_locked_once_it_is_heard(
    aloft: Flight,
) -> None:
    aloft.loopback.up.cut = True
    assert aloft.fly(4.0, HOVER).startswith("stale state"), "it logs no more when it hears nothing for 1 s"
    aloft.wait(3.0)
    mend(aloft)
    aloft.wait(2.0)
    stopped = "the drone stopped: it is locked after a watchdog or an emergency stop: cut"
    assert aloft.drone.failsafe == stopped and stopped in aloft.messages
    is_down(aloft, locked=True, within_m=0.5)


def test_a_link_lost_while_landing_does_not_matter(aloft: Flight) -> None:
    aloft.drone.land_now("the test asks for it")
    aloft.wait(0.1)
    cut(aloft)
    is_down(aloft, within_m=0.1)


@pytest.mark.parametrize("gap_s", [1.2, 4.0])
def test_a_link_lost_in_the_climb_lands_when_it_comes_back(
    start: Callable[..., Flight], gap_s: float
) -> None:
    f = start()
    f.connect()
    events = {1.5: cut, 1.5 + gap_s: mend}

    began: list[float] = []

    def break_link() -> None:
        if f.height > 0.1 and not began:
            began.append(f.now)
        for at in [t for t in events if began and f.now - began[0] >= t]:
            events.pop(at)(f)

    f.clock.every(0.01, break_link)
    with pytest.raises(LinkError, match="broken off; stale state"):
        f.drone.take_off(0.8)
    assert not events
    is_down(f, within_m=0.3)


def test_a_drone_that_hovers_where_its_host_died_is_landed_by_the_next_one(
    start: Callable[..., Flight],
) -> None:
    f = start()
    f.connect()
    f.drone._link.commanders.take_off(0.8, 2.0)  # as a host that dies in its climb
    f.wait(1.0)
    f.drone._link.close()
    f.drone = None
    f.wait(6.0)
    assert f.height == pytest.approx(0.8, abs=0.05), "the firmware hovers for ever"
    f.connect()
    assert any("in the air at 0.8 m: landing it" in s for s in f.said)
    is_down(f, within_m=0.1)


def test_log_blocks_the_drone_forgot_are_started_again_in_flight(aloft: Flight) -> None:
    aloft.firmware.log.reset()
    assert aloft.fly(2.0, HOVER) == ""
    assert aloft.drone.state().link == 1.0
    assert aloft.drone.link_statistics().restarts == 1
    aloft.drone.land()
    is_down(aloft, within_m=0.2)


def test_with_its_emergency_watchdog_the_firmware_cuts_a_second_after_the_link(
    start: Callable[..., Flight],
) -> None:
    f = lift(start(), settings=BridgeSettings(emergency_watchdog=True))
    cut(f)
    began = f.now
    f.until(lambda: not f.sample.motors, 1.5)
    assert 0.8 <= f.now - began <= 1.15
    is_down(f, locked=True, within_m=0.3, since=began)


def cut(f: Flight) -> None:
    f.loopback.up.cut = f.loopback.down.cut = True


def mend(f: Flight) -> None:
    f.loopback.up.cut = f.loopback.down.cut = False

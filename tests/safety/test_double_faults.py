"""Two things go wrong at once: the more severe reaction wins, whichever came first."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from firmware_bridge.dead_man import DeadMan
from firmware_bridge.streamer import Phase
from firmware_bridge.virtual import ports
from firmware_bridge.virtual.crtp import Packet, Port
from reprohrl.contracts.command import HOVER, VelocityCommand
from reprohrl.contracts.errors import LinkError
from reprohrl.contracts.state import DroneState
from reprohrl.safety.conditions import Condition, Reaction
from reprohrl.safety.config import SafetyConfig
from reprohrl.safety.supervisor import Supervisor
from tests.safety.conftest import lift
from tests.safety.flights import Flight, is_down, rolled
from tests.safety.missions import DeckInSimulatedTime, mission

AHEAD = VelocityCommand(vx=0.3)


def low(f: Flight) -> None:
    before = f.body.lie
    f.body.lie = lambda s: replace(before(s) if before else s, battery_v=2.9)


def tumble(f: Flight) -> None:
    before = f.body.lie
    f.body.lie = lambda s: rolled(3.0)(before(s) if before else s)


def cut_link(f: Flight) -> None:
    f.loopback.up.cut = f.loopback.down.cut = True


def deafen(f: Flight) -> None:
    f.loopback.down.cut = True


@pytest.mark.parametrize(
    ("first", "second", "locked"),
    [
        (low, tumble, None), (tumble, low, None), (low, deafen, False), (deafen, low, False),
        (low, cut_link, None),
    ],
    ids=["battery, tumble", "tumble, battery", "battery, deaf", "deaf, battery", "battery, no link"],
)  # fmt: skip
@pytest.mark.parametrize("gap_s", [0.0, 0.4])
def test_any_two_end_on_the_floor(
    aloft: Flight,
    first: Callable[[Flight], None],
    second: Callable[[Flight], None],
    locked: bool | None,
    gap_s: float,
) -> None:
    began = aloft.now
    first(aloft)
    aloft.fly(gap_s, AHEAD)
    second(aloft)
    aloft.fly(2.0, AHEAD)
    aloft.wait(1.0)
    assert aloft.drone.failsafe
    if tumble in (first, second):
        assert aloft.drone.failsafe.startswith(("tumble", "the drone stopped")), aloft.drone.failsafe
    aloft.until(lambda: aloft.height < 0.1 and not aloft.sample.motors, 8.0)
    is_down(aloft, locked=aloft.locked if locked is None else locked, within_m=1.5, since=began)


def test_a_tumble_during_the_landing_of_a_low_battery_cuts(aloft: Flight) -> None:
    low(aloft)
    why = aloft.fly(3.0, HOVER)
    assert why == "critical battery (2.90 V): land"
    aloft.wait(0.5)
    tumble(aloft)
    aloft.wait(0.5)
    assert not aloft.sample.motors
    assert aloft.drone.failsafe.startswith(("tumble (3.", "the drone stopped: it lies"))
    is_down(aloft, locked=aloft.locked, within_m=0.2)


def test_the_operators_stop_overrules_a_landing(aloft: Flight) -> None:
    aloft.wait(1.5)
    assert aloft.drone.failsafe == "no command for 1.0 s: land"
    aloft.drone.emergency_stop()
    assert aloft.until(lambda: not aloft.sample.motors, 0.5) <= 0.1
    is_down(aloft, locked=True, within_m=0.2)


def test_an_estimator_that_fails_during_a_landing_makes_it_a_level_one(start: Callable[..., Flight]) -> None:
    f = start()
    doubt = [1e-5]
    f.fault_log("kalman.varPY", lambda _value: doubt[0])
    lift(f, 1.5)
    f.drone.land_now("the battery is low: land")
    f.wait(0.7)
    doubt[0] = 1.0
    f.wait(1.0)
    assert f.drone._link.streamer.phase is Phase.SINKING
    assert f.drone.failsafe.startswith("estimator unsure (1.00 m/s): land")
    is_down(f, within_m=0.5)


def test_a_level_descent_survives_a_tumble_and_a_lost_link(start: Callable[..., Flight]) -> None:
    f = start()
    doubt = [1e-5]
    f.fault_log("kalman.varPX", lambda _value: doubt[0])
    lift(f, 1.2)
    doubt[0] = 1.0
    f.fly(1.2, HOVER)
    cut_link(f)
    f.wait(3.0)
    is_down(f, locked=True, within_m=0.5)


def test_a_silent_pilot_on_a_link_that_dies_meanwhile(aloft: Flight) -> None:
    aloft.wait(0.9)
    deafen(aloft)
    aloft.wait(1.0)
    assert aloft.drone.failsafe == "no command for 1.0 s: land"
    is_down(aloft, within_m=0.2)


def test_the_dead_man_and_the_battery(start: Callable[..., Flight]) -> None:
    f = start()
    dead_man = DeadMan(f.clock)
    f.clock.every(0.1, lambda: dead_man.feed() if f.now < 7.0 else None)
    f.wait(0.2)
    lift(f, dead_man=dead_man)
    low(f)
    why = f.fly(3.0, HOVER)
    assert why.endswith("land")
    f.wait(2.0)
    is_down(f, within_m=0.2)


def test_a_reboot_while_the_pilot_is_silent(aloft: Flight) -> None:
    aloft.wait(0.5)
    ports.handle(aloft.firmware, Packet(Port.COMMANDER_GENERIC, 0, b"\x0a\x00"))
    aloft.wait(3.0)
    assert aloft.drone.failsafe
    is_down(aloft, within_m=0.2)


def test_nonsense_from_the_policy_while_the_camera_is_frozen(start: Callable[..., Flight]) -> None:
    f = start()
    f.connect()

    def freeze(t: float, deck: DeckInSimulatedTime) -> None:
        deck.frozen = t > 1.5

    result, _ = mission(f, lambda t: AHEAD if t < 1.0 else VelocityCommand(vy=math.nan), event=freeze)
    assert result.reason.startswith("land: invalid command")
    assert result.duration_s < 2.5, "the sooner of the two landings"
    is_down(f, within_m=0.8)


def test_a_failsafe_does_not_bring_down_the_next_flight(aloft: Flight) -> None:
    low(aloft)
    aloft.fly(2.0, HOVER)
    aloft.drone.land()
    aloft.body.lie = None
    aloft.wait(1.0)
    aloft.drone.take_off(0.5)
    assert aloft.fly(1.0, HOVER) == ""
    aloft.drone.land()
    is_down(aloft, within_m=0.2)
    with pytest.raises(LinkError, match="not connected"):
        aloft.drone.close()
        aloft.drone.state()


CALM = DroneState(0.0, position=(0.0, 0.0, 1.0), height=1.0, flying=True, battery_v=3.9)
FAULTS: dict[str, tuple[Callable[[DroneState], DroneState], Reaction]] = {
    "battery": (lambda s: replace(s, battery_v=3.1), Reaction.LAND),
    "fence": (lambda s: replace(s, position=(max(2.2, s.position[0]), 0.0, 1.0)), Reaction.HOVER),
    "far fence": (lambda s: replace(s, position=(3.4, 0.0, 1.0)), Reaction.LAND),
    "tumble": (lambda s: replace(s, attitude=(2.0, 0.0, 0.0)), Reaction.CUT),
    "overspeed": (lambda s: replace(s, velocity=(1.9, 0.0, 0.0)), Reaction.LAND),
    "unsure": (lambda s: replace(s, estimate_std_mps=0.9), Reaction.LAND),
    "link": (lambda s: replace(s, link=0.0), Reaction.LAND),
    "weak": (lambda s: replace(s, battery_v=min(s.battery_v, 3.4)), Reaction.PASS),
}


@settings(max_examples=60, deadline=None)
@given(st.sets(st.sampled_from(sorted(FAULTS)), min_size=1, max_size=4), st.floats(0.03, 0.12))
def test_any_set_of_lasting_faults_ends_in_the_most_severe_of_their_reactions(
    names: set[str], step_s: float
) -> None:
    config = SafetyConfig()
    config = replace(config, fence=replace(config.fence, low=(-2, -2, 0), high=(2, 2, 2.4)), jump_m=math.inf)
    supervisor, now = Supervisor(config), 0.0
    seen: list[Reaction] = []
    while now < 4.0:
        now += step_s
        state = replace(CALM, stamp=now)
        for name in sorted(names) if now > 0.5 else ():
            state = FAULTS[name][0](state)
        seen.append(supervisor.check(now, VelocityCommand(vx=0.1, stamp=now), state, now).reaction)
    expected = max(FAULTS[name][1] for name in names)
    assert seen[-1] == expected
    finals = [r for r in seen if r >= Reaction.LAND]
    assert finals == sorted(finals), "it never softens"
    if expected >= Reaction.LAND:
        supervisor.demand(Reaction.CUT, "the operator pressed stop", condition=Condition.OPERATOR)
        assert supervisor.check(now + step_s, None, None, None).reaction is Reaction.CUT

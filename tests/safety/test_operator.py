"""The operator: emergency stop from any thread and phase, landing on demand, the dead-man signal, keys."""

from __future__ import annotations

import os
import pty
import threading
import time
from collections.abc import Callable

import pytest

from firmware_bridge.dead_man import DeadMan
from firmware_bridge.keys import KeyWatch
from firmware_bridge.lockstep.channel import LinkProfile
from reprohrl.contracts.clock import WallClock
from reprohrl.contracts.command import HOVER, VelocityCommand
from reprohrl.contracts.errors import LinkError
from tests.safety.conftest import lift
from tests.safety.flights import Flight, is_down


def from_another_thread(work: Callable[[], None]) -> None:
    thread = threading.Thread(target=work)
    thread.start()
    thread.join(5.0)
    assert not thread.is_alive()


@pytest.mark.parametrize("phase", ["climbing", "flying", "landing"])
def test_an_emergency_stop_cuts_within_a_tick_in_every_phase(
    start: Callable[..., Flight], phase: str
) -> None:
    f = start()
    f.connect()
    if phase == "climbing":
        pressed: list[float] = []

        def press() -> None:
            if f.height > 0.3 and not pressed:
                pressed.append(f.now)
                from_another_thread(f.drone.emergency_stop)

        f.clock.every(0.01, press)
        with pytest.raises(LinkError, match="broken off; the operator pressed stop: cut"):
            f.drone.take_off(0.8)
    else:
        f.drone.take_off(0.8)
        f.fly(1.0, VelocityCommand(vx=0.3))
        if phase == "landing":
            f.drone.land_now("it is time")
            f.wait(0.5)
        from_another_thread(f.drone.emergency_stop)
        assert f.until(lambda: not f.sample.motors, 1.0) <= 0.1
    assert f.drone.failsafe == "the operator pressed stop: cut"
    is_down(f, locked=True, within_m=1.0)
    with pytest.raises(LinkError, match="locked after a watchdog or an emergency stop; restart the drone"):
        f.drone.take_off(0.8)


def test_an_emergency_stop_gets_through_where_most_packets_are_lost(start: Callable[..., Flight]) -> None:
    f = lift(start(seed=5))
    f.loopback.up.profile = LinkProfile(loss=0.6)
    f.drone.emergency_stop()
    assert f.until(lambda: not f.sample.motors, 1.0) <= 0.4
    is_down(f, locked=True, within_m=0.3)


def test_landing_on_demand_returns_at_once_and_is_final(aloft: Flight) -> None:
    before = aloft.now
    from_another_thread(lambda: aloft.drone.land_now("the operator pressed land: land"))
    assert aloft.now == before
    assert aloft.fly(1.0, HOVER) == "the operator pressed land: land"
    is_down(aloft, within_m=0.1)


def test_a_dead_man_signal_that_stops_lands(start: Callable[..., Flight]) -> None:
    f = start()
    dead_man = DeadMan(f.clock)
    holding = [True]
    f.clock.every(0.1, lambda: dead_man.feed() if holding[0] else None)
    f.wait(0.2)
    lift(f, dead_man=dead_man)
    holding[0], began = False, f.now
    why = f.fly(2.0, HOVER)
    assert 0.4 <= f.now - began <= 0.8
    assert why.startswith("no dead-man signal for 0.5 s: land")
    is_down(f, within_m=0.1)


def test_nobody_takes_off_without_somebody_at_the_switch(start: Callable[..., Flight]) -> None:
    f = start()
    with pytest.raises(LinkError, match="nobody is at the dead-man switch"):
        f.connect(dead_man=DeadMan(f.clock)).take_off(0.8)
    is_down(f, within_m=0.01)


def test_letting_go_in_the_climb_lands(start: Callable[..., Flight]) -> None:
    f = start()
    dead_man = DeadMan(f.clock)
    f.clock.every(0.1, lambda: dead_man.feed() if f.height < 0.4 else None)
    f.wait(0.2)
    f.connect(dead_man=dead_man)
    with pytest.raises(LinkError, match="broken off; no dead-man signal"):
        f.drone.take_off(1.2)
    is_down(f, within_m=0.1)


def test_keys_are_calls_and_the_terminal_is_left_as_it_was() -> None:
    import termios

    master, slave = pty.openpty()
    before = termios.tcgetattr(slave)
    pressed: list[str] = []
    actions = {" ": lambda: pressed.append("stop"), "l": lambda: pressed.append("land")}
    try:
        with KeyWatch(actions, file=slave):
            os.write(master, b"xl ")
            end = time.monotonic() + 5.0
            while len(pressed) < 2 and time.monotonic() < end:
                time.sleep(0.01)
        assert pressed == ["land", "stop"]
        assert termios.tcgetattr(slave) == before
    finally:
        os.close(master)
        os.close(slave)


def test_without_a_terminal_there_are_no_keys_and_no_error() -> None:
    reader, writer = os.pipe()
    try:
        with KeyWatch({" ": lambda: None}, file=reader) as keys:
            assert not keys.active
    finally:
        os.close(reader)
        os.close(writer)


def test_a_held_key_feeds_the_dead_man() -> None:
    dead_man = DeadMan(WallClock(), timeout_s=60.0)
    assert dead_man.gone
    dead_man.feed()
    assert not dead_man.gone

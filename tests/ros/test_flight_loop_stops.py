"""The drone node's loop when the operator stops it, or the drone ends the flight by itself."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import Any

import pytest

from reprohrl.contracts.command import VelocityCommand
from reprohrl.contracts.errors import LinkError
from reprohrl.contracts.state import DroneState
from ros_nodes.backends.base import Observation
from ros_nodes.flight_loop import FlightLoop, LoopSettings
from ros_nodes.flight_types import Order, Phase

pytestmark = pytest.mark.ros


class Scripted:
    """A backend whose `send` does what the test says; `climbs` blocks the take-off until it is set."""

    simulated = True

    def __init__(self, send: Callable[[], None] = lambda: None) -> None:
        self._send, self._time = send, 0.0
        self.climbs = threading.Event()
        self.climbs.set()
        self.cuts = self.landings = 0
        self.told = [(0.0, "console", "SYS: hello"), (0.0, "failsafe", "low battery (3.10 V): land")]

    def open(self) -> None: ...

    def close(self) -> None: ...

    def now(self) -> float:
        return self._time

    def observe(self) -> Observation:
        time.sleep(0.005)
        self._time += 0.1
        return self.rest()

    def rest(self) -> Observation:
        return Observation(self._time, DroneState(self._time, flying=True), None, None)

    idle = rest

    def take_off(self, height_m: float) -> None:
        if not self.climbs.wait(5.0) or self.cuts:
            raise LinkError("the take-off was broken off", why="the operator pressed stop: cut")

    def send(self, command: VelocityCommand) -> None:
        self._send()

    def land(self) -> None:
        self.landings += 1

    def emergency_stop(self) -> None:
        self.cuts += 1
        self.climbs.set()

    def news(self) -> list[tuple[float, str, str]]:
        told, self.told = self.told, []
        return told


class Told:
    """An outlet that remembers the events."""

    def __init__(self) -> None:
        self.events: list[tuple[str, Order, str]] = []

    def observed(self, observation: Observation, loop: FlightLoop) -> None: ...

    def answered(self, observation: Observation, loop: FlightLoop) -> None: ...

    def event(self, stamp: float, name: str, order: Order, detail: str) -> None:
        self.events.append((name, order, detail))

    def wait_for(self, name: str) -> str:
        end = time.monotonic() + 10.0
        while time.monotonic() < end:
            for told, _, detail in list(self.events):
                if told == name:
                    return detail
            time.sleep(0.01)
        raise AssertionError(f"no {name} in {self.events}")


def looping(backend: Any) -> tuple[FlightLoop, Told]:
    told = Told()
    loop = FlightLoop(backend, told, LoopSettings(wait_s=0.01, speed=0.0))
    loop.start()
    return loop, told


def test_an_emergency_stop_cuts_in_flight_and_is_told() -> None:
    backend = Scripted()
    loop, told = looping(backend)
    loop.take_off(0.5).result(5.0)
    loop.emergency_stop("the operator pressed stop")
    assert backend.cuts >= 1
    assert told.wait_for("motors_cut") == "the operator pressed stop"
    assert loop.phase is Phase.GROUND and backend.landings == 0
    loop.stop()


def test_an_emergency_stop_does_not_wait_for_a_take_off() -> None:
    backend = Scripted()
    backend.climbs.clear()
    loop, told = looping(backend)
    climb = loop.take_off(0.5)
    told.wait_for("take_off")
    loop.emergency_stop("the operator pressed stop")
    assert backend.cuts >= 1
    with pytest.raises(LinkError, match="broken off"):
        climb.result(5.0)
    told.wait_for("motors_cut")
    loop.stop()


def test_a_drone_that_ends_the_flight_by_itself_is_landed_with_its_reason() -> None:
    def refuse() -> None:
        raise LinkError("the drone ends the flight by itself", why="low battery (3.10 V): land")

    backend = Scripted(refuse)
    loop, told = looping(backend)
    loop.take_off(0.5).result(5.0)
    assert told.wait_for("failsafe") == "low battery (3.10 V): land"
    assert told.wait_for("landed") == "failsafe: low battery (3.10 V): land"
    assert backend.landings == 1 and loop.alive
    loop.stop()


def test_what_the_drone_says_becomes_events() -> None:
    loop, told = looping(Scripted())
    loop.take_off(0.5).result(5.0)
    assert told.wait_for("console") == "SYS: hello"
    assert told.wait_for("bridge") == "low battery (3.10 V): land"
    loop.stop()

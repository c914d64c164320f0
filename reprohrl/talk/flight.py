"""What the page and a flight know of each other, wherever the flight takes place."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from reprohrl.contracts.mission import Mission
from reprohrl.flight.result import Tick

LANDED = "the operator pressed stop"
CUT = "the operator cut the motors"


class Stops(Protocol):
    """What of a drone an emergency needs."""

    def emergency_stop(self) -> None:
        """Cut the motors now."""
        ...


@dataclass(frozen=True, slots=True)
class Ended:
    """How a flight ended. `report`: path of its report, "" where there is none."""

    success: bool
    reason: str
    report: str = ""


class Reins:
    """The operator's hold on a flight: asked at every tick, and with a way to cut the motors at once."""

    def __init__(self) -> None:
        self._lock = threading.RLock()
        self._drone: Stops | None = None
        self._said = ""

    def take(self, drone: Stops) -> None:
        """Give the operator a drone. One that was stopped before it could fly is cut at once."""
        with self._lock:
            self._drone = drone
            if self._said == CUT:
                drone.emergency_stop()

    def drop(self) -> None:
        with self._lock:
            self._drone = None

    @property
    def said(self) -> str:
        """What the operator said, "" while the flight may go on."""
        return self._said

    def stop(self) -> None:
        """Land at the next tick."""
        with self._lock:
            self._said = self._said or LANDED

    def cut(self) -> None:
        """Cut the motors now, from whatever thread."""
        with self._lock:
            self._said = CUT
            if self._drone is not None:
                self._drone.emergency_stop()


class Pilot(Protocol):
    """Flies missions for the page, one at a time."""

    @property
    def about(self) -> str:
        """What flies, in words: "simulation of MC-3, planner spring with rules"."""
        ...

    def fly(
        self, mission: Mission, watch: Callable[[Tick], str | None], reins: Reins, say: Callable[[str], None]
    ) -> Ended:
        """Fly until the mission's end, or until `watch` returns a sentence; returns on the ground."""
        ...

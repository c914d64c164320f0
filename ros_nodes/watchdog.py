"""The drone node's own failsafe: what to do when nobody tells it anything."""

from __future__ import annotations

from enum import IntEnum


class Alarm(IntEnum):
    """How long the silence is: FINE, HOVER, or LAND. LAND stays until `reset`."""

    FINE = 0
    HOVER = 1
    LAND = 2


class Watchdog:
    """Judges the age of the newest command on the drone's clock (simulated time in simulation)."""

    def __init__(self, *, hover_s: float = 0.2, land_s: float = 1.0) -> None:
        self._hover_s, self._land_s = hover_s, land_s
        self._fed = 0.0
        self._landing = False

    def reset(self, now: float) -> None:
        """Start afresh, as if a command had come just now."""
        self._fed, self._landing = now, False

    def feed(self, now: float) -> None:
        self._fed = max(self._fed, now)

    def silence_s(self, now: float) -> float:
        return now - self._fed

    def check(self, now: float) -> Alarm:
        """A silence of exactly the limit is still fine; ticks are multiples of it."""
        silence = self.silence_s(now)
        if self._landing or silence > self._land_s + 1e-6:
            self._landing = True
            return Alarm.LAND
        return Alarm.HOVER if silence > self._hover_s + 1e-6 else Alarm.FINE

"""`DeadMan`: a signal that must keep coming from the operator; when it stops, the drone lands."""

from __future__ import annotations

import threading

from reprohrl.contracts.clock import Clock
from reprohrl.safety.config import SafetyConfig


class DeadMan:
    """Feed it from a held key, a joystick's button or a heartbeat. Thread-safe.

    Before the first `feed` it counts as gone: nobody takes off without somebody at the switch.
    """

    def __init__(self, clock: Clock, timeout_s: float = SafetyConfig().dead_man_s) -> None:
        self._clock, self.timeout_s = clock, timeout_s
        self._lock = threading.Lock()
        self._fed: float | None = None

    def feed(self) -> None:
        with self._lock:
            self._fed = self._clock.now()

    @property
    def gone_s(self) -> float:
        """Seconds since the last signal; infinite before the first."""
        with self._lock:
            return float("inf") if self._fed is None else self._clock.now() - self._fed

    @property
    def gone(self) -> bool:
        return self.gone_s > self.timeout_s

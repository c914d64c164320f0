"""Calling a function at a steady rate: in a thread of its own, or on a clock that is stepped."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from typing import Protocol, runtime_checkable

from firmware_bridge.jitter import Jitter
from reprohrl.contracts.clock import Clock

_LOG = logging.getLogger(__name__)
Work = Callable[[], None]


@runtime_checkable
class TickingClock(Protocol):
    """A clock that calls back: simulated time, in which nothing may depend on threads."""

    def now(self) -> float: ...

    def sleep(self, seconds: float) -> None: ...

    def every(self, period_s: float, work: Work) -> Work:
        """Call `work` every `period_s` from now on; return what stops that."""
        ...


class Repeating:
    """Calls `work` every `period_s`, and measures how late the calls come. An exception in it is logged.

    On a `TickingClock` the clock calls; on any other a thread does.
    """

    def __init__(self, name: str, period_s: float, work: Work, clock: Clock) -> None:
        self._name, self._period_s, self._work, self._clock = name, period_s, work, clock
        self.jitter = Jitter(period_s)
        self._stop = threading.Event()
        self._thread: threading.Thread | None = None
        self._cancel: Work | None = None
        self._failing = False
        if isinstance(clock, TickingClock):
            self._cancel = clock.every(period_s, self._once)
        else:
            self._thread = threading.Thread(target=self._run, name=name, daemon=True)
            self._thread.start()

    def close(self) -> None:
        """Stop; returns when the last call has ended, or after a second."""
        self._stop.set()
        if self._cancel is not None:
            self._cancel()
        if self._thread is not None and self._thread is not threading.current_thread():
            self._thread.join(timeout=1.0)

    def _once(self) -> None:
        self.jitter.called(self._clock.now())
        try:
            self._work()
            self._failing = False
        except Exception:
            if not self._failing:  # once, not 25 times a second
                _LOG.exception("%s failed; it goes on", self._name)
            self._failing = True

    def _run(self) -> None:
        due = self._clock.now()
        while not self._stop.is_set():
            self._once()
            due = max(due + self._period_s, self._clock.now() - self._period_s)
            self._stop.wait(max(0.0, due - self._clock.now()))

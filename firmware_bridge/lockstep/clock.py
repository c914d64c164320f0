"""`SteppedClock`: time that passes only while someone sleeps on it, and calls back on the way."""

from __future__ import annotations

import math
import threading
from collections.abc import Callable
from dataclasses import dataclass

Work = Callable[[], None]
STEP_S = 1.0 / 120.0
_EPS = 1e-9


@dataclass(slots=True)
class _Repeat:
    period_s: float
    work: Work
    due: float


class SteppedClock:
    """Moves the world in steps of `step_s`, and between steps calls what is due.

    advance   moves the world by so many seconds
    settle    returns once everything that was sent has been received

    Only the thread that made it may sleep on it; anyone may ask for the time.
    """

    def __init__(self, advance: Callable[[float], None], settle: Work, *, step_s: float = STEP_S) -> None:
        self._advance, self._settle, self._step_s = advance, settle, step_s
        self._steps = 0
        self._time = 0.0
        self._repeats: list[_Repeat] = []
        self._owner = threading.get_ident()
        self._busy = False
        self.stepping = False
        """True while a step and its callbacks run; what is sent meanwhile is settled at its end."""

    def now(self) -> float:
        return self._time

    def sleep(self, seconds: float) -> None:
        if threading.get_ident() != self._owner or self._busy:
            raise RuntimeError("only the owner of simulated time may let it pass, and not within a callback")
        if seconds <= 0.0:
            return
        until = max(self._time + seconds, math.nextafter(self._time, math.inf))
        while (self._steps + 1) * self._step_s <= until + _EPS:
            self._step()
        self._time = max(self._time, until)

    def every(self, period_s: float, work: Work) -> Work:
        """Call `work` every `period_s`; the first time after the next step. Return what stops it."""
        repeat = _Repeat(period_s, work, self.now())
        self._repeats.append(repeat)

        def cancel() -> None:
            if repeat in self._repeats:
                self._repeats.remove(repeat)

        return cancel

    def _step(self) -> None:
        self._settle()  # what was sent since the last step
        self.stepping = True
        self._advance(self._step_s)
        self._steps += 1
        self._time = self._steps * self._step_s
        self._settle()
        self._busy = True
        try:
            for repeat in list(self._repeats):
                if self.now() >= repeat.due - _EPS:
                    repeat.due = max(repeat.due + repeat.period_s, self.now() - repeat.period_s)
                    repeat.work()
        finally:
            self._busy = self.stepping = False
        self._settle()

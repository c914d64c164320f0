"""Clocks on simulated time: one that moves the world itself, one that lets it run in the background."""

from __future__ import annotations

import threading
import time
from types import TracebackType
from typing import Self

from reprohrl.contracts.clock import Clock
from reprohrl.contracts.rates import TICK_S
from sim.world import World


class LockstepClock:
    """Simulated time that passes only while someone sleeps on it: `sleep` steps the world."""

    def __init__(self, world: World) -> None:
        self._world = world

    def now(self) -> float:
        return self._world.time

    def sleep(self, seconds: float) -> None:
        if seconds > 0:
            self._world.step(seconds)


class RealtimeClock:
    """Simulated time kept at wall speed by a thread; a context manager.

    speed     simulated seconds per wall second
    period_s  how much the thread steps at a time
    """

    def __init__(self, world: World, *, speed: float = 1.0, period_s: float = TICK_S / 6) -> None:
        self._world, self._speed, self._period_s = world, speed, period_s
        self._stop = threading.Event()
        self._thread: threading.Thread | None = None

    def now(self) -> float:
        return self._world.time

    def sleep(self, seconds: float) -> None:
        if seconds > 0:
            time.sleep(seconds / self._speed)

    def start(self) -> None:
        """Let time run from here on. Does nothing when it already does."""
        if self._thread is None:
            self._stop.clear()
            self._thread = threading.Thread(target=self._run, name="simulation", daemon=True)
            self._thread.start()

    def stop(self) -> None:
        """Hold time. Returns once the thread has ended, within 2 s."""
        self._stop.set()
        if self._thread is not None:
            self._thread.join(timeout=2.0)
            self._thread = None

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def _run(self) -> None:
        due = time.monotonic()
        while not self._stop.is_set():
            self._world.step(self._period_s)
            due += self._period_s / self._speed
            ahead = due - time.monotonic()
            if ahead > 0:
                self._stop.wait(ahead)
            elif ahead < -0.5:
                due = time.monotonic()  # too slow a machine: run late rather than in a burst


def as_clock(world: World, clock: Clock | None) -> Clock:
    """Return `clock`, or a lockstep clock on `world` when there is none."""
    return clock if clock is not None else LockstepClock(world)

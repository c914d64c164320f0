"""The drone node's flight loop: one thread that alone touches the backend.

It publishes a frame, waits for the supervised command with that frame's stamp, flies it, and goes on to
the next frame. When no command comes it hovers, then lands, whoever else is dead.
"""

from __future__ import annotations

import math
import queue
import threading
import time
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass
from typing import Protocol

from reprohrl.contracts.command import HOVER
from reprohrl.contracts.errors import LinkError, ReprohrlError
from reprohrl.contracts.rates import TICK_S
from ros_nodes.backends.base import Backend, Observation
from ros_nodes.flight_types import Order, Phase, Sent, Supervised
from ros_nodes.stamps import key, to_time
from ros_nodes.watchdog import Alarm, Watchdog


@dataclass(frozen=True, slots=True)
class LoopSettings:
    """wait_s: wall time for a frame's command; speed: simulated seconds per wall second, 0 unbounded."""

    wait_s: float = 1.0
    speed: float = 1.0
    hover_s: float = 0.2
    land_s: float = 1.0


class Outlet(Protocol):
    """Where the loop's news goes."""

    def observed(self, observation: Observation, loop: FlightLoop) -> None:
        """Publish an observation for those who answer it."""

    def answered(self, observation: Observation, loop: FlightLoop) -> None:
        """Publish the rest of it, and how the answer came about: the frame's work is done."""

    def event(self, stamp: float, name: str, order: Order, detail: str) -> None: ...


class FlightLoop:
    """Runs `backend` until stopped; leaving by any door lands first."""

    def __init__(self, backend: Backend, outlet: Outlet, settings: LoopSettings, *, flights: int = 0) -> None:
        """`flights`: how many the drone has made before; they are counted on."""
        self.backend, self.outlet, self.settings = backend, outlet, settings
        self.phase, self.flight, self.loop_s = Phase.GROUND, flights, 0.0
        self.failure: str = ""
        self._orders: queue.SimpleQueue[tuple[Callable[[], None], Future[None]]] = queue.SimpleQueue()
        self._news = threading.Condition()
        self._command: Supervised | None = None
        self._taken = self._asked = -1
        self._stop = threading.Event()
        self._watchdog = Watchdog(hover_s=settings.hover_s, land_s=settings.land_s)
        self.sent: Sent | None = None
        self._missed = False
        self._due = 0.0
        self._thread = threading.Thread(target=self._run, name="flight", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self, timeout_s: float = 25.0) -> None:
        """Land and close the backend; return when that is done, or at the deadline."""
        self._stop.set()
        if self._thread.is_alive():
            self._thread.join(timeout_s)

    @property
    def alive(self) -> bool:
        return self._thread.is_alive()

    def supervised(self, command: Supervised) -> None:
        """Take a command from another thread. One older than the newest, or for no frame yet, is dropped."""
        with self._news:
            if command.key <= self._asked and (self._command is None or command.key >= self._command.key):
                self._command = command
                self._news.notify_all()

    def take_off(self, height_m: float) -> Future[None]:
        return self._order(lambda: self._take_off(height_m))

    def land(self, reason: str) -> Future[None]:
        return self._order(lambda: self._land(reason))

    def emergency_stop(self, reason: str) -> None:
        """Cut the motors at once, from any thread and whatever the loop is doing."""
        self.backend.emergency_stop()
        self._order(lambda: self._cut(reason))

    def _order(self, work: Callable[[], None]) -> Future[None]:
        done: Future[None] = Future()
        self._orders.put((work, done))
        return done

    def _run(self) -> None:
        try:
            self.backend.open()
            while not self._stop.is_set():
                self._turn()
        except ReprohrlError as error:
            self.failure = str(error)
        finally:
            self._leave()

    def _leave(self) -> None:
        try:
            if self.phase is Phase.FLYING:
                self._land("the drone node ends")
        except ReprohrlError as error:
            self.failure = self.failure or str(error)
        finally:
            self.backend.close()

    def _turn(self) -> None:
        try:
            work, done = self._orders.get_nowait()
        except queue.Empty:
            if self.phase is Phase.FLYING:
                self._tick()
            else:
                self._show(self.backend.idle())
                self._stop.wait(2 * TICK_S if self.backend.simulated else 0.0)
            return
        try:
            work()
            done.set_result(None)
        except ReprohrlError as error:
            done.set_exception(error)

    def _show(self, observation: Observation) -> None:
        self.outlet.observed(observation, self)
        self.outlet.answered(observation, self)

    def _take_off(self, height_m: float) -> None:
        if self.phase is not Phase.GROUND:
            return
        self.phase = Phase.TAKING_OFF
        self._tell("take_off", f"climbing to {height_m:g} m")
        try:
            self.backend.take_off(height_m)
        except ReprohrlError:
            self.phase = Phase.GROUND
            raise
        self.flight += 1
        self.phase = Phase.FLYING
        self._missed, self._due, self.loop_s = False, time.monotonic(), 0.0
        with self._news:
            self._command = None
        self._watchdog.reset(self.backend.now())

    def _land(self, reason: str, order: Order = Order.LAND) -> None:
        if self.phase is not Phase.FLYING:
            return
        self.phase = Phase.LANDING
        self._tell("landing", reason, order)
        try:
            self.backend.land()
        except ReprohrlError as error:
            self._tell("landing_failed", str(error), Order.CUT)
            self.backend.emergency_stop()
        self.phase = Phase.GROUND
        self._report()
        self._tell("landed", reason)

    def _cut(self, reason: str) -> None:
        self.backend.emergency_stop()
        self.phase = Phase.GROUND
        self._tell("motors_cut", reason, Order.CUT)

    def _tick(self) -> None:
        observation = self.backend.observe()
        began, age_s = time.monotonic(), self.backend.now() - observation.stamp
        self._asked = key(to_time(observation.stamp))
        self.outlet.observed(observation, self)
        answer = self._answer(self._asked)
        in_time = answer is not None and answer.key == self._asked
        self.loop_s = time.monotonic() - began if in_time else 0.0
        now = observation.stamp
        if answer is not None:
            self._watchdog.feed(min(answer.command.stamp, now))
        try:
            self._fly(answer, now)
        except LinkError as error:  # the drone ends the flight by itself
            why = error.why or str(error)
            self._tell("failsafe", why, Order.LAND)
            self._land(f"failsafe: {why}")
        self.sent = Sent(answer, time.monotonic_ns(), max(0.0, age_s)) if answer and in_time else None
        self.outlet.answered(observation, self)
        self._report()
        self._pace()

    def _answer(self, asked: int) -> Supervised | None:
        """Wait for the command of the frame `asked`; None when nothing new came in time.

        After a miss the wait is short: whoever is silent now will be silent at the next frame, too.
        """
        deadline = time.monotonic() + (0.15 if self._missed else self.settings.wait_s)
        with self._news:
            while self._command is None or self._command.key < asked:
                left = deadline - time.monotonic()
                if left <= 0 or self._stop.is_set() or not self._orders.empty():
                    break
                self._news.wait(min(left, 0.1))
            newest = self._command
        self._missed = newest is None or newest.key == self._taken
        if newest is None or self._missed:
            return None
        self._taken = newest.key
        return newest

    def _fly(self, answer: Supervised | None, now: float) -> None:
        alarm = self._watchdog.check(now)
        if answer is not None and answer.order is Order.CUT:
            self._cut(answer.reason)
        elif answer is not None and answer.order is Order.LAND:
            self._land(answer.reason)
        elif alarm is Alarm.LAND:
            silence = self._watchdog.silence_s(now)
            self._tell("failsafe", f"no command for {silence:.1f} s: land", Order.LAND)
            self._land("failsafe: the supervisor is silent")
        elif alarm is Alarm.HOVER:
            self.backend.send(HOVER)
        elif answer is not None:
            sound = answer.command.is_finite() and math.isfinite(now)
            self.backend.send(answer.command if sound else HOVER)

    def _report(self) -> None:
        """Tell what the drone said and did by itself."""
        for stamp, kind, text in self.backend.news():
            self.outlet.event(stamp, "bridge" if kind == "failsafe" else kind, Order.PASS, text)

    def _pace(self) -> None:
        """Keep a simulated world from running ahead of the wall clock."""
        if not self.backend.simulated or self.settings.speed <= 0:
            return
        self._due += TICK_S / self.settings.speed
        left = self._due - time.monotonic()
        if left > 0:
            self._stop.wait(left)
        elif left < -0.5:
            self._due = time.monotonic()

    def _tell(self, name: str, detail: str, order: Order = Order.PASS) -> None:
        self.outlet.event(self.backend.now(), name, order, detail)

"""The setpoint stream: 25 Hz hover setpoints whatever the policy does, and a landing when it falls silent."""

from __future__ import annotations

import logging
import math
import threading
from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum
from typing import Protocol

from reprohrl.contracts.clock import Clock
from reprohrl.contracts.command import HOVER, VelocityCommand
from reprohrl.contracts.rates import SETPOINT_HZ

_LOG = logging.getLogger(__name__)


class SetpointSink(Protocol):
    """Where setpoints go: the drone's two commanders."""

    def hover(self, vx: float, vy: float, yaw_rate_dps: float, z: float) -> None:
        """Send a hover setpoint: body velocity [m/s], yaw rate [deg/s], height [m]."""

    def notify_stop_and_land(self) -> None:
        """Hand over to the high-level commander and land, without a pause in between."""


class Phase(Enum):
    IDLE = "idle"
    STREAMING = "streaming"
    LANDING = "landing"


@dataclass(frozen=True, slots=True)
class StreamLimits:
    """Heights [m] the stream keeps to, and how long a silent policy is borne [s]."""

    min_height_m: float = 0.2
    max_height_m: float = 2.0
    hover_after_s: float = 0.2
    land_after_s: float = 1.0
    lead_s: float = 0.5  # 1 / posCtlPid.zKp: a moving height target this far ahead gives the wanted climb
    leash_m: float = 0.3  # how far the height target may run from the drone


class SetpointStreamer:
    """Turns the newest `VelocityCommand` into hover setpoints in a thread of its own.

    `height` returns the drone's estimated height [m]. `tick` is what the thread calls at `SETPOINT_HZ`;
    tests call it with their own clock.
    """

    def __init__(
        self,
        sink: SetpointSink,
        height: Callable[[], float],
        clock: Clock,
        limits: StreamLimits | None = None,
    ) -> None:
        self.limits = limits or StreamLimits()
        self._sink, self._height, self._clock = sink, height, clock
        self._lock = threading.RLock()
        self._command = HOVER
        self._heard_at = -math.inf
        self._ticked_at = -math.inf
        self._target_z = 0.0
        self.phase = Phase.IDLE
        self.fell_silent = False
        self._stop = threading.Event()
        self._thread: threading.Thread | None = None

    def start(self) -> None:
        if self._thread is None:
            self._thread = threading.Thread(target=self._run, name="setpoint-stream", daemon=True)
            self._thread.start()

    def close(self) -> None:
        self._stop.set()
        if self._thread is not None and self._thread is not threading.current_thread():
            self._thread.join(timeout=1.0)

    def send(self, command: VelocityCommand) -> bool:
        """Follow `command` from now on; False once landing. The first one starts the stream."""
        with self._lock:
            if self.phase is Phase.LANDING:
                return False
            self._command, self._heard_at = command, self._clock.now()
            if self.phase is Phase.IDLE:
                self._ticked_at = self._clock.now()
                self.phase = Phase.STREAMING
            return True

    def begin_landing(self) -> None:
        """Stop streaming and land; no setpoint goes out after it."""
        with self._lock:
            self.phase = Phase.LANDING
            self._sink.notify_stop_and_land()

    def reset(self, height_m: float = 0.0) -> None:
        """Be ready for another flight at `height_m`; nothing is streamed until `send`."""
        with self._lock:
            self._target_z = height_m
            self.phase = Phase.IDLE
            self.fell_silent = False

    def tick(self) -> None:
        """Send the setpoint of this moment."""
        with self._lock:
            if self.phase is not Phase.STREAMING:
                return
            now = self._clock.now()
            silent_s = now - self._heard_at
            if silent_s > self.limits.land_after_s:
                _LOG.error("no command for %.1f s: landing", silent_s)
                self.fell_silent = True
                self.begin_landing()
                return
            command = HOVER if silent_s > self.limits.hover_after_s else self._command
            self._sink.hover(
                command.vx, command.vy, math.degrees(command.yaw_rate), self._advance(command.vz, now)
            )

    def _advance(self, vz: float, now: float) -> float:
        """Move the height target by `vz` [m/s] and return the height to send."""
        limits, height = self.limits, self._height()
        self._target_z += vz * min(now - self._ticked_at, 0.2)
        self._ticked_at = now
        if vz != 0.0:
            self._target_z = min(max(self._target_z, height - limits.leash_m), height + limits.leash_m)
        self._target_z = min(max(self._target_z, limits.min_height_m), limits.max_height_m)
        return min(max(self._target_z + vz * limits.lead_s, limits.min_height_m), limits.max_height_m)

    def _run(self) -> None:
        period = 1.0 / SETPOINT_HZ
        due = self._clock.now()
        while not self._stop.is_set():
            try:
                self.tick()
            except Exception:
                _LOG.exception("the setpoint stream failed; trying again")
            due = max(due + period, self._clock.now() - period)
            self._stop.wait(max(0.0, due - self._clock.now()))

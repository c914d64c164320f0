"""The setpoint stream: 25 Hz whatever the pilot does, and what it does by itself when something is wrong."""

from __future__ import annotations

import logging
import math
import threading
from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum

from firmware_bridge.angles import Radians
from firmware_bridge.commanders import LANDING_MPS, SetpointSink
from firmware_bridge.guard import Guard
from firmware_bridge.repeating import Repeating
from reprohrl.contracts.clock import Clock
from reprohrl.contracts.command import HOVER, VelocityCommand
from reprohrl.contracts.rates import SETPOINT_HZ
from reprohrl.safety.bridge import BridgeConfig
from reprohrl.safety.conditions import Reaction

_LOG = logging.getLogger(__name__)
_SILENCE = BridgeConfig()
_FLOOR_M = 0.1
_SHORTEST_S = 1.6
"""A landing takes at least this long, so that none has ended while it is still being sent again."""

_STUCK_S, _STUCK_M = 1.0, 0.05
"""A landing that has not come down by so much in so long was not heard."""

_BELOW_FLOOR_M = -0.4
"""A level descent ends when its target is this far down, whatever the height says."""


class Phase(Enum):
    IDLE = "idle"  # on the ground
    CLIMBING = "climbing"  # the high-level commander takes off
    STREAMING = "streaming"
    LANDING = "landing"  # the high-level commander lands
    SINKING = "sinking"  # level, without position control
    CUT = "cut"
    DOWN = "down"  # by itself: it waits for `reset`


IN_THE_AIR = frozenset({Phase.CLIMBING, Phase.STREAMING, Phase.LANDING, Phase.SINKING})
ENDING = frozenset({Phase.LANDING, Phase.SINKING, Phase.CUT, Phase.DOWN})


@dataclass(frozen=True, slots=True)
class StreamLimits:
    """Heights [m] the stream keeps to, and how long silence is borne [s]."""

    min_height_m: float = 0.2
    max_height_m: float = 2.0
    hover_after_s: float = _SILENCE.hover_after_s
    land_after_s: float = _SILENCE.land_after_s
    first_command_s: float = _SILENCE.first_command_s
    repeat_s: float = _SILENCE.repeat_s
    repeat_blind_s: float = _SILENCE.repeat_blind_s
    lead_s: float = 0.5  # 1 / posCtlPid.zKp: a moving height target this far ahead gives the wanted climb
    leash_m: float = 0.3  # how far the height target may run from the drone


class SetpointStreamer:
    """Turns the newest `VelocityCommand` into hover setpoints, and watches over the flight.

    height   returns the drone's estimated height [m]
    guard    judges the state at each tick; without one only silence is watched
    `tick` is what `start` has called at `SETPOINT_HZ`; tests call it with their own clock.
    """

    def __init__(
        self,
        sink: SetpointSink,
        height: Callable[[], float],
        clock: Clock,
        limits: StreamLimits | None = None,
        guard: Guard | None = None,
    ) -> None:
        self.limits = limits or StreamLimits()
        self._sink, self._height, self._clock, self._guard = sink, height, clock, guard
        self._lock = threading.RLock()
        self._repeating: Repeating | None = None
        self.fell_silent = False
        self.failsafe = ""
        """Why the drone lands or stopped by itself; empty while it does what the pilot says."""
        self.reset()

    def start(self) -> None:
        if self._repeating is None:
            self._repeating = Repeating("setpoint-stream", 1.0 / SETPOINT_HZ, self.tick, self._clock)

    def close(self) -> None:
        if self._repeating is not None:
            self._repeating.close()

    @property
    def repeating(self) -> Repeating | None:
        return self._repeating

    def reset(self, height_m: float = 0.0) -> None:
        """Be ready for another flight at `height_m`; nothing is streamed until `send` or `hold`."""
        with self._lock:
            now = self._clock.now()
            self._target_z, self._command = height_m, HOVER
            self._heard_at = -math.inf
            self._ticked_at = self._since = now
            self.phase = Phase.IDLE
            self.fell_silent, self.failsafe = False, ""
            if self._guard is not None:
                self._guard.reset()

    def climb(self, height_m: float) -> None:
        """Watch over a take-off to `height_m` that the high-level commander flies."""
        with self._lock:
            self.reset(height_m)
            self._enter(Phase.CLIMBING)

    def hold(self) -> None:
        """Hover at the height of the take-off until the first command: from now on the stream flies."""
        with self._lock:
            if self.phase is Phase.CLIMBING:
                self._enter(Phase.STREAMING)
                if self._repeating is not None:
                    self._repeating.jitter.reset()

    def send(self, command: VelocityCommand) -> bool:
        """Follow `command` from now on; False once landing. The first one starts the stream."""
        with self._lock:
            if self.phase in ENDING:
                return False
            self._command, self._heard_at = command, self._clock.now()
            if self.phase is Phase.IDLE:
                self._enter(Phase.STREAMING)
            return True

    def begin_landing(self, why: str = "") -> None:
        """Stop streaming and land; `why` is the failsafe's reason, empty when the pilot asked."""
        with self._lock:
            if self.phase not in ENDING:
                self._fail(why)
                self._enter(Phase.LANDING)
                self._land()

    def begin_cut(self, why: str = "") -> None:
        """Cut the motors now, from any phase."""
        with self._lock:
            self._fail(why)
            self._enter(Phase.CUT)
            self._sink.emergency_stop()

    def tick(self) -> None:
        """Send the setpoint of this moment, or react to what is wrong."""
        with self._lock:
            if self.phase is Phase.CUT:
                self._repeat(self._sink.emergency_stop)
            elif self.phase is Phase.DOWN:
                self._repeat(self._sink.stop)
            elif self.phase in IN_THE_AIR and not self._guarded():
                self._fly()

    def _fly(self) -> None:
        now = self._clock.now()
        if self.phase is Phase.LANDING:
            self._see_to_landing(now)
        elif self.phase is Phase.SINKING:
            self._sink_level(now)
        elif self.phase is Phase.STREAMING:
            self._stream(now)

    def _guarded(self) -> bool:
        """Ask the guard; True when it changed the phase."""
        if self._guard is None:
            self._allowed, self._hovers = self._command, False
            return False
        now, landing = self._clock.now(), self.phase in (Phase.LANDING, Phase.SINKING)
        verdict = self._guard.check(now, self._command, landing=landing)
        self._allowed, self._hovers = verdict.command, verdict.reaction is Reaction.HOVER
        if verdict.stopped:
            self._fail(verdict.why)
            self._enter(Phase.DOWN)
            self._sink.stop()
        elif landing and self._guard.has_landed(now):
            self._enter(Phase.DOWN)
        elif verdict.reaction is Reaction.CUT:
            self.begin_cut(verdict.why)
        elif verdict.reaction is Reaction.LAND and self.phase is not Phase.SINKING:
            if verdict.level:
                self._fail(verdict.why)
                self._enter(Phase.SINKING)
                self._sink_level(self._clock.now())
            elif self.phase is not Phase.LANDING:
                self.begin_landing(verdict.why)
            else:
                return False
        else:
            return False
        return True

    def _stream(self, now: float) -> None:
        silent_s, limits = now - max(self._heard_at, self._since), self.limits
        first = math.isinf(self._heard_at)
        if silent_s > (limits.first_command_s if first else limits.land_after_s):
            self.fell_silent = True
            self.begin_landing(f"no {'first ' if first else ''}command for {silent_s:.1f} s: land")
            return
        command = self._allowed
        if first or (silent_s > limits.hover_after_s and not self._hovers):
            command = HOVER
        rate = Radians(command.yaw_rate).to_degrees()
        self._sink.hover(command.vx, command.vy, rate, self._advance(command.vz, now))

    def _advance(self, vz: float, now: float) -> float:
        """Move the height target by `vz` [m/s] and return the height to send."""
        limits, height = self.limits, self._height()
        self._target_z += vz * min(now - self._ticked_at, 0.2)
        self._ticked_at = now
        if vz != 0.0 and math.isfinite(height):
            self._target_z = min(max(self._target_z, height - limits.leash_m), height + limits.leash_m)
        self._target_z = min(max(self._target_z, limits.min_height_m), limits.max_height_m)
        return min(max(self._target_z + vz * limits.lead_s, limits.min_height_m), limits.max_height_m)

    def _land(self) -> None:
        height = self._height()
        duration = height / LANDING_MPS if math.isfinite(height) else 3.0
        self._sink.notify_stop_and_land(max(_SHORTEST_S, duration))

    def _see_to_landing(self, now: float) -> None:
        """Send the landing again while it is new, while the drone is silent, and when it does not sink."""
        height, since = self._height(), now - self._since
        silent = self._guard is not None and self._guard.silent
        if since <= (self.limits.repeat_blind_s if silent else self.limits.repeat_s):
            self._land()
        elif not silent and height > 2 * _FLOOR_M and now - self._lower_at > _STUCK_S:
            self._enter(Phase.LANDING)
            self._land()
        if silent or not height > self._lowest_m - _STUCK_M:
            self._lowest_m, self._lower_at = height, now

    def _sink_level(self, now: float) -> None:
        """Descend level from where the height target was; stop the motors at the floor or in time."""
        height = self._height()
        target = self._sink_from - LANDING_MPS * (now - self._since)
        low = math.isfinite(height) and height < _FLOOR_M
        if target < _BELOW_FLOOR_M or (low and target < _FLOOR_M):
            self._enter(Phase.DOWN)
            self._sink.stop()
        else:
            self._sink.level(target)

    def _enter(self, phase: Phase) -> None:
        self.phase, self._since = phase, self._clock.now()
        self._ticked_at = self._since
        self._lowest_m, self._lower_at = math.inf, self._since
        if phase is Phase.SINKING:
            height = self._height()
            sane = math.isfinite(height) and 0.0 <= height <= self.limits.max_height_m
            self._sink_from = height if sane else self._target_z

    def _repeat(self, send: Callable[[], None]) -> None:
        if self._clock.now() - self._since <= self.limits.repeat_s:
            send()

    def _fail(self, why: str) -> None:
        """Note the reason; a later, more severe one takes its place."""
        if not why:
            return
        self.failsafe = why
        _LOG.error("%s", why)
        if self._guard is not None:
            self._guard.note(self._clock.now(), why)

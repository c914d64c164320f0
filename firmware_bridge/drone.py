"""`CrazyflieDrone`: a Crazyflie, real or virtual, behind the `Drone` contract."""

from __future__ import annotations

import logging
import sys
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from firmware_bridge import preflight
from firmware_bridge.link import Progress, close_quietly, open_crazyflie
from firmware_bridge.log_keeper import LogKeeper
from firmware_bridge.streamer import Phase, SetpointStreamer, StreamLimits
from firmware_bridge.telemetry import Telemetry
from reprohrl.contracts.clock import Clock, WallClock
from reprohrl.contracts.command import VelocityCommand
from reprohrl.contracts.errors import LinkError, UserError
from reprohrl.contracts.state import DroneState

_LOG = logging.getLogger(__name__)
_CLIMB_MPS = 0.3
_POLL_S = 0.02
SWITCH_S = 0.001
_ON_FLOOR_M = 0.12


class CrazyflieDrone:
    """A drone on a cflib link. Leaving its context lands it.

    States are stamped with the host's receive time on `clock`, which must run in real time.
    """

    def __init__(
        self,
        uri: str,
        *,
        clock: Clock | None = None,
        connect_timeout_s: float = 60.0,
        attempts: int = 3,
        limits: StreamLimits | None = None,
        cache: Path | None = None,
        progress: Progress | None = None,
    ) -> None:
        self.uri = uri
        self._clock = clock or WallClock()
        self._connect_timeout_s, self._attempts = connect_timeout_s, attempts
        self._cache = cache
        self._progress: Progress = progress or (lambda text: _LOG.info("%s", text))
        self._limits = limits
        self._cf: Any = None
        self._telemetry = Telemetry(self._clock)
        self._streamer: SetpointStreamer | None = None
        self._log_keeper: LogKeeper | None = None
        self._airborne = False
        self._armed_by_us = False

    def connect(self) -> None:
        """Open the link and wait for state. Raises `LinkError` within the deadline."""
        if self._cf is not None:
            return
        # The packets of cflib pass through two threads; at Python's usual 5 ms a turn they would queue up
        # behind a thread that computes.
        sys.setswitchinterval(min(sys.getswitchinterval(), SWITCH_S))
        cf = open_crazyflie(
            self.uri, clock=self._clock, timeout_s=self._connect_timeout_s, attempts=self._attempts,
            progress=self._progress, cache=self._cache,
        )  # fmt: skip
        cf.console.receivedChar.add_callback(_log_console)
        self._cf, self._telemetry = cf, Telemetry(self._clock)
        try:
            self._telemetry.start(cf)
            if not self._wait(lambda: self._telemetry.complete, 5.0):
                raise LinkError(
                    f"{self.uri} is connected but sends no state",
                    why="no log data came in 5 s",
                    fix="restart the drone and try again",
                )
        except LinkError:
            self.close()
            raise
        self._streamer = SetpointStreamer(_CfSink(cf, self._height), self._height, self._clock, self._limits)
        self._streamer.start()
        self._log_keeper = LogKeeper(cf, self._telemetry)

    @property
    def fell_silent(self) -> bool:
        """True when the stream landed the drone because no command came for a second."""
        return self._streamer is not None and self._streamer.fell_silent

    def take_off(self, height_m: float = 0.8) -> None:
        """Arm where needed and climb. Raises `LinkError` when it may not fly or does not get there."""
        cf, streamer = self._connected()
        self._armed_by_us = preflight.make_ready(cf, self._telemetry, self._wait) or self._armed_by_us
        streamer.reset(height_m)
        duration = max(1.0, height_m / _CLIMB_MPS)
        cf.commander.send_notify_setpoint_stop()  # whoever spoke last, the high-level commander is heard now
        self._airborne = True
        cf.high_level_commander.takeoff(height_m, duration, yaw=None)
        if not self._wait(lambda: self._settled_at(height_m), duration + 4.0):
            why = preflight.trouble(self._telemetry) or f"it is at {self._height():.2f} m"
            self._try_to_land()
            raise LinkError(
                f"the drone did not reach {height_m:.1f} m in {duration + 4:.0f} s", why=why,
                fix="check battery, propellers and the console messages in the log",
            )  # fmt: skip

    def send(self, command: VelocityCommand) -> None:
        """Follow `command`. After 0.2 s of silence it hovers, after 1 s it lands and ignores commands."""
        _, streamer = self._connected()
        if not command.is_finite():
            raise UserError(f"{command} is not a velocity", why="it holds a number that is not finite")
        if self._airborne and not streamer.send(command):
            _LOG.debug("landing: a command was ignored")

    def state(self) -> DroneState:
        """Return the newest state; its `link` falls to 0 and its stamp stays when packets stop coming."""
        self._connected()
        return self._telemetry.state()

    def state_at(self, stamp: float) -> DroneState:
        """Return the state nearest to `stamp` [s], for pairing with a frame."""
        self._connected()
        return self._telemetry.state_at(stamp)

    def land(self) -> None:
        """Descend, stop the motors, disarm if `take_off` armed. Raises `LinkError` if it stays up."""
        cf, streamer = self._connected()
        if not self._airborne:
            return
        if streamer.phase is not Phase.LANDING:
            streamer.begin_landing()
        deadline = self._height() / _CLIMB_MPS + 6.0
        landed = self._wait(
            lambda: self._height() < _ON_FLOOR_M or preflight.is_down(self._telemetry), deadline
        )
        if not landed or self._telemetry.age_s > 1.0:
            raise LinkError(
                "the drone was told to land and did not report the floor",
                why=preflight.trouble(self._telemetry) or f"last height {self._height():.2f} m",
                fix="watch it; press the kill switch if it flies on",
            )
        self._clock.sleep(0.5)  # the last centimetres of the planned descent
        cf.high_level_commander.stop()
        if self._armed_by_us:
            cf.supervisor.send_arming_request(False)
        self._airborne = False
        streamer.reset()

    def emergency_stop(self) -> None:
        """Cut the motors now; the drone is locked until it is restarted."""
        cf, streamer = self._connected()
        streamer.close()
        for _ in range(3):  # a packet may be lost
            cf.supervisor.send_emergency_stop()
        self._airborne = False

    def close(self) -> None:
        """Close the link; a drone still in the air is told to land first."""
        if self._cf is None:
            return
        self._try_to_land()
        for helper in (self._streamer, self._log_keeper):
            if helper is not None:
                helper.close()
        close_quietly(self._cf)
        self._cf = self._streamer = self._log_keeper = None

    def __enter__(self) -> Self:
        self.connect()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _connected(self) -> tuple[Any, SetpointStreamer]:
        if self._cf is None or self._streamer is None:
            raise LinkError(f"{self.uri} is not connected", fix="call connect() first")
        return self._cf, self._streamer

    def _try_to_land(self) -> None:
        """Land as far as the link allows; what goes wrong is logged, for the caller has its own error."""
        if not self._airborne or self._streamer is None:
            return
        try:
            self.land()
        except LinkError as error:
            _LOG.error("%s", error)
        self._airborne = False

    def _height(self) -> float:
        return self._telemetry.state().height

    def _settled_at(self, height_m: float) -> bool:
        state = self._telemetry.state()
        return abs(state.height - height_m) < 0.08 and abs(state.velocity[2]) < 0.1

    def _wait(self, done: preflight.Condition, timeout_s: float) -> bool:
        """Poll `done` until it holds; False at the deadline."""
        end = self._clock.now() + timeout_s
        while not done():
            if self._clock.now() >= end:
                return False
            self._clock.sleep(_POLL_S)
        return True


class _CfSink:
    """cflib's commanders as a `SetpointSink`."""

    def __init__(self, cf: Any, height: Any) -> None:
        self._cf, self._height = cf, height

    def hover(self, vx: float, vy: float, yaw_rate_dps: float, z: float) -> None:
        self._cf.commander.send_hover_setpoint(vx, vy, yaw_rate_dps, z)

    def notify_stop_and_land(self) -> None:
        duration = max(1.0, float(self._height()) / _CLIMB_MPS)
        self._cf.commander.send_notify_setpoint_stop()
        self._cf.high_level_commander.land(0.0, duration, yaw=None)


def _log_console(text: str) -> None:
    _LOG.info("console: %s", text.rstrip())

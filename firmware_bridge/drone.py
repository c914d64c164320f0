"""`CrazyflieDrone`: a Crazyflie, real or virtual, behind the `Drone` contract."""

from __future__ import annotations

import logging
import sys
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from firmware_bridge import preflight
from firmware_bridge.commanders import LANDING_MPS, Commanders
from firmware_bridge.connection import Connection
from firmware_bridge.dead_man import DeadMan
from firmware_bridge.link import Progress
from firmware_bridge.preflight import PreflightSettings
from firmware_bridge.streamer import ENDING, Phase, SetpointStreamer, StreamLimits
from firmware_bridge.telemetry import Telemetry
from reprohrl.contracts.clock import Clock, WallClock
from reprohrl.contracts.command import VelocityCommand
from reprohrl.contracts.errors import LinkError, UserError
from reprohrl.contracts.link import DroneNote, LinkStatistics
from reprohrl.contracts.state import DroneState
from reprohrl.safety.config import SafetyConfig

_LOG = logging.getLogger(__name__)
_POLL_S = 0.02
_ON_FLOOR_M = 0.12
_ADOPT_ABOVE_M = 0.2
_AT_REST_S = 0.5
_ASK_AGAIN_S = 1.0
SWITCH_S = 0.001


@dataclass(frozen=True, slots=True)
class BridgeSettings:
    """How a drone is flown: limits of the stream, thresholds of the guard, checks before take-off.

    emergency_watchdog  True: the firmware cuts the motors when this host is silent for a second. Off by
                        default, for a drone that falls is worse than one that levels out.
    """

    limits: StreamLimits = field(default_factory=StreamLimits)
    safety: SafetyConfig = field(default_factory=SafetyConfig)
    preflight: PreflightSettings = field(default_factory=PreflightSettings)
    emergency_watchdog: bool = False


class CrazyflieDrone:
    """A drone on a cflib link (radio, usb, udp, tcp, lockstep). Leaving its context lands it.

    States are stamped with the host's receive time on `clock`: real time, or simulated time that is stepped.
    """

    def __init__(
        self,
        uri: str,
        *,
        clock: Clock | None = None,
        connect_timeout_s: float = 60.0,
        attempts: int = 3,
        limits: StreamLimits | None = None,
        settings: BridgeSettings | None = None,
        dead_man: DeadMan | None = None,
        cache: Path | None = None,
        progress: Progress | None = None,
    ) -> None:
        self.uri = uri
        self._clock = clock or WallClock()
        self._connect_timeout_s, self._attempts = connect_timeout_s, attempts
        self._cache = cache
        self._progress: Progress = progress or (lambda text: _LOG.info("%s", text))
        self.settings = settings or BridgeSettings()
        if limits is not None:
            self.settings = replace(self.settings, limits=limits)
        self._dead_man = dead_man
        self._link: Connection | None = None
        self._airborne = self._armed_by_us = False

    def connect(self) -> None:
        """Open the link and wait for state. Raises `LinkError` within the deadline.

        A drone that is found in the air is landed: somebody lost it there.
        """
        if self._link is not None:
            return
        # The packets of cflib pass through two threads; at Python's usual 5 ms a turn they would queue up
        # behind a thread that computes.
        sys.setswitchinterval(min(sys.getswitchinterval(), SWITCH_S))
        link = Connection(
            self.uri, self._clock, self.settings.safety, self.settings.limits, self._dead_man,
            watchdog=self.settings.emergency_watchdog,
        )  # fmt: skip
        link.open(self._connect_timeout_s, self._attempts, self._cache, self._progress, self._wait)
        self._link = link
        state = link.telemetry.state()
        if state.flying and state.height > _ADOPT_ABOVE_M:
            self._progress(f"it was in the air at {state.height:.1f} m: landing it")
            self._airborne = True
            link.streamer.begin_landing("found in the air: land")
            self._try_to_land()

    @property
    def fell_silent(self) -> bool:
        """True when the stream landed the drone because no command came for a second."""
        return self._link is not None and self._link.streamer.fell_silent

    @property
    def failsafe(self) -> str:
        """Why the drone lands, or stopped, by itself; empty while it does what it is told."""
        return self._link.streamer.failsafe if self._link is not None else ""

    @property
    def cf(self) -> Any:
        """cflib's `Crazyflie`, for what this class does not offer. Raises `LinkError` when not connected."""
        return self._connected().cf

    def take_off(self, height_m: float = 0.8) -> None:
        """Arm where needed and climb. Raises `LinkError` when it may not fly or does not get there."""
        link = self._connected()
        if self._airborne:
            raise LinkError("the drone is in the air already", fix="call land() first")
        if self._dead_man is not None and self._dead_man.gone:
            raise LinkError(
                "nobody is at the dead-man switch",
                why="its signal does not come",
                fix="hold it, then take off",
            )
        self._armed_by_us = (
            preflight.make_ready(
                link.cf, link.telemetry, self._clock, self.settings.preflight, self._wait, self._progress
            )
            or self._armed_by_us
        )
        streamer, duration = link.streamer, max(1.0, height_m / LANDING_MPS)
        streamer.climb(height_m)
        self._airborne = True
        self._climb(link.commanders, link.telemetry, streamer, height_m, duration)
        arrived = self._wait(lambda: self._settled_at(height_m) or streamer.phase in ENDING, duration + 4.0)
        if streamer.failsafe:
            why = streamer.failsafe
            self._try_to_land()
            raise LinkError("the take-off was broken off", why=why, fix="see to it before the next take-off")
        if not arrived:
            why = preflight.trouble(link.telemetry) or f"it is at {self._height():.2f} m"
            self._try_to_land()
            raise LinkError(
                f"the drone did not reach {height_m:.1f} m in {duration + 4:.0f} s", why=why,
                fix="check battery, propellers and the console messages in the log",
            )  # fmt: skip
        streamer.hold()

    def send(self, command: VelocityCommand) -> None:
        """Follow `command`. After 0.2 s of silence it hovers, after 1 s it lands.

        Raises `LinkError` with the reason once the drone ends the flight by itself.
        """
        link = self._connected()
        if not command.is_finite():
            raise UserError(f"{command} is not a velocity", why="it holds a number that is not finite")
        if self._airborne and not link.streamer.send(command) and link.streamer.failsafe:
            raise LinkError("the drone ends the flight by itself", why=link.streamer.failsafe)

    def state(self) -> DroneState:
        """Return the newest state; its `link` falls to 0 and its stamp stays when packets stop coming."""
        return self._connected().telemetry.state()

    def state_at(self, stamp: float) -> DroneState:
        """Return the state nearest to `stamp` [s], for pairing with a frame."""
        return self._connected().telemetry.state_at(stamp)

    def link_statistics(self) -> LinkStatistics:
        """Return what the link has done so far."""
        return self._connected().statistics()

    def notes(self) -> list[DroneNote]:
        """Return what the drone said and what failsafes did since the last call, in order."""
        return self._link.take_notes() if self._link is not None else []

    def subscribe_cpx(self, function: int, receive: Callable[[bytes], None]) -> Callable[[], None]:
        """Have `receive` called with the data of CPX packets of a `tcp://` link; return what ends that."""
        subscribe = getattr(self._connected().cf.link, "subscribe", None)
        if subscribe is None:
            raise LinkError(
                f"{self.uri} carries no images",
                why="only tcp:// does",
                fix="open the camera by its own address",
            )
        end: Callable[[], None] = subscribe(function, receive)
        return end

    def land(self) -> None:
        """Descend, stop the motors, disarm if `take_off` armed. Raises `LinkError` if it stays up."""
        link = self._connected()
        if not self._airborne:
            return
        streamer, telemetry = link.streamer, link.telemetry
        streamer.begin_landing()
        limit = max(0.0, min(self._height(), 5.0)) / LANDING_MPS + 6.0
        landed = self._wait(lambda: self._height() < _ON_FLOOR_M or preflight.is_down(telemetry), limit)
        if not landed or telemetry.age_s > 1.0:
            raise LinkError(
                "the drone was told to land and did not report the floor",
                why=preflight.trouble(telemetry) or f"last height {self._height():.2f} m",
                fix="watch it; press the kill switch if it flies on",
            )
        self._clock.sleep(_AT_REST_S)  # the last centimetres of the planned descent
        link.cf.high_level_commander.stop()
        if self._armed_by_us:
            link.cf.supervisor.send_arming_request(False)
        self._airborne = False
        link.note("link", str(link.statistics()))
        if not streamer.failsafe:
            streamer.reset()

    def land_now(self, why: str) -> None:
        """Begin to land and return at once; from any thread. `why` is told as the failsafe's reason."""
        link = self._link
        if link is not None and self._airborne:
            link.streamer.begin_landing(why)

    def emergency_stop(self, why: str = "the operator pressed stop: cut") -> None:
        """Cut the motors now, from any thread; the drone is locked until it is restarted."""
        self._connected().streamer.begin_cut(why)
        self._airborne = False

    def close(self) -> None:
        """Close the link; a drone still in the air is told to land first."""
        link = self._link
        if link is None:
            return
        self._try_to_land()
        self._link = None
        link.close()

    def __enter__(self) -> Self:
        self.connect()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _connected(self) -> Connection:
        if self._link is None:
            raise LinkError(f"{self.uri} is not connected", fix="call connect() first")
        return self._link

    def _climb(
        self, commanders: Commanders, telemetry: Telemetry, streamer: SetpointStreamer, height_m: float,
        duration: float,
    ) -> None:  # fmt: skip
        """Ask for the climb until the drone leaves the floor: the packet may be lost."""
        start = self._height()
        for _ in range(3):
            if streamer.phase is not Phase.CLIMBING:
                return
            commanders.take_off(height_m, duration)
            if self._wait(
                lambda: self._height() > start + 0.05 or streamer.phase is not Phase.CLIMBING, _ASK_AGAIN_S
            ):
                return

    def _try_to_land(self) -> None:
        """Land as far as the link allows; what goes wrong is logged, for the caller has its own error."""
        if not self._airborne:
            return
        try:
            self.land()
        except LinkError as error:
            _LOG.error("%s", error)
        self._airborne = False

    def _height(self) -> float:
        return self._connected().telemetry.state().height

    def _settled_at(self, height_m: float) -> bool:
        state = self._connected().telemetry.state()
        return abs(state.height - height_m) < 0.08 and abs(state.velocity[2]) < 0.1

    def _wait(self, done: preflight.Condition, timeout_s: float) -> bool:
        """Poll `done` until it holds; False at the deadline."""
        end = self._clock.now() + timeout_s
        while not done():
            if self._clock.now() >= end:
                return False
            self._clock.sleep(_POLL_S)
        return True

"""`Connection`: one open link with everything that runs beside it, opened and closed together."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

from firmware_bridge.commanders import Commanders
from firmware_bridge.console import ConsoleText
from firmware_bridge.dead_man import DeadMan
from firmware_bridge.guard import Guard
from firmware_bridge.link import Progress, close_quietly, open_crazyflie
from firmware_bridge.log_keeper import LogKeeper
from firmware_bridge.monitor import PING_HZ, LinkMonitor
from firmware_bridge.repeating import Repeating
from firmware_bridge.streamer import SetpointStreamer, StreamLimits
from firmware_bridge.telemetry import Telemetry
from reprohrl.contracts.clock import Clock
from reprohrl.contracts.errors import LinkError
from reprohrl.contracts.link import DroneNote, LinkStatistics
from reprohrl.safety.config import SafetyConfig

_STATE_S = 5.0
_WATCHDOG_S = 0.2


class Connection:
    """`open` makes it usable; `close` ends all its threads. The drone is made of its parts."""

    def __init__(
        self,
        uri: str,
        clock: Clock,
        safety: SafetyConfig,
        limits: StreamLimits,
        dead_man: DeadMan | None,
        *,
        watchdog: bool,
    ) -> None:
        self.uri, self._clock = uri, clock
        self.telemetry = Telemetry(clock)
        self.guard = Guard(self.telemetry, safety, dead_man)
        self.console = ConsoleText(clock)
        self._limits, self._watchdog = limits, watchdog
        self._notes: list[DroneNote] = []
        self._running: list[Any] = []
        self.cf: Any = None

    def open(
        self,
        timeout_s: float,
        attempts: int,
        cache: Path | None,
        progress: Progress,
        wait: Callable[[Callable[[], bool], float], bool],
    ) -> None:
        """Raises `LinkError` when nobody answers, the handshake stalls, or no state comes."""
        self.cf = cf = open_crazyflie(
            self.uri, clock=self._clock, timeout_s=timeout_s, attempts=attempts, progress=progress,
            cache=cache,
        )  # fmt: skip
        cf.link_statistics.latency.stop()  # our own pings run on our clock
        self.console.listen(cf)
        self.commanders = Commanders(cf)
        self.monitor = LinkMonitor(cf, self._clock, self._answered)
        self.streamer = SetpointStreamer(
            self.commanders, lambda: self.telemetry.state().height, self._clock, self._limits, self.guard
        )
        try:
            self.telemetry.start(cf)
            if not wait(lambda: self.telemetry.complete, _STATE_S):
                raise LinkError(
                    f"{self.uri} is connected but sends no state",
                    why=f"no log data came in {_STATE_S:.0f} s",
                    fix="restart the drone and try again",
                )
        except LinkError:
            self.close()
            raise
        self.keeper = LogKeeper(cf, self.telemetry, self._clock)
        self._running = [self.streamer, self.keeper]
        self.streamer.start()
        self._repeat("crazyflie-ping", 1.0 / PING_HZ, self._ping)
        if self._watchdog:
            self._repeat("emergency-watchdog", _WATCHDOG_S, self.commanders.feed_emergency_watchdog)

    def close(self) -> None:
        """Stop the threads and close the link; a drone in the air has to be landed before."""
        for part in self._running:
            part.close()
        self._running = []
        if self.cf is not None:
            close_quietly(self.cf)

    def statistics(self) -> LinkStatistics:
        """Return the link's numbers and those of the setpoint stream."""
        stream = self.streamer.repeating.jitter.report() if self.streamer.repeating is not None else None
        found = replace(self.monitor.statistics(), restarts=self.keeper.restarts)
        if stream is None:
            return found
        return replace(
            found, setpoint_hz=stream.rate_hz, setpoint_jitter_p95_s=stream.p95_s,
            setpoint_jitter_max_s=stream.max_s,
        )  # fmt: skip

    def note(self, kind: str, text: str) -> None:
        self._notes.append(DroneNote(self._clock.now(), kind, text))

    def take_notes(self) -> list[DroneNote]:
        """Return what is new, in order of time."""
        notes, self._notes = self._notes, []
        return sorted([*notes, *self.console.take(), *self.guard.take_notes()], key=lambda n: n.stamp)

    def _repeat(self, name: str, period_s: float, work: Callable[[], None]) -> None:
        self._running.append(Repeating(name, period_s, work, self._clock))

    def _ping(self) -> None:
        self.monitor.ping()
        self.telemetry.quality = self.monitor.quality
        self.telemetry.latency_s = self.monitor.latency_p95_s
        self.telemetry.rssi_dbm = self.monitor.rssi_dbm

    def _answered(self) -> None:
        keeper = getattr(self, "keeper", None)
        if keeper is not None:
            keeper.answered()

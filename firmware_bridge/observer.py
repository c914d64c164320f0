"""`CrazyflieObserver`: a drone that is listened to and never told anything that moves it."""

from __future__ import annotations

import logging
import threading
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from firmware_bridge.connection import Connection
from firmware_bridge.link import Progress
from firmware_bridge.streamer import StreamLimits
from reprohrl.contracts.clock import Clock, WallClock
from reprohrl.contracts.command import VelocityCommand
from reprohrl.contracts.errors import LinkError
from reprohrl.contracts.link import DroneNote, LinkStatistics
from reprohrl.contracts.state import DroneState
from reprohrl.safety.config import SafetyConfig

_LOG = logging.getLogger(__name__)
_POLL_S = 0.02

READING: dict[int, frozenset[int]] = {
    0: frozenset({0}),  # console
    2: frozenset({0, 1}),  # parameters: table and values; writing is channel 2
    4: frozenset({0, 1}),  # memories: table and contents; writing is channel 2
    5: frozenset({0, 1, 2}),  # log
    9: frozenset({0}),  # the supervisor's state; its commands are channel 1
    13: frozenset({1}),  # version; commands are channel 0, channel 2 belongs to apps
    15: frozenset({0, 1, 2, 3}),  # link
}
"""Channels by CRTP port on which a host only reads. Whatever is not listed might move a drone."""

_PARAMETER, _MISCELLANEOUS = 2, 3
_READING_MISCELLANEOUS = frozenset({2, 4, 6, 7, 8})
"""Of a parameter: its type, its state, its default; not setting, storing or clearing it."""


def only_reads(port: int, channel: int, data: bytes) -> bool:
    """True for a packet that cannot move, arm, stop or change a drone."""
    if (port, channel) == (_PARAMETER, _MISCELLANEOUS):
        return data[:1] != b"" and data[0] in _READING_MISCELLANEOUS
    return channel in READING.get(port, ())


class CrazyflieObserver:
    """A `Drone` whose commands go nowhere. A context manager.

    Everything is received: states, links, console. Whatever would move, arm, stop or change the drone is kept
    back below cflib, packet by packet, whoever sends it, and counted in `kept_back`.
    """

    def __init__(
        self,
        uri: str,
        *,
        clock: Clock | None = None,
        connect_timeout_s: float = 60.0,
        attempts: int = 3,
        cache: Path | None = None,
        progress: Progress | None = None,
    ) -> None:
        self.uri = uri
        self._clock = clock or WallClock()
        self._connect_timeout_s, self._attempts, self._cache = connect_timeout_s, attempts, cache
        self._progress: Progress = progress or (lambda text: _LOG.info("%s", text))
        self._link: Connection | None = None
        self._lock = threading.Lock()
        self.kept_back: Counter[int] = Counter()
        """Packets by CRTP port."""
        self.on_kept_back: Callable[[int, int, bytes], None] = lambda _port, _channel, _data: None

    @property
    def cf(self) -> Any:
        """cflib's `Crazyflie`. Raises `LinkError` when not connected."""
        return self._connected().cf

    def connect(self) -> None:
        """Open the link and wait for state. Raises `LinkError` within the deadline."""
        if self._link is not None:
            return
        link = Connection(self.uri, self._clock, SafetyConfig(), StreamLimits(), None, watchdog=False)
        link.open(self._connect_timeout_s, self._attempts, self._cache, self._progress, self._wait)
        link.streamer.close()
        self._keep_back(link.cf)
        self._link = link

    def state(self) -> DroneState:
        return self._connected().telemetry.state()

    def state_at(self, stamp: float) -> DroneState:
        return self._connected().telemetry.state_at(stamp)

    def link_statistics(self) -> LinkStatistics:
        return self._connected().statistics()

    @property
    def failsafe(self) -> str:
        """Nothing: it does not fly."""
        return ""

    def notes(self) -> list[DroneNote]:
        return self._link.take_notes() if self._link is not None else []

    def take_off(self, height_m: float = 0.8) -> None:
        """Nothing: whoever holds or flies the drone takes off."""

    def send(self, command: VelocityCommand) -> None:
        """Nothing. The command is the flight log's business."""

    def land(self) -> None:
        """Nothing: whoever holds or flies the drone lands."""

    def emergency_stop(self) -> None:
        """Nothing: whoever holds or flies the drone stops it."""

    def close(self) -> None:
        link, self._link = self._link, None
        if link is not None:
            link.close()

    def __enter__(self) -> Self:
        self.connect()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _keep_back(self, cf: Any) -> None:
        send = cf.send_packet

        def filtered(packet: Any, *args: Any, **kwargs: Any) -> Any:
            if only_reads(packet.port, packet.channel, bytes(packet.data)):
                return send(packet, *args, **kwargs)
            with self._lock:
                self.kept_back[packet.port] += 1
            self.on_kept_back(packet.port, packet.channel, bytes(packet.data))
            return None

        cf.send_packet = filtered

    def _connected(self) -> Connection:
        if self._link is None:
            raise LinkError(f"{self.uri} is not connected", fix="call connect() first")
        return self._link

    def _wait(self, done: Any, timeout_s: float) -> bool:
        end = self._clock.now() + timeout_s
        while not done():
            if self._clock.now() >= end:
                return False
            self._clock.sleep(_POLL_S)
        return True

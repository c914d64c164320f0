"""`AiDeckCamera`: the newest frame of an AI-deck on its own socket, read by a thread that never gives up."""

from __future__ import annotations

import contextlib
import logging
import socket
import threading
import time
from types import TracebackType
from typing import Self

from firmware_bridge.aideck.cpx import CpxError, CpxParser
from firmware_bridge.aideck.newest import CameraHealth, NewestFrame
from firmware_bridge.aideck.stream import ImageStream
from firmware_bridge.aideck.trouble import SILENT, SilentError, explain
from reprohrl.contracts.clock import Clock, WallClock
from reprohrl.contracts.drone import Frame
from reprohrl.contracts.errors import LinkError

_LOG = logging.getLogger(__name__)
HOST = "192.168.4.1"
"""The AI-deck's address when it is the access point."""

PORT = 5000
_CONNECT_S = 2.0
MIN_BACKOFF_S, MAX_BACKOFF_S = 0.2, 2.0
_RECEIVE_TIMEOUT_S = 0.1
_FAREWELL_S = 0.5


class AiDeckCamera:
    """A `Camera` on the AI-deck's TCP stream: stock RAW and JPEG, or the nanocockpit's, found out by itself.

    Stamps of stock frames are the host's receive time of the last byte on `clock`; those of the nanocockpit
    follow the deck's own clock. `latency_s` is the known time from exposure to then, and is taken off.
    A stream without a frame for `watchdog_s` is closed and opened again.
    """

    def __init__(
        self,
        host: str = HOST,
        port: int = PORT,
        *,
        clock: Clock | None = None,
        watchdog_s: float = 1.0,
        latency_s: float = 0.0,
        bayer: str = "",
    ) -> None:
        self.host, self.port = host, port
        self._clock = clock or WallClock()
        self._watchdog_s = watchdog_s
        self._newest = NewestFrame(self._clock)
        self._stream = ImageStream(latency_s=latency_s, bayer=bayer)
        self._connections = 0
        self._stop = threading.Event()
        self._thread: threading.Thread | None = None
        self._closed = False
        self._trouble = "not opened"
        self._error: Exception | None = None

    def open(self, timeout_s: float = 10.0) -> None:
        """Start reading and wait for a frame. Raises `LinkError` when none comes in time."""
        self.start()
        if self._newest.wait_for_another(timeout_s):
            return
        why, fix = explain(self._error) if self._error is not None else SILENT
        self.close()
        raise LinkError(f"no frames from the AI-deck at {self.host}:{self.port}", why=why, fix=fix)

    def start(self) -> None:
        """Start reading without waiting."""
        self._closed = False
        if self._thread is None:
            self._stop.clear()
            self._thread = threading.Thread(target=self._run, name="aideck-camera", daemon=True)
            self._thread.start()

    def read(self, timeout_s: float) -> Frame | None:
        """Return the newest frame not yet returned, or None when none came in time, or after `close`."""
        if not self._closed:
            self.start()
        return self._newest.read(timeout_s)

    def health(self) -> CameraHealth:
        """Return the counters."""
        return self._newest.health(
            self._stream.faults, reconnects=max(0, self._connections - 1), trouble=self._trouble
        )

    def close(self) -> None:
        """Stop the thread and close the socket; `open` begins again."""
        self._closed = True
        self._stop.set()
        if self._thread is not None:
            self._thread.join(timeout=_CONNECT_S + _FAREWELL_S + 1.0)
            self._thread = None

    def __enter__(self) -> Self:
        self.open()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _run(self) -> None:
        backoff = 0.0
        while not self._stop.is_set():
            before = self._newest.count
            try:
                with socket.create_connection((self.host, self.port), timeout=_CONNECT_S) as stream:
                    self._connections += 1
                    self._trouble, self._error = "", None
                    try:
                        self._read_stream(stream)
                    finally:
                        say_goodbye(stream)
            except (OSError, CpxError) as error:
                self._error, self._trouble = error, explain(error)[0]
                _LOG.warning("AI-deck at %s:%d: %s; reconnecting", self.host, self.port, self._trouble)
            backoff = next_backoff(backoff, had_frames=self._newest.count > before)
            self._stop.wait(backoff)
        self._trouble = "closed"

    def _read_stream(self, stream: socket.socket) -> None:
        """Read until stopped. Raises `OSError` or `CpxError` when the stream is no more."""
        stream.settimeout(_RECEIVE_TIMEOUT_S)
        parser = CpxParser(framing=None)
        self._stream.restart()
        last_frame = self._clock.now()
        while not self._stop.is_set():
            try:
                chunk = stream.recv(65536)
            except TimeoutError:
                chunk = None
            if chunk == b"":
                raise ConnectionError("the stream was closed")
            for packet in parser.feed(chunk or b""):
                now = self._clock.now()
                frame = self._stream.feed(packet.function, packet.data, now)
                if frame is not None:
                    self._newest.publish(frame, now)
                    last_frame = now
            if self._clock.now() - last_frame > self._watchdog_s:
                raise SilentError(f"no frame for {self._watchdog_s:.1f} s")


def next_backoff(last_s: float, *, had_frames: bool) -> float:
    """Return how long to wait before connecting again [s]: twice as long each time that no frame came."""
    return MIN_BACKOFF_S if had_frames else min(max(2 * last_s, MIN_BACKOFF_S), MAX_BACKOFF_S)


def say_goodbye(stream: socket.socket) -> None:
    """End the connection so that the deck notices: with a FIN, after reading what is still under way.

    Closing with unread bytes resets the connection instead, and the stock ESP32 notices a reset only when its
    next packet fails: with a camera that hangs it would never serve anybody again.
    """
    with contextlib.suppress(OSError):
        stream.shutdown(socket.SHUT_WR)
        stream.settimeout(_FAREWELL_S)
        deadline = time.monotonic() + _FAREWELL_S
        while stream.recv(65536) and time.monotonic() < deadline:
            pass

"""`AiDeckCamera`: the newest frame of an AI-deck, read by a thread that never gives up."""

from __future__ import annotations

import logging
import socket
import threading
from collections import deque
from dataclasses import dataclass
from types import TracebackType
from typing import Self

from firmware_bridge.aideck.cpx import CpxError, CpxParser, Function
from firmware_bridge.aideck.frames import FrameAssembler
from reprohrl.contracts.clock import Clock, WallClock
from reprohrl.contracts.drone import Frame
from reprohrl.contracts.errors import LinkError

_LOG = logging.getLogger(__name__)
PORT = 5000
_MIN_BACKOFF_S, _MAX_BACKOFF_S = 0.2, 2.0
_RECEIVE_TIMEOUT_S = 0.1


@dataclass(frozen=True, slots=True)
class CameraHealth:
    """Counts since the start, frames per second over the last frames, age [s] of the newest (inf: none)."""

    frames: int
    fps: float
    age_s: float
    torn: int
    orphaned: int
    corrupt: int
    reconnects: int


class AiDeckCamera:
    """A `Camera` on the AI-deck's TCP stream.

    Stamps are the host's receive time of a frame's last byte on `clock`, less `latency_s`, the known time
    from exposure to then. A stream that stays silent for `watchdog_s` is closed and opened again.
    """

    def __init__(
        self,
        host: str = "192.168.4.1",
        port: int = PORT,
        *,
        clock: Clock | None = None,
        watchdog_s: float = 1.0,
        latency_s: float = 0.0,
    ) -> None:
        self.host, self.port = host, port
        self._clock = clock or WallClock()
        self._watchdog_s, self._latency_s = watchdog_s, latency_s
        self._news = threading.Condition()
        self._frame: Frame | None = None
        self._taken = True
        self._stamps: deque[float] = deque(maxlen=20)
        self._frames = self._connections = 0
        self._assembler = FrameAssembler()
        self._stop = threading.Event()
        self._thread: threading.Thread | None = None
        self._trouble = ""

    def open(self, timeout_s: float = 10.0) -> None:
        """Start reading and wait for the first frame. Raises `LinkError` when none comes in time."""
        self.start()
        with self._news:
            if self._news.wait_for(lambda: self._frame is not None, timeout_s):
                return
        trouble = self._trouble or "connected, but no frame came"
        self.close()
        raise LinkError(
            f"no frames from the AI-deck at {self.host}:{self.port}",
            why=trouble,
            fix="join the AI-deck's WiFi, close other viewers (it serves one), or power-cycle the drone",
        )

    def start(self) -> None:
        """Start reading without waiting."""
        if self._thread is None:
            self._stop.clear()
            self._thread = threading.Thread(target=self._run, name="aideck-camera", daemon=True)
            self._thread.start()

    def read(self, timeout_s: float) -> Frame | None:
        """Return the newest frame not yet returned, or None when none came in time."""
        self.start()
        with self._news:
            if not self._news.wait_for(lambda: not self._taken, timeout_s):
                return None
            self._taken = True
            return self._frame

    def health(self) -> CameraHealth:
        """Return the counters."""
        with self._news:
            span = self._stamps[-1] - self._stamps[0] if len(self._stamps) > 1 else 0.0
            faults = self._assembler.faults
            age = self._clock.now() - self._stamps[-1] if self._stamps else float("inf")
            return CameraHealth(
                self._frames, (len(self._stamps) - 1) / span if span > 0 else 0.0, age, faults.torn,
                faults.orphaned, faults.corrupt, max(0, self._connections - 1),
            )  # fmt: skip

    def close(self) -> None:
        """Stop the thread and close the socket."""
        self._stop.set()
        if self._thread is not None:
            self._thread.join(timeout=3.0)
            self._thread = None

    def __enter__(self) -> Self:
        self.open()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _run(self) -> None:
        backoff = _MIN_BACKOFF_S
        while not self._stop.is_set():
            before = self._frames
            try:
                with socket.create_connection((self.host, self.port), timeout=2.0) as stream:
                    self._connections += 1
                    self._trouble = ""
                    self._read_stream(stream)
            except (OSError, CpxError) as error:
                self._trouble = str(error)
                _LOG.warning("AI-deck at %s:%d: %s; reconnecting", self.host, self.port, error)
            backoff = _MIN_BACKOFF_S if self._frames > before else min(2 * backoff, _MAX_BACKOFF_S)
            self._stop.wait(backoff)

    def _read_stream(self, stream: socket.socket) -> None:
        """Read until stopped. Raises `OSError` or `CpxError` when the stream is no more."""
        stream.settimeout(_RECEIVE_TIMEOUT_S)
        parser = CpxParser()
        faults, self._assembler = self._assembler.faults, FrameAssembler()
        self._assembler.faults = faults
        last_frame = self._clock.now()
        while not self._stop.is_set():
            try:
                chunk = stream.recv(65536)
            except TimeoutError:
                chunk = None
            if chunk == b"":
                raise ConnectionError("the stream was closed")
            for packet in parser.feed(chunk or b""):
                if packet.function == Function.APP and self._accept(packet.data):
                    last_frame = self._clock.now()
            if self._clock.now() - last_frame > self._watchdog_s:
                raise ConnectionError(f"no frame for {self._watchdog_s:.1f} s")

    def _accept(self, data: bytes) -> bool:
        """Feed one packet; True when it completed a frame."""
        image = self._assembler.feed(data)
        if image is None:
            return False
        now = self._clock.now()
        with self._news:
            self._frame, self._taken = Frame(image, now - self._latency_s), False
            self._frames += 1
            self._stamps.append(now)
            self._news.notify_all()
        return True

"""The drone's console: lines of text, kept for the flight log."""

from __future__ import annotations

import logging
import threading
from collections import deque
from typing import Any

from reprohrl.contracts.clock import Clock
from reprohrl.contracts.link import DroneNote

_LOG = logging.getLogger(__name__)
_PORT = 0
MAX_LINE, MAX_NOTES = 512, 1000
"""A drone that babbles fills no memory: the oldest lines go."""


class ConsoleText:
    """Puts the pieces that packets carry together to lines. Bytes that are no text are shown as such."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._piece = b""
        self._lines: deque[DroneNote] = deque(maxlen=MAX_NOTES)

    def listen(self, cf: Any) -> None:
        """Take the place of cflib's own decoder, which raises on a byte that is no UTF-8."""
        cf.remove_port_callback(_PORT, cf.console._incoming)
        cf.add_port_callback(_PORT, lambda packet: self.feed(bytes(packet.data)))

    def feed(self, data: bytes) -> None:
        with self._lock:
            self._piece += data
            *lines, self._piece = self._piece.split(b"\n")
            if len(self._piece) > MAX_LINE:
                lines.append(self._piece)
                self._piece = b""
        for line in lines:
            text = line.decode("utf-8", errors="backslashreplace").strip("\0\r ")
            if text:
                _LOG.info("console: %s", text)
                with self._lock:
                    self._lines.append(DroneNote(self._clock.now(), "console", text))

    def take(self) -> list[DroneNote]:
        """Return the lines since the last call."""
        with self._lock:
            lines = list(self._lines)
            self._lines.clear()
        return lines

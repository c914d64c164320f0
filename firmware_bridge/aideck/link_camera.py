"""`LinkCamera`: the AI-deck's frames out of a `tcp://` link that carries the control packets as well."""

from __future__ import annotations

from collections.abc import Callable
from types import TracebackType
from typing import Self

from firmware_bridge.aideck.cpx import Function
from firmware_bridge.aideck.newest import CameraHealth, NewestFrame
from firmware_bridge.aideck.stream import ImageStream
from reprohrl.contracts.clock import Clock, WallClock
from reprohrl.contracts.drone import Frame
from reprohrl.contracts.errors import LinkError

Subscribe = Callable[[Function, Callable[[bytes], None]], object]


class LinkCamera:
    """A `Camera` that is fed by the link's receiving thread; it opens, closes and repairs nothing.

    `subscribe(function, take)` is to have `take(data)` called with the data of each CPX packet of `function`.
    The deck serves one connection, so with a `tcp://` link this is the only way to its frames.
    """

    def __init__(
        self,
        subscribe: Subscribe,
        *,
        clock: Clock | None = None,
        latency_s: float = 0.0,
        bayer: str = "",
    ) -> None:
        self._clock = clock or WallClock()
        self._newest = NewestFrame(self._clock)
        self._stream = ImageStream(latency_s=latency_s, bayer=bayer)
        self._connections = 0
        self._closed = False
        self.attach(subscribe)

    def attach(self, subscribe: Subscribe) -> None:
        """Take frames from this link from now on, as after a reconnection."""
        self._connections += 1
        self._stream.restart()
        number = self._connections
        for function in (Function.APP, Function.STREAMER):
            subscribe(function, lambda data, function=function: self._take(number, function, data))  # type: ignore[misc]

    def open(self, timeout_s: float = 10.0) -> None:
        """Wait for a frame. Raises `LinkError` when none comes in time."""
        if not self._newest.wait_for_another(timeout_s):
            raise LinkError(
                "no frames came over the link to the drone",
                why=f"none in {timeout_s:.0f} s, though the link itself is open",
                fix="flash a WiFi streamer to the AI-deck; if it streamed before, power-cycle the drone",
            )

    def read(self, timeout_s: float) -> Frame | None:
        """Return the newest frame not yet returned, or None when none came in time."""
        return self._newest.read(timeout_s)

    def health(self) -> CameraHealth:
        """Return the counters."""
        return self._newest.health(
            self._stream.faults,
            reconnects=max(0, self._connections - 1),
            trouble="closed" if self._closed else "",
        )

    def close(self) -> None:
        """Ignore further packets; the link is the drone's to close."""
        self._closed = True

    def __enter__(self) -> Self:
        self.open()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _take(self, number: int, function: Function, data: bytes) -> None:
        if self._closed or number != self._connections:
            return
        now = self._clock.now()
        frame = self._stream.feed(function, data, now)
        if frame is not None:
            self._newest.publish(frame, now)

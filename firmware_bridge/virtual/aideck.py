"""`VirtualAiDeck`: the camera chip (GAP8) of the AI-deck, sending frames to the one client of its ESP32."""

from __future__ import annotations

import logging
import threading
import time
from collections import deque
from collections.abc import Callable
from types import TracebackType
from typing import Self

import numpy as np
from numpy.typing import NDArray

from firmware_bridge.aideck.cpx import CpxPacket, Framing
from firmware_bridge.aideck.nanocockpit import StreamedState
from firmware_bridge.virtual.cpx_server import CpxServer
from firmware_bridge.virtual.deck_images import ImageSender, Kind, encode_jpeg

__all__ = ["FrameSource", "Kind", "VirtualAiDeck", "encode_jpeg"]

_LOG = logging.getLogger(__name__)
FrameSource = Callable[[], NDArray[np.uint8]]
_PATIENCE_S = 2.0
_IDLE_S = 0.05
_MAX_UNDER_WAY = 64


class VirtualAiDeck:
    """Asks `source` for an image, (H, W) or (H, W, 3) uint8, `fps` times a second while a client is there.

    As on the stock deck there is one client, a second one waits until it has gone, and one that comes in the
    midst of a frame gets the rest of it first.
    Faults, for tests and drills: `frozen` stops the frames until it is reset, as a camera that hangs until
    the drone is power-cycled; `freeze_until_reconnect` until the next client; `tear_next` leaves half of the
    next frame out, `corrupt_next` spoils its bytes.
    """

    def __init__(
        self,
        source: FrameSource,
        *,
        link: CpxServer | None = None,
        host: str = "127.0.0.1",
        port: int = 0,
        fps: float = 10.0,
        delay_s: float = 0.0,
        kind: Kind | None = None,
        jpeg: bool = False,
        chunk: int | None = None,
        state: Callable[[], StreamedState] | None = None,
    ) -> None:
        """Raises `OSError` when the port is taken; 0 takes a free one.

        link     the ESP32 to send through, as with `tcp://`; otherwise one of its own at `host` and `port`
        delay_s  from exposure to the frame's way onto the network; the stock RAW stream takes 0.125
        kind     of stream; `jpeg` is short for Kind.JPEG
        chunk    most bytes of an image in a packet; the deck's own size when not given
        state    the drone's, for the nanocockpit's frames
        """
        kind = kind or (Kind.JPEG if jpeg else Kind.RAW)
        framing = Framing.NANOCOCKPIT if kind is Kind.NANOCOCKPIT and link is None else Framing.STOCK
        self._sender = ImageSender(kind, framing, chunk=chunk, state=state)
        self._source, self._period, self._delay_s = source, 1.0 / fps, delay_s
        self._owns_link = link is None
        self._link = link or CpxServer(host=host, port=port, framing=framing)
        self.frozen = False
        self.frames_sent = 0
        self._thawing = False
        self._stop = threading.Event()
        self._link.on_client(self._client_changed)
        self._thread = threading.Thread(target=self._run, name="virtual-gap8", daemon=True)
        self._thread.start()

    @property
    def port(self) -> int:
        return self._link.port

    @property
    def tear_next(self) -> bool:
        return self._sender.tear_next

    @tear_next.setter
    def tear_next(self, tear: bool) -> None:
        self._sender.tear_next = tear

    @property
    def corrupt_next(self) -> bool:
        return self._sender.corrupt_next

    @corrupt_next.setter
    def corrupt_next(self, corrupt: bool) -> None:
        self._sender.corrupt_next = corrupt

    def freeze_until_reconnect(self) -> None:
        """Send nothing until another client connects."""
        self._thawing, self.frozen = True, True

    def drop_client(self) -> None:
        """Close the connection, as a WiFi loss does."""
        self._link.drop_client()

    def close(self) -> None:
        self._stop.set()
        if self._owns_link:
            self._link.close()
        self._thread.join(timeout=_PATIENCE_S + 1.0)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _client_changed(self, connected: bool) -> None:
        if connected and self._thawing:
            self._thawing, self.frozen = False, False

    def _run(self) -> None:
        """Take frames at the camera's rate and send each `delay_s` later."""
        under_way: deque[tuple[float, list[CpxPacket]]] = deque(maxlen=_MAX_UNDER_WAY)
        exposure = time.monotonic()
        while not self._stop.is_set():
            if not self._link.wait_connected(_IDLE_S):
                under_way.clear()
                exposure = time.monotonic()
                continue
            now = time.monotonic()
            if now >= exposure:
                if not self.frozen:
                    under_way.append((now + self._delay_s, self._sender.packets(self._source())))
                exposure = max(exposure + self._period, now)
            if self.frozen:
                under_way.clear()
            if under_way and time.monotonic() >= under_way[0][0]:
                self._send(under_way.popleft()[1])
            due = min([exposure, *(t for t, _ in list(under_way)[:1])])
            self._stop.wait(min(_IDLE_S, max(0.0, due - time.monotonic())))

    def _send(self, packets: list[CpxPacket]) -> None:
        """Send one frame. What nobody takes is lost, the rest still goes out: GAP8 knows of no client."""
        lost = 0
        for packet in packets:
            if self._stop.is_set():
                return
            if self._link.connected or lost == 0:
                lost += not self._link.send_patiently(packet, _PATIENCE_S)
            else:
                self._stop.wait(0.001)
        self.frames_sent += lost == 0

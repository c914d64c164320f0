"""`VirtualAiDeck`: serves frames as the AI-deck's stock WiFi streaming example does, to one client."""

from __future__ import annotations

import logging
import socket
import threading
import time
from collections.abc import Callable, Iterator
from types import TracebackType
from typing import Self

import cv2
import numpy as np
from numpy.typing import NDArray

from firmware_bridge.aideck.cpx import MAX_DATA, CpxPacket, Function, Target
from firmware_bridge.aideck.frames import Format, ImageHeader

_LOG = logging.getLogger(__name__)
FrameSource = Callable[[], NDArray[np.uint8]]
_JPEG_HEADER_BYTES = 20


class VirtualAiDeck:
    """Asks `source` for an image, (H, W) or (H, W, 3) uint8, `fps` times a second while a client is there.

    A second client waits until the first has gone. RAW is always grey.
    Faults, for tests and drills: `frozen` stops the frames, `tear_next` cuts the next frame off half-way.
    """

    def __init__(
        self,
        source: FrameSource,
        *,
        host: str = "127.0.0.1",
        port: int = 0,
        fps: float = 10.0,
        jpeg: bool = False,
        chunk: int = MAX_DATA,
    ) -> None:
        """Raises `OSError` when the port is taken; 0 takes a free one."""
        self._source, self._period = source, 1.0 / fps
        self._format = Format.JPEG if jpeg else Format.RAW
        self._chunk = chunk
        self.frozen = False
        self.tear_next = False
        self.frames_sent = 0
        self._stop = threading.Event()
        self._client: socket.socket | None = None
        self._listener = socket.create_server((host, port), backlog=1)
        self._listener.settimeout(0.2)
        self._thread = threading.Thread(target=self._run, name="virtual-aideck", daemon=True)
        self._thread.start()

    @property
    def port(self) -> int:
        return int(self._listener.getsockname()[1])

    def drop_client(self) -> None:
        """Close the connection, as a WiFi loss does."""
        client = self._client
        if client is not None:
            try:
                client.shutdown(socket.SHUT_RDWR)
            except OSError:
                _LOG.debug("the client was gone already")

    def close(self) -> None:
        self._stop.set()
        self.drop_client()
        self._thread.join(timeout=3.0)
        self._listener.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _run(self) -> None:
        while not self._stop.is_set():
            try:
                client, _ = self._listener.accept()
            except TimeoutError:
                continue
            except OSError:
                return
            with client:
                self._client = client
                client.settimeout(2.0)
                try:
                    self._serve(client)
                except OSError as error:
                    _LOG.info("the client left: %s", error)
                self._client = None

    def _serve(self, client: socket.socket) -> None:
        due = time.monotonic()
        while not self._stop.is_set():
            if not self.frozen:
                for packet in self._packets(self._source()):
                    client.sendall(packet.encode())
                self.frames_sent += 1
            elif _hung_up(client):
                return
            due = max(due + self._period, time.monotonic())
            self._stop.wait(due - time.monotonic())

    def _packets(self, image: NDArray[np.uint8]) -> Iterator[CpxPacket]:
        """Yield the packets of one image: header, then its bytes in pieces."""
        if image.ndim == 3 and self._format is Format.RAW:
            image = np.asarray(cv2.cvtColor(image, cv2.COLOR_RGB2GRAY), np.uint8)
        payload = image.tobytes() if self._format is Format.RAW else encode_jpeg(image)
        height, width = image.shape[:2]
        yield _app(ImageHeader(width, height, 1, self._format, len(payload)).encode())
        torn, self.tear_next = self.tear_next, False
        if torn:
            payload = payload[: len(payload) // 2]
        if self._format is Format.JPEG:  # the encoder's header goes in a packet of its own
            yield _app(payload[:_JPEG_HEADER_BYTES])
            payload = payload[_JPEG_HEADER_BYTES:]
        start = 0
        while True:  # as the stock sender: a full last piece is followed by an empty one
            piece = payload[start : start + self._chunk]
            start += len(piece)
            yield _app(piece)
            if len(piece) < self._chunk:
                break


def encode_jpeg(image: NDArray[np.uint8], quality: int = 80) -> bytes:
    """Return a JPEG of an (H, W) grey or (H, W, 3) RGB image."""
    bgr = cv2.cvtColor(image, cv2.COLOR_RGB2BGR) if image.ndim == 3 else image
    _, encoded = cv2.imencode(".jpg", bgr, [cv2.IMWRITE_JPEG_QUALITY, quality])
    return encoded.tobytes()


def _app(data: bytes) -> CpxPacket:
    return CpxPacket(Target.GAP8, Target.HOST, Function.APP, data)


def _hung_up(client: socket.socket) -> bool:
    """True when the other side closed; the deck reads nothing else from it."""
    client.setblocking(False)
    try:
        return client.recv(1024) == b""
    except BlockingIOError:
        return False
    finally:
        client.settimeout(2.0)

"""Images as the AI-deck's streamers cut them into packets: stock RAW and JPEG, nanocockpit."""

from __future__ import annotations

import time
from collections.abc import Callable
from enum import Enum

import cv2
import numpy as np
from numpy.typing import NDArray

from firmware_bridge.aideck.cpx import CpxPacket, Framing, Function, Target
from firmware_bridge.aideck.frames import Format, ImageHeader
from firmware_bridge.aideck.jpeg import END, header_length
from firmware_bridge.aideck.nanocockpit import (
    BEGIN,
    BEGIN_HEAD,
    DATA,
    DATA_HEAD,
    IMAGE,
    FrameMetadata,
    StreamedState,
    checksum,
)


class Kind(Enum):
    """Which program runs on the camera chip."""

    RAW = "raw"
    JPEG = "jpeg"
    NANOCOCKPIT = "nanocockpit"


class ImageSender:
    """Cuts images into packets. RAW and nanocockpit are always grey.

    The nanocockpit's checksum is sent only when `checked`, as its own is off unless built in.
    """

    def __init__(
        self,
        kind: Kind,
        framing: Framing = Framing.STOCK,
        *,
        chunk: int | None = None,
        state: Callable[[], StreamedState] | None = None,
        checked: bool = False,
    ) -> None:
        self.kind, self._checked = kind, checked
        self._chunk = min(chunk or framing.max_data, framing.max_data)
        self._state = state or StreamedState
        self._frame_id = 0
        self.tear_next = False
        self.corrupt_next = False

    def packets(self, image: NDArray[np.uint8]) -> list[CpxPacket]:
        """Return the packets of one image, (H, W) or (H, W, 3) uint8, with the faults that are due."""
        torn, self.tear_next = self.tear_next, False
        corrupt, self.corrupt_next = self.corrupt_next, False
        if self.kind is Kind.NANOCOCKPIT:
            return self._posed(_grey(image), torn, corrupt)
        if self.kind is Kind.RAW:
            return self._raw(_grey(image), torn)
        return self._jpeg(image, torn, corrupt)

    def _raw(self, image: NDArray[np.uint8], torn: bool) -> list[CpxPacket]:
        payload = image.tobytes()
        height, width = image.shape
        packets = [_app(ImageHeader(width, height, 1, Format.RAW, len(payload)).encode())]
        return packets + self._pieces(payload[: len(payload) // 2] if torn else payload)

    def _jpeg(self, image: NDArray[np.uint8], torn: bool, corrupt: bool) -> list[CpxPacket]:
        """Return header, the encoder's own header, data, and its footer of two bytes, each on their own."""
        payload = encode_jpeg(image)
        height, width = image.shape[:2]
        packets = [_app(ImageHeader(width, height, 1, Format.JPEG, len(payload)).encode())]
        start = header_length(payload)
        data = payload[start : -len(END)]
        if corrupt:
            payload = bytes(len(payload))
        packets += [_app(payload[i : min(i + self._chunk, start)]) for i in range(0, start, self._chunk)]
        if torn:
            return packets + self._pieces(data[: len(data) // 2])
        return [*packets, *self._pieces(data), _app(END)]

    def _pieces(self, payload: bytes) -> list[CpxPacket]:
        """Cut as the stock sender does: a full last piece is followed by an empty one."""
        return [_app(payload[i : i + self._chunk]) for i in range(0, len(payload) + 1, self._chunk)]

    def _posed(self, image: NDArray[np.uint8], torn: bool, corrupt: bool) -> list[CpxPacket]:
        self._frame_id = (self._frame_id + 1) % 256
        now_us = int(time.monotonic() * 1e6)
        height, width = image.shape
        about = FrameMetadata(width, height, self._frame_id, now_us, now_us, self._state())
        payload = about.encode() + image.tobytes()
        crc = checksum(payload) if self._checked or corrupt else 0
        if corrupt:
            payload = payload[:-1] + bytes([payload[-1] ^ 0xFF])
        packets: list[CpxPacket] = []
        at = 0
        while at < len(payload):
            head = BEGIN_HEAD.pack(BEGIN, IMAGE, len(payload), crc) if at == 0 else DATA_HEAD.pack(DATA)
            piece = payload[at : at + self._chunk - len(head)]
            at += len(piece)
            if at == len(payload):
                piece += bytes(-len(piece) % 4)
            packets.append(CpxPacket(Target.GAP8, Target.HOST, Function.STREAMER, head + piece))
        return packets[: max(1, len(packets) // 2)] if torn else packets


def encode_jpeg(image: NDArray[np.uint8], quality: int = 80) -> bytes:
    """Return a JPEG of an (H, W) grey or (H, W, 3) RGB image."""
    bgr = cv2.cvtColor(image, cv2.COLOR_RGB2BGR) if image.ndim == 3 else image
    _, encoded = cv2.imencode(".jpg", bgr, [cv2.IMWRITE_JPEG_QUALITY, quality])
    return encoded.tobytes()


def nanocockpit_view(image: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Return what the nanocockpit makes of a 324x244 frame: grey, without its border, half as fine."""
    inner = np.ascontiguousarray(_grey(image)[2:-2, 2:-2])
    size = (inner.shape[1] // 2, inner.shape[0] // 2)
    return np.asarray(cv2.resize(inner, size, interpolation=cv2.INTER_AREA), np.uint8)


def _grey(image: NDArray[np.uint8]) -> NDArray[np.uint8]:
    return np.asarray(cv2.cvtColor(image, cv2.COLOR_RGB2GRAY), np.uint8) if image.ndim == 3 else image


def _app(data: bytes) -> CpxPacket:
    return CpxPacket(Target.GAP8, Target.HOST, Function.APP, data)

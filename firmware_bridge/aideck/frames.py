"""From the stock streamer's APP packets to images: header, then bytes to be counted, not packets.

Read in bitcraze/aideck-gap8-examples, examples/other/wifi-img-streamer: a header packet of 11 bytes, then the
image in packets of 1020; an image that fills its last packet is followed by an empty one; a JPEG's header and
footer come in packets of their own.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass
from enum import IntEnum

import cv2
import numpy as np
from numpy.typing import NDArray

from firmware_bridge.aideck.jpeg import jpeg_shape

MAGIC = 0xBC
HEADER = struct.Struct("<BHHBBI")  # magic, width, height, depth, format, size
MAX_PIXELS = 1 << 20


class Format(IntEnum):
    RAW = 0
    JPEG = 1


@dataclass(frozen=True, slots=True)
class ImageHeader:
    """What comes before an image; `size` in bytes."""

    width: int
    height: int
    depth: int
    format: Format
    size: int

    def encode(self) -> bytes:
        return HEADER.pack(MAGIC, self.width, self.height, self.depth, self.format, self.size)

    @staticmethod
    def decode(data: bytes) -> ImageHeader | None:
        """Read a header; None when these bytes are not a plausible one."""
        if len(data) != HEADER.size or data[0] != MAGIC:
            return None
        _, width, height, depth, kind, size = HEADER.unpack(data)
        pixels = width * height
        if not 0 < pixels <= MAX_PIXELS or depth not in (1, 3) or kind not in (0, 1) or size == 0:
            return None
        if kind == Format.RAW and size != pixels * depth:
            return None
        if size > 3 * pixels + 4096:  # no JPEG is larger than its pixels and some tables
            return None
        return ImageHeader(width, height, depth, Format(kind), size)


@dataclass(slots=True)
class FrameFaults:
    """Counts of what went wrong.

    torn      images that lack bytes or have too many
    orphaned  packets that belong to no image, as after a new connection in the midst of one
    corrupt   whole images with a wrong checksum, or that cannot be decoded
    missed    images the camera took and that never came (nanocockpit, whose frames are numbered)
    """

    torn: int = 0
    orphaned: int = 0
    corrupt: int = 0
    missed: int = 0


class FrameAssembler:
    """Collects one image at a time from the data of APP packets."""

    def __init__(self, faults: FrameFaults | None = None) -> None:
        self.faults = faults if faults is not None else FrameFaults()
        self._header: ImageHeader | None = None
        self._bytes = bytearray()

    def feed(self, data: bytes) -> NDArray[np.uint8] | None:
        """Take one packet's data; return the image it completes, (H, W) grey or (H, W, 3) RGB.

        A header where the image still lacks bytes means the sender gave up on that image. Empty packets,
        which the stock sender may add at the end, count for nothing.
        """
        if not data:
            return None
        header = ImageHeader.decode(data)
        missing = self._header.size - len(self._bytes) if self._header is not None else 0
        if header is not None and missing != len(data):
            if self._header is not None:
                self.faults.torn += 1
            self._header = header
            self._bytes.clear()
            return None
        if self._header is None:
            self.faults.orphaned += 1
            return None
        self._bytes += data
        if len(data) < missing:
            return None
        return self._finish(len(data) == missing)

    def _finish(self, exact: bool) -> NDArray[np.uint8] | None:
        header, payload = self._header, bytes(self._bytes)
        self._header = None
        self._bytes.clear()
        if header is None or not exact:
            self.faults.torn += 1
            return None
        image = decode_image(header, payload)
        if image is None:
            self.faults.corrupt += 1
        return image


def decode_image(header: ImageHeader, payload: bytes) -> NDArray[np.uint8] | None:
    """Return the pixels, or None when they cannot be decoded or have another size than promised."""
    if header.format is Format.RAW:
        raw = np.frombuffer(payload, np.uint8)
        shape = (header.height, header.width) + ((header.depth,) if header.depth == 3 else ())
        return raw.reshape(shape) if raw.size == int(np.prod(shape)) else None
    if b"\xff\xd9" not in payload[-16:]:
        return None  # libjpeg would fill the missing half with grey
    if jpeg_shape(payload) != (header.height, header.width):
        return None  # asked first: libjpeg would take memory for whatever size these bytes name
    decoded = cv2.imdecode(np.frombuffer(payload, np.uint8), cv2.IMREAD_UNCHANGED)
    if decoded is None or decoded.shape[:2] != (header.height, header.width):
        return None
    if decoded.ndim == 3:
        if decoded.shape[2] != 3:
            return None
        decoded = cv2.cvtColor(decoded, cv2.COLOR_BGR2RGB)
    return np.asarray(decoded, np.uint8)

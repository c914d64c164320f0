"""The nanocockpit streamer: buffers cut into STREAMER packets, each image with the drone's state in front.

Read in bitcraze/aideck-gap8-examples, examples/other/nanocockpit (sender `lib/streamer.c`, its client), and,
for what the STM32 really sends, in bitcraze/crazyflie-firmware, examples/app_state_stream_aideck:
the checksum is 0 unless switched on, the last packet is padded to four bytes, and of the state only the
position is set by the published app; its quaternion is 0 and the rest is whatever was in memory.
"""

from __future__ import annotations

import math
import struct
import zlib
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from firmware_bridge.aideck.frames import MAX_PIXELS, FrameFaults

BEGIN, DATA = 0x10, 0x11
IMAGE = 0x01
BEGIN_HEAD = struct.Struct("<BBII2x")  # command, type, size, CRC-32
DATA_HEAD = struct.Struct("<B3x")
METADATA_VERSION = 10
METADATA = struct.Struct("<BHHBBBII I9hI3h I B3x64s II I4f")
METADATA_BYTES = METADATA.size
PADDING = 3
"""At most this many bytes fill the last packet up."""

_COMPONENT = 511  # largest magnitude of a quaternion's component on the wire: 9 bits


@dataclass(frozen=True, slots=True)
class StreamedState:
    """The estimate of the STM32 that came with a frame.

    position   (x, y, z) [m]
    velocity   (vx, vy, vz) [m/s], acceleration [m/s^2], rates (roll, pitch, yaw) [rad/s]: only from an app
               that sets them
    attitude   quaternion (x, y, z, w), None when the app sends none
    stamp      the STM32's own clock: microseconds of the published app, ticks in the sender's comment
    """

    position: tuple[float, float, float] = (0.0, 0.0, 0.0)
    velocity: tuple[float, float, float] = (0.0, 0.0, 0.0)
    acceleration: tuple[float, float, float] = (0.0, 0.0, 0.0)
    attitude: tuple[float, float, float, float] | None = None
    rates: tuple[float, float, float] = (0.0, 0.0, 0.0)
    stamp: int = 0


@dataclass(frozen=True, slots=True)
class FrameMetadata:
    """What a nanocockpit frame says about itself.

    frame_id       the camera's own counter, modulo 256
    frame_us       end of exposure and readout on the GAP8's clock [us, modulo 2^32]
    state_us       when the state arrived there, on that clock; 0 with no state yet
    round_trip_us  (frame, reply) stamps of the last frame the host answered; (0, 0) without answers
    ranges         the time-of-flight matrix, (n, n) uint8, None without one
    inference      (x, y, z, phi) of a network on board
    """

    width: int
    height: int
    frame_id: int
    frame_us: int
    state_us: int
    state: StreamedState = field(default_factory=StreamedState)
    ranges: NDArray[np.uint8] | None = None
    round_trip_us: tuple[int, int] = (0, 0)
    inference: tuple[float, float, float, float] = (0.0, 0.0, 0.0, 0.0)

    def encode(self) -> bytes:
        """Return the metadata as the deck packs it, for one byte a pixel."""
        s = self.state
        side = 0 if self.ranges is None else self.ranges.shape[0]
        cells = b"" if self.ranges is None else self.ranges.tobytes()
        quat = 0 if s.attitude is None else compress_quaternion(s.attitude)
        return METADATA.pack(
            METADATA_VERSION, self.width, self.height, 1, 0, self.frame_id & 0xFF, self.frame_us & 0xFFFFFFFF,
            self.state_us & 0xFFFFFFFF, s.stamp & 0xFFFFFFFF, *_milli(s.position), *_milli(s.velocity),
            *_milli(s.acceleration), quat, *_milli(s.rates), 0, side * side, cells, *self.round_trip_us,
            0, *self.inference,
        )  # fmt: skip

    @staticmethod
    def decode(data: bytes) -> FrameMetadata | None:
        """Read metadata; None for another version, or a format that is not 8 bit grey of a plausible size."""
        if len(data) < METADATA_BYTES or data[0] != METADATA_VERSION:
            return None
        (
            _, width, height, depth, kind, frame_id, frame_us, state_us, stamp, *numbers, quat, p, q, r,
            _, cells, matrix, asked, answered, _, x, y, z, phi,
        ) = METADATA.unpack_from(data)  # fmt: skip
        if not 0 < width * height <= MAX_PIXELS or depth != 1 or kind != 0:
            return None
        thousandth = [n / 1000 for n in numbers]
        state = StreamedState(
            _three(thousandth[0:3]), _three(thousandth[3:6]), _three(thousandth[6:9]),
            decompress_quaternion(quat) if quat else None, (p / 1000, q / 1000, r / 1000), stamp,
        )  # fmt: skip
        side = math.isqrt(min(cells, 64))
        ranges = np.frombuffer(matrix, np.uint8)[: side * side].reshape(side, side) if side else None
        return FrameMetadata(
            width, height, frame_id, frame_us, state_us, state, ranges, (asked, answered), (x, y, z, phi)
        )


class StreamerAssembler:
    """Collects one buffer at a time from the data of STREAMER packets."""

    def __init__(self, faults: FrameFaults | None = None) -> None:
        self.faults = faults if faults is not None else FrameFaults()
        self._missing = 0
        self._checksum = 0
        self._bytes = bytearray()
        self._last_id: int | None = None

    def feed(self, data: bytes) -> tuple[NDArray[np.uint8], FrameMetadata] | None:
        """Take one packet's data; return the grey image (H, W) it completes and its metadata."""
        if len(data) >= BEGIN_HEAD.size and data[0] == BEGIN:
            if self._missing:
                self.faults.torn += 1
            _, kind, size, self._checksum = BEGIN_HEAD.unpack_from(data)
            self._bytes.clear()
            self._missing = (
                size if kind == IMAGE and METADATA_BYTES < size <= METADATA_BYTES + MAX_PIXELS else 0
            )
            if not self._missing:
                self.faults.orphaned += 1
                return None
            return self._take(data[BEGIN_HEAD.size :])
        if len(data) >= DATA_HEAD.size and data[0] == DATA and self._missing:
            return self._take(data[DATA_HEAD.size :])
        self.faults.orphaned += 1
        return None

    def _take(self, piece: bytes) -> tuple[NDArray[np.uint8], FrameMetadata] | None:
        if len(piece) > self._missing + PADDING:
            self._missing = 0
            self._bytes.clear()
            self.faults.torn += 1
            return None
        self._bytes += piece[: self._missing]
        self._missing -= min(len(piece), self._missing)
        if self._missing:
            return None
        payload = bytes(self._bytes)
        self._bytes.clear()
        if self._checksum and self._checksum != checksum(payload):
            self.faults.corrupt += 1
            return None
        return self._finish(payload)

    def _finish(self, payload: bytes) -> tuple[NDArray[np.uint8], FrameMetadata] | None:
        about = FrameMetadata.decode(payload)
        if about is None or len(payload) != METADATA_BYTES + about.width * about.height:
            self.faults.corrupt += 1
            return None
        if self._last_id is not None:
            self.faults.missed += (about.frame_id - self._last_id - 1) % 256
        self._last_id = about.frame_id
        pixels = np.frombuffer(payload, np.uint8, offset=METADATA_BYTES)
        return pixels.reshape(about.height, about.width), about


def checksum(payload: bytes) -> int:
    """Return the CRC-32 as sent: never 0, which stands for none."""
    return zlib.crc32(payload) or 0xFFFFFFFF


def compress_quaternion(xyzw: tuple[float, float, float, float]) -> int:
    """Return 32 bits: which component is largest, then sign and 9 bits of each other one over sqrt(1/2)."""
    norm = math.sqrt(sum(c * c for c in xyzw))
    unit = [c / norm for c in xyzw]
    largest = max(range(4), key=lambda i: abs(unit[i]))
    flip = unit[largest] < 0
    code = largest
    for i, c in enumerate(unit):
        if i != largest:
            magnitude = min(_COMPONENT, int(_COMPONENT * abs(c) * math.sqrt(2) + 0.5))
            code = code << 10 | int((c < 0) ^ flip) << 9 | magnitude
    return code


def decompress_quaternion(code: int) -> tuple[float, float, float, float]:
    """Undo `compress_quaternion`; any 32 bits give a unit quaternion (x, y, z, w)."""
    largest = code >> 30 & 3
    values = [0.0] * 4
    for i in (3, 2, 1, 0):
        if i != largest:
            values[i] = (code & _COMPONENT) / _COMPONENT / math.sqrt(2) * (-1 if code & 0x200 else 1)
            code >>= 10
    rest = sum(v * v for v in values)
    values[largest] = math.sqrt(max(0.0, 1.0 - rest))
    norm = math.sqrt(rest + values[largest] ** 2)
    return values[0] / norm, values[1] / norm, values[2] / norm, values[3] / norm


def _milli(values: tuple[float, float, float]) -> list[int]:
    """Return thousandths, held within 16 bits."""
    return [max(-32768, min(32767, round(1000 * v))) for v in values]


def _three(values: list[float]) -> tuple[float, float, float]:
    return values[0], values[1], values[2]

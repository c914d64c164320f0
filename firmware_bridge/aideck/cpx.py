"""CPX packets on TCP: length, routing, function, data. Little-endian.

Two firmwares of the AI-deck's ESP32 cut the stream in two ways: see `Framing`.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass
from enum import Enum, IntEnum

HEAD_BYTES = 4
"""Length (2), routing (1) and function (1) before the data."""


class Framing(Enum):
    """What the length field counts besides the data [bytes], and how much data fits.

    STOCK        bitcraze/aideck-esp-firmware, and cflib's `tcp://`: routing and function count too; an MTU
                 of 1022 leaves 1020 of data
    NANOCOCKPIT  the ESP32 firmware of the nanocockpit streamer: the data alone; 4092 on the wire at most
    """

    STOCK = (2, 1020)
    NANOCOCKPIT = (0, 4088)

    @property
    def counted(self) -> int:
        return self.value[0]

    @property
    def max_data(self) -> int:
        return self.value[1]


MAX_DATA = Framing.STOCK.max_data
MTU = MAX_DATA + Framing.STOCK.counted
"""Largest value of the stock length field."""

_LENGTH = struct.Struct("<H")
_KNOWN_FUNCTIONS = frozenset((1, 2, 3, 4, 5, 6, 0x0E, 0x0F))


class Target(IntEnum):
    STM32 = 1
    ESP32 = 2
    HOST = 3
    GAP8 = 4


class Function(IntEnum):
    SYSTEM = 1
    CONSOLE = 2
    CRTP = 3
    WIFI_CTRL = 4
    APP = 5
    STREAMER = 6


class CpxError(Exception):
    """The byte stream is not CPX: only a new connection helps, as packets have no marks to find again."""


@dataclass(frozen=True, slots=True)
class CpxPacket:
    """One packet; `last` marks the end of a message."""

    source: int
    destination: int
    function: int
    data: bytes
    last: bool = True

    def encode(self, framing: Framing = Framing.STOCK) -> bytes:
        if len(self.data) > framing.max_data:
            raise ValueError(f"CPX data of {len(self.data)} bytes; {framing.max_data} fit")
        routing = self.destination & 7 | (self.source & 7) << 3 | int(self.last) << 6
        head = _LENGTH.pack(len(self.data) + framing.counted) + bytes([routing, self.function & 0x3F])
        return head + self.data


class CpxParser:
    """Cuts a byte stream into packets. Holds at most one unfinished packet, whatever comes.

    Without a framing it finds out which one the stream has, from where the second packet starts.
    """

    def __init__(self, framing: Framing | None = Framing.STOCK) -> None:
        self.framing = framing
        self._buffer = bytearray()

    def feed(self, chunk: bytes) -> list[CpxPacket]:
        """Return the packets that `chunk` completes. Raises `CpxError` on what cannot be a packet."""
        self._buffer += chunk
        framing = self.framing or framing_of(self._buffer)
        if framing is None:
            return []
        self.framing = framing
        packets: list[CpxPacket] = []
        start = 0
        while len(self._buffer) - start >= HEAD_BYTES:
            end = start + HEAD_BYTES + self._data_length(start, framing)
            if len(self._buffer) < end:
                break
            routing, function = self._buffer[start + 2], self._buffer[start + 3]
            data = bytes(self._buffer[start + HEAD_BYTES : end])
            packets.append(
                CpxPacket(routing >> 3 & 7, routing & 7, function & 0x3F, data, bool(routing & 0x40))
            )
            start = end
        del self._buffer[:start]
        return packets

    def _data_length(self, start: int, framing: Framing) -> int:
        """Return the bytes of data of the packet at `start`. Raises `CpxError` when there is none."""
        (length,) = _LENGTH.unpack_from(self._buffer, start)
        data = length - framing.counted
        if not 0 <= data <= framing.max_data:
            raise CpxError(f"a packet of {length} bytes")
        routing, function = self._buffer[start + 2], self._buffer[start + 3]
        if function >> 6:
            raise CpxError(f"CPX version {function >> 6}")
        if not _is_routing(routing):
            raise CpxError(f"a packet routed 0x{routing:02x}")
        return int(data)


def framing_of(stream: bytes | bytearray) -> Framing | None:
    """Return the framing in which `stream` starts with a packet that another one follows.

    None: too few bytes to tell. Raises `CpxError` when neither framing fits.
    """
    if len(stream) < HEAD_BYTES:
        return None
    fits: list[Framing] = []
    for framing in Framing:
        following = _next_start(stream, 0, framing)
        if following is None:
            continue
        if len(stream) < following + HEAD_BYTES:
            fits.append(framing)  # perhaps: the next one is not here yet
        elif _next_start(stream, following, framing) is not None:
            return framing
    if not fits:
        raise CpxError("neither a stock nor a nanocockpit stream")
    # Only the nanocockpit sends packets that the stock length field cannot tell.
    return Framing.NANOCOCKPIT if fits == [Framing.NANOCOCKPIT] else None


def _next_start(stream: bytes | bytearray, start: int, framing: Framing) -> int | None:
    """Return where the packet at `start` ends, None when these four bytes begin none."""
    length, routing, function = struct.unpack_from("<HBB", stream, start)
    data = length - framing.counted
    if 0 <= data <= framing.max_data and _is_routing(routing) and function in _KNOWN_FUNCTIONS:
        return start + HEAD_BYTES + int(data)
    return None


def _is_routing(routing: int) -> bool:
    """True when source and destination exist; cflib asks for no more."""
    return 1 <= routing & 7 <= 4 and 1 <= routing >> 3 & 7 <= 4

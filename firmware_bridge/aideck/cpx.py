"""CPX packets on TCP: length, routing, function, data. Little-endian."""

from __future__ import annotations

import struct
from dataclasses import dataclass
from enum import IntEnum

MTU = 1022
"""Largest value of the length field: two bytes of routing and function, and 1020 of data."""

MAX_DATA = MTU - 2
_LENGTH = struct.Struct("<H")


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

    def encode(self) -> bytes:
        if len(self.data) > MAX_DATA:
            raise ValueError(f"CPX data of {len(self.data)} bytes; {MAX_DATA} fit")
        routing = self.destination & 7 | (self.source & 7) << 3 | int(self.last) << 6
        return _LENGTH.pack(len(self.data) + 2) + bytes([routing, self.function & 0x3F]) + self.data


class CpxParser:
    """Cuts a byte stream into packets."""

    def __init__(self) -> None:
        self._buffer = bytearray()

    def feed(self, chunk: bytes) -> list[CpxPacket]:
        """Return the packets that `chunk` completes. Raises `CpxError` on an impossible length or version."""
        self._buffer += chunk
        packets: list[CpxPacket] = []
        start = 0
        while len(self._buffer) - start >= _LENGTH.size:
            (length,) = _LENGTH.unpack_from(self._buffer, start)
            if not 2 <= length <= MTU:
                raise CpxError(f"a packet of {length} bytes")
            end = start + _LENGTH.size + length
            if len(self._buffer) < end:
                break
            routing, function = self._buffer[start + 2], self._buffer[start + 3]
            if function >> 6:
                raise CpxError(f"CPX version {function >> 6}")
            data = bytes(self._buffer[start + 4 : end])
            packets.append(
                CpxPacket(routing >> 3 & 7, routing & 7, function & 0x3F, data, bool(routing & 0x40))
            )
            start = end
        del self._buffer[:start]
        return packets

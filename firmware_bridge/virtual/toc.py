"""A table of contents: numbered entries of group and name, and the checksum hosts cache it under."""

from __future__ import annotations

import struct
import zlib
from collections.abc import Sequence
from typing import Protocol

GET_ITEM, GET_INFO = 2, 3  # version 2 of the protocol, up to 16k entries
_MAX_NAME = 24


class Entry(Protocol):
    @property
    def name(self) -> str:
        """`group.name`."""
        ...

    @property
    def type_byte(self) -> int: ...


def answer(entries: Sequence[Entry], data: bytes, *, trailer: bytes = b"") -> bytes | None:
    """Return the reply to a packet on a table's channel 0, or None where the firmware is silent."""
    if data[:1] == bytes([GET_INFO]):
        return struct.pack("<BHI", GET_INFO, len(entries), checksum(entries)) + trailer
    if data[:1] == bytes([GET_ITEM]) and len(data) >= 3:
        (ident,) = struct.unpack_from("<H", data, 1)
        if ident < len(entries):
            return struct.pack("<BH", GET_ITEM, ident) + _element(entries[ident])
        return bytes([GET_ITEM])
    return None


def checksum(entries: Sequence[Entry]) -> int:
    """CRC-32 of all elements in order."""
    return zlib.crc32(b"".join(_element(e) for e in entries))


def _element(entry: Entry) -> bytes:
    group, name = entry.name.split(".")
    if len(group) + len(name) > _MAX_NAME:
        raise ValueError(f"{entry.name} does not fit a table's packet")
    return bytes([entry.type_byte]) + f"{group}\0{name}\0".encode("ascii")

"""Port 4, memories: how many and which (0), read (1), write (2)."""

from __future__ import annotations

import struct

from firmware_bridge.virtual.crtp import Packet, Port
from firmware_bridge.virtual.firmware import Firmware

_INFO, _READ, _WRITE = 0, 1, 2
_COUNT, _DETAILS = 1, 2
_ADDRESS = struct.Struct("<BI")  # memory id, address
_NO_SERIAL = bytes(8)


def handle(firmware: Firmware, packet: Packet) -> list[Packet]:
    """Answer. A memory that does not exist reboots: the firmware asserts its id."""
    try:
        reply = _answer(firmware, packet.channel, packet.data)
    except IndexError:
        firmware.fail_assert(f"memory id {packet.data[: 2 - bool(packet.channel)].hex()}")
        return []
    return [Packet(Port.MEMORY, packet.channel, reply)] if reply is not None else []


def _answer(firmware: Firmware, channel: int, data: bytes) -> bytes | None:
    memories = firmware.memories
    if channel == _INFO and data[:1] == bytes([_COUNT]):
        return bytes([_COUNT, len(memories)])
    if channel == _INFO and data[:1] == bytes([_DETAILS]) and len(data) >= 2:
        memory = memories[data[1]]
        return bytes([_DETAILS, data[1]]) + struct.pack("<BI", memory.kind, memory.size) + _NO_SERIAL
    if channel not in (_READ, _WRITE) or len(data) < _ADDRESS.size:
        return None
    ident, address = _ADDRESS.unpack_from(data)
    head, rest = data[: _ADDRESS.size], data[_ADDRESS.size :]
    if channel == _WRITE:
        return head + bytes([memories.write(ident, address, rest)])
    status, found = memories.read(ident, address, rest[0] if rest else 0)
    return head + bytes([status]) + found

"""Port 4, memories: there are none."""

from __future__ import annotations

import errno

from firmware_bridge.virtual.crtp import Packet, Port
from firmware_bridge.virtual.firmware import Firmware

_INFO, _READ, _WRITE = 0, 1, 2


def handle(firmware: Firmware, packet: Packet) -> list[Packet]:
    if packet.channel == _INFO and packet.data[:1] == b"\x01":
        return [Packet(Port.MEMORY, _INFO, b"\x01\x00")]
    if packet.channel == _INFO and packet.data[:1] == b"\x02":
        return [Packet(Port.MEMORY, _INFO, packet.data[:2])]
    if packet.channel in (_READ, _WRITE) and len(packet.data) >= 5:
        return [Packet(Port.MEMORY, packet.channel, packet.data[:5] + bytes([errno.ENOENT]))]
    return []

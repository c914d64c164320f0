"""Port 15, link control: echo (0), source (1), sink (2); the null packet."""

from __future__ import annotations

from firmware_bridge.virtual.crtp import MAX_DATA, Packet, Port
from firmware_bridge.virtual.firmware import Firmware

ECHO, SOURCE = 0, 1
_GREETING = b"Bitcraze Crazyflie\0".ljust(MAX_DATA, b"\0")


def handle(firmware: Firmware, packet: Packet) -> list[Packet]:
    if packet.is_null:
        return [packet]
    if packet.channel == ECHO:
        return [packet]
    if packet.channel == SOURCE:
        return [Packet(Port.LINK, SOURCE, _GREETING)]
    return []

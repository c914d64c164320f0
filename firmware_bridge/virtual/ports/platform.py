"""Port 13, platform: legacy arming and recovery (0), versions (1)."""

from __future__ import annotations

from firmware_bridge.virtual.crtp import Packet, Port
from firmware_bridge.virtual.firmware import Firmware

PROTOCOL_VERSION = 12
_COMMAND, _VERSION = 0, 1
_ARM, _RECOVER = 1, 2
_FIRMWARE_TAG = b"2026.08\0"
_DEVICE = b"0;CF21;R=G\0"


def handle(firmware: Firmware, packet: Packet) -> list[Packet]:
    data = packet.data
    if not data:
        return []
    if packet.channel == _VERSION:
        replies = {0: bytes([0, PROTOCOL_VERSION, 0, 0, 0]), 1: b"\x01" + _FIRMWARE_TAG, 2: b"\x02" + _DEVICE}
        reply = replies.get(data[0])
        return [Packet(Port.PLATFORM, _VERSION, reply)] if reply is not None else []
    if packet.channel == _COMMAND and data[0] == _ARM and len(data) >= 2:
        accepted = firmware.supervisor.arm(bool(data[1]))
        return [Packet(Port.PLATFORM, _COMMAND, bytes([_ARM, accepted, firmware.supervisor.armed]))]
    if packet.channel == _COMMAND and data[0] == _RECOVER:
        recovered = firmware.supervisor.recover()
        reply = bytes([_RECOVER, recovered, not firmware.supervisor.crashed])
        return [Packet(Port.PLATFORM, _COMMAND, reply)]
    return []

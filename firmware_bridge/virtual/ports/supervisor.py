"""Port 9, supervisor: state bits (0), arming, recovery, emergency stop (1)."""

from __future__ import annotations

import struct

from firmware_bridge.virtual.crtp import Packet, Port
from firmware_bridge.virtual.firmware import Firmware

_INFO, _COMMAND = 0, 1
_GET_BITS = 0x0C
_ARM, _RECOVER, _EMERGENCY_STOP, _WATCHDOG = 1, 2, 3, 4
_REPLY = 0x80


def handle(firmware: Firmware, packet: Packet) -> list[Packet]:
    if not packet.data:
        return []
    reply = _info(firmware, packet.data[0]) if packet.channel == _INFO else None
    if packet.channel == _COMMAND:
        reply = _command(firmware, packet.data)
    if reply is None:
        return []
    return [Packet(Port.SUPERVISOR, packet.channel, bytes([packet.data[0] | _REPLY]) + reply)]


def _info(firmware: Firmware, asked: int) -> bytes | None:
    """Answer all bits at once, or one of the first eleven, which are asked for by their number plus one."""
    bits = firmware.info()
    if asked == _GET_BITS:
        return struct.pack("<H", bits)
    return bytes([bits >> (asked - 1) & 1]) if 1 <= asked < _GET_BITS else None


def _command(firmware: Firmware, data: bytes) -> bytes | None:
    supervisor = firmware.supervisor
    if data[0] == _ARM and len(data) >= 2:
        accepted = firmware.started and supervisor.arm(bool(data[1]))
        return bytes([accepted, supervisor.armed])
    if data[0] == _RECOVER:
        return bytes([supervisor.recover(), not supervisor.crashed])
    if data[0] == _EMERGENCY_STOP:
        supervisor.emergency_stop()
    elif data[0] == _WATCHDOG:
        supervisor.feed_watchdog()
    return None

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
    data = packet.data
    if not data:
        return []
    if packet.channel == _INFO and data[0] == _GET_BITS:
        bits = struct.pack("<H", firmware.info())
        return [Packet(Port.SUPERVISOR, _INFO, bytes([_GET_BITS | _REPLY]) + bits)]
    return _command(firmware, data) if packet.channel == _COMMAND else []


def _command(firmware: Firmware, data: bytes) -> list[Packet]:
    supervisor = firmware.supervisor
    if data[0] == _ARM and len(data) >= 2:
        accepted = supervisor.arm(bool(data[1]))
        return [Packet(Port.SUPERVISOR, _COMMAND, bytes([_ARM | _REPLY, accepted, supervisor.armed]))]
    if data[0] == _RECOVER:
        recovered = supervisor.recover()
        reply = bytes([_RECOVER | _REPLY, recovered, not supervisor.crashed])
        return [Packet(Port.SUPERVISOR, _COMMAND, reply)]
    if data[0] == _EMERGENCY_STOP:
        supervisor.emergency_stop()
    elif data[0] == _WATCHDOG:
        supervisor.feed_watchdog()
    return []

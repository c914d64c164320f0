"""Port 6, localization: legacy emergency stop and its watchdog; poses are taken and not needed."""

from __future__ import annotations

from firmware_bridge.virtual.crtp import Packet
from firmware_bridge.virtual.firmware import Firmware

_GENERIC = 1
_EMERGENCY_STOP, _WATCHDOG = 3, 4


def handle(firmware: Firmware, packet: Packet) -> list[Packet]:
    if packet.channel == _GENERIC and packet.data:
        if packet.data[0] == _EMERGENCY_STOP:
            firmware.supervisor.emergency_stop()
        elif packet.data[0] == _WATCHDOG:
            firmware.supervisor.feed_watchdog()
    return []

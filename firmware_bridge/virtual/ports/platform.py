"""Port 13, platform: legacy arming and recovery (0), versions (1), the app's channel (2)."""

from __future__ import annotations

from firmware_bridge.virtual.crtp import Packet, Port
from firmware_bridge.virtual.firmware import Firmware

PROTOCOL_VERSION = 12
_COMMAND, _VERSION = 0, 1
_ARM, _RECOVER, _NOTIFY_USER = 1, 2, 3
_VERSIONS = {
    0: bytes([PROTOCOL_VERSION, 0, 0, 0]),
    1: b"2026.08\0",
    2: b"Crazyflie 2.1\0",
}


def handle(firmware: Firmware, packet: Packet) -> list[Packet]:
    """Answer; there is no app on board, so its channel is silent."""
    data = packet.data
    if not data:
        return []
    if packet.channel == _VERSION and data[0] in _VERSIONS:
        return [Packet(Port.PLATFORM, _VERSION, data[:1] + _VERSIONS[data[0]])]
    if packet.channel == _COMMAND:
        return [Packet(Port.PLATFORM, _COMMAND, _command(firmware, data))]
    return []


def _command(firmware: Firmware, data: bytes) -> bytes:
    """Carry out a command of the time before the supervisor's port; what is unknown is sent back."""
    supervisor = firmware.supervisor
    if data[0] == _ARM:
        firmware.console("PLAT: WARNING: arming via platform port is deprecated, use supervisor port\n")
        accepted = len(data) >= 2 and firmware.started and supervisor.arm(bool(data[1]))
        return bytes([_ARM, accepted, supervisor.armed])
    if data[0] == _RECOVER:
        firmware.console("PLAT: WARNING: recovery via platform port is deprecated, use supervisor port\n")
        return bytes([_RECOVER, supervisor.recover(), not supervisor.crashed])
    return b"" if data[0] == _NOTIFY_USER else data

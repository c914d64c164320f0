"""Port 7: setpoints (0) and notify_setpoints_stop (1)."""

from __future__ import annotations

from firmware_bridge.virtual.commander_types import WrongLengthError, decode_generic, is_finite
from firmware_bridge.virtual.crtp import Packet
from firmware_bridge.virtual.firmware import Firmware
from firmware_bridge.virtual.setpoint import Priority

_SETPOINT, _META = 0, 1
_NOTIFY_STOP = 0


def handle(firmware: Firmware, packet: Packet) -> list[Packet]:
    """Take a setpoint. A wrong length reboots: the firmware asserts the size of what it copies."""
    if not packet.data:
        return []
    if packet.channel == _META and packet.data[0] == _NOTIFY_STOP:
        firmware.commander.relax()
    elif packet.channel == _SETPOINT:
        try:
            setpoint = decode_generic(packet.data[0], packet.data[1:])
        except WrongLengthError as error:
            firmware.reboot(f"assert failed, {error}")
            return []
        if setpoint is not None and is_finite(setpoint):
            firmware.commander.offer(setpoint, Priority.CRTP)
    return []

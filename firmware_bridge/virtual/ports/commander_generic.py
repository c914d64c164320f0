"""Port 7: setpoints (0) and notify_setpoints_stop (1)."""

from __future__ import annotations

from firmware_bridge.virtual.commander_types import WrongLengthError, decode_generic
from firmware_bridge.virtual.crtp import Packet
from firmware_bridge.virtual.firmware import Firmware
from firmware_bridge.virtual.setpoint import Priority

_SETPOINT, _META = 0, 1
_NOTIFY_STOP, _NOTIFY_STOP_BYTES = 0, 4


def handle(firmware: Firmware, packet: Packet) -> list[Packet]:
    """Take a setpoint. A wrong length reboots: the firmware asserts the size of what it copies."""
    data = packet.data
    if packet.channel == _META and data[:1] == bytes([_NOTIFY_STOP]):
        if len(data) - 1 != _NOTIFY_STOP_BYTES:
            firmware.fail_assert(f"notify_setpoints_stop with {len(data) - 1} bytes")
        else:
            firmware.commander.relax()
    elif packet.channel == _SETPOINT:
        try:
            if not data:
                raise WrongLengthError("a setpoint without a type")
            setpoint = decode_generic(data[0], data[1:])
        except WrongLengthError as error:
            firmware.fail_assert(str(error))
        else:
            firmware.commander.offer(setpoint, Priority.CRTP)
    return []

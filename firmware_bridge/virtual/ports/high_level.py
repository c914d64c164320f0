"""Port 8, high-level commander: take-off, land, stop, go-to. Yaw is in radians here."""

from __future__ import annotations

import errno
import math
import struct

from firmware_bridge.virtual.crtp import Packet, Port
from firmware_bridge.virtual.firmware import Firmware

_GROUP_MASK, _STOP, _TAKE_OFF_2, _LAND_2, _GO_TO_2 = 0, 3, 7, 8, 12
_VERTICAL = struct.Struct("<Bff?f")  # group, height, yaw, use current yaw, duration
_GO_TO = struct.Struct("<B??fffff")  # group, relative, linear, x, y, z, yaw, duration


def handle(firmware: Firmware, packet: Packet) -> list[Packet]:
    """Carry out a command; the reply is the first three bytes and the errno."""
    if packet.channel != 0 or not packet.data:
        return []
    status = _run(firmware, packet.data[0], packet.data[1:])
    return [Packet(Port.HIGH_LEVEL, 0, packet.data[:3].ljust(3, b"\0") + bytes([status]))]


def _run(firmware: Firmware, command: int, body: bytes) -> int:
    if command == _GROUP_MASK:
        return 0
    if command == _STOP:
        firmware.high_level.stop()
        return 0
    if command in (_TAKE_OFF_2, _LAND_2) and len(body) == _VERTICAL.size:
        _, height, yaw, keep_yaw, duration = _VERTICAL.unpack(body)
        if not all(math.isfinite(v) for v in (height, yaw, duration)):
            return errno.EINVAL
        plan = firmware.high_level.take_off if command == _TAKE_OFF_2 else firmware.high_level.land
        if command == _TAKE_OFF_2 and not firmware.supervisor.can_fly:
            return errno.EACCES
        return 0 if plan(firmware.state, height, None if keep_yaw else yaw, duration) else errno.EBUSY
    if command == _GO_TO_2 and len(body) == _GO_TO.size:
        _, relative, linear, x, y, z, yaw, duration = _GO_TO.unpack(body)
        if not all(math.isfinite(v) for v in (x, y, z, yaw, duration)):
            return errno.EINVAL
        firmware.high_level.go_to(firmware.state, (x, y, z), yaw, duration, relative=relative, linear=linear)
        return 0
    return errno.ENOEXEC

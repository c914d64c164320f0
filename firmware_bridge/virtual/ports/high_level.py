"""Port 8, high-level commander. Yaw is in radians here."""

from __future__ import annotations

import errno
import struct
from collections.abc import Callable

from firmware_bridge.virtual.crtp import Packet, Port
from firmware_bridge.virtual.firmware import Firmware
from firmware_bridge.virtual.high_level import Definition, HighLevelCommander

Command = Callable[..., int]
_IN_MEMORY, _COMPRESSED = 1, 1


def handle(firmware: Firmware, packet: Packet) -> list[Packet]:
    """Carry out a command; the reply is the first three bytes and the errno. Channels do not matter here."""
    if not packet.data:
        return []
    status = _run(firmware.high_level, packet.data[0], packet.data[1:])
    head = packet.data[:3].ljust(3, b"\0")
    return [Packet(Port.HIGH_LEVEL, packet.channel, head + bytes([status & 0xFF]))]


def _run(planner: HighLevelCommander, command: int, body: bytes) -> int:
    entry = _COMMANDS.get(command)
    if entry is None or len(body) < entry[0].size:
        return errno.ENOEXEC
    layout, run = entry
    values = layout.unpack_from(body)
    if command not in _FOR_NO_GROUP and not planner.in_group(values[0]):
        return errno.EBUSY if planner.blocked else 0
    return run(planner, *values)


def _set_mask(planner: HighLevelCommander, mask: int) -> int:
    planner.group_mask = mask
    return 0


def _take_off(planner: HighLevelCommander, _: int, height: float, duration: float) -> int:
    return planner.take_off(height, 0.0, duration)


def _land(planner: HighLevelCommander, _: int, height: float, duration: float) -> int:
    return planner.land(height, 0.0, duration)


def _take_off_2(
    planner: HighLevelCommander, _: int, height: float, yaw: float, keep_yaw: bool, duration: float
) -> int:
    return planner.take_off(height, None if keep_yaw else yaw, duration)


def _land_2(
    planner: HighLevelCommander, _: int, height: float, yaw: float, keep_yaw: bool, duration: float
) -> int:
    return planner.land(height, None if keep_yaw else yaw, duration)


def _take_off_at_velocity(
    planner: HighLevelCommander,
    _: int,
    height: float,
    relative: bool,
    yaw: float,
    keep_yaw: bool,
    speed: float,
) -> int:
    height, duration = planner.at_velocity(height, speed, relative=relative, landing=False)
    return planner.take_off(height, None if keep_yaw else yaw, duration)


def _land_at_velocity(
    planner: HighLevelCommander,
    _: int,
    height: float,
    relative: bool,
    yaw: float,
    keep_yaw: bool,
    speed: float,
) -> int:
    height, duration = planner.at_velocity(height, speed, relative=relative, landing=True)
    return planner.land(height, None if keep_yaw else yaw, duration)


def _stop(planner: HighLevelCommander, _: int) -> int:
    return planner.stop()


def _go_to(
    planner: HighLevelCommander,
    _: int,
    relative: int,
    x: float,
    y: float,
    z: float,
    yaw: float,
    duration: float,
) -> int:
    return planner.go_to((x, y, z), yaw, duration, relative=bool(relative), linear=False)


def _go_to_2(
    planner: HighLevelCommander, _: int, relative: int, linear: int, x: float, y: float, z: float, yaw: float,
    duration: float,
) -> int:  # fmt: skip
    return planner.go_to((x, y, z), yaw, duration, relative=bool(relative), linear=bool(linear))


def _spiral(
    planner: HighLevelCommander, _: int, sideways: int, clockwise: int, angle: float, r0: float, r1: float,
    ascent: float, duration: float,
) -> int:  # fmt: skip
    if not duration > 0:
        return errno.ENOEXEC
    return planner.spiral(
        angle, (r0, r1), ascent, duration, sideways=bool(sideways), clockwise=bool(clockwise)
    )


def _start(
    planner: HighLevelCommander, _: int, relative: int, reverse: int, ident: int, timescale: float
) -> int:
    return planner.start(
        ident, timescale=timescale, reverse=bool(reverse), relative=bool(relative), relative_yaw=False
    )


def _start_2(
    planner: HighLevelCommander, _: int, relative: int, relative_yaw: int, reverse: int, ident: int,
    timescale: float,
) -> int:  # fmt: skip
    return planner.start(
        ident, timescale=timescale, reverse=bool(reverse), relative=bool(relative),
        relative_yaw=bool(relative_yaw),
    )  # fmt: skip


def _define(planner: HighLevelCommander, ident: int, place: int, kind: int, offset: int, pieces: int) -> int:
    if place != _IN_MEMORY:
        return errno.ENOEXEC
    return planner.define(ident, Definition(kind == _COMPRESSED, offset, pieces))


_FOR_NO_GROUP = (0, 6)
_COMMANDS: dict[int, tuple[struct.Struct, Command]] = {
    0: (struct.Struct("<B"), _set_mask),
    1: (struct.Struct("<Bff"), _take_off),
    2: (struct.Struct("<Bff"), _land),
    3: (struct.Struct("<B"), _stop),
    4: (struct.Struct("<BBfffff"), _go_to),
    5: (struct.Struct("<BBBBf"), _start),
    6: (struct.Struct("<BBBIB"), _define),
    7: (struct.Struct("<Bff?f"), _take_off_2),
    8: (struct.Struct("<Bff?f"), _land_2),
    9: (struct.Struct("<Bf?f?f"), _take_off_at_velocity),
    10: (struct.Struct("<Bf?f?f"), _land_at_velocity),
    11: (struct.Struct("<BBBfffff"), _spiral),
    12: (struct.Struct("<BBBfffff"), _go_to_2),
    13: (struct.Struct("<BBBBBf"), _start_2),
}
"""Layout after the command byte, which begins with the group mask unless in `_FOR_NO_GROUP`."""

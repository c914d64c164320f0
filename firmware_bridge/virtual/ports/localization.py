"""Port 6, localization: positions and poses from outside, legacy emergency stop and its watchdog."""

from __future__ import annotations

import struct
from collections.abc import Iterator

from firmware_bridge.virtual import quaternion
from firmware_bridge.virtual.crtp import Packet, Port
from firmware_bridge.virtual.firmware import Firmware

_POSITION, _GENERIC, _PACKED_POSITIONS = 0, 1, 2
_LPP, _EMERGENCY_STOP, _WATCHDOG, _POSE, _PACKED_POSES, _LIGHTHOUSE_PERSIST = 2, 3, 4, 8, 9, 11
_XYZ = struct.Struct("<fff")
_FULL_POSE = struct.Struct("<fffffff")
_ITEM = struct.Struct("<Bhhh")  # address, x, y, z [mm]
_POSE_ITEM = struct.Struct("<BhhhI")  # and a packed quaternion
_FAILED = 0


def handle(firmware: Firmware, packet: Packet) -> list[Packet]:
    data = packet.data
    if packet.channel == _POSITION and len(data) >= _XYZ.size:
        _take(firmware, _XYZ.unpack_from(data))
    elif packet.channel == _PACKED_POSITIONS:
        for address, *millimetres in _items(_ITEM, data):
            if address == firmware.address:
                _take(firmware, [v / 1000 for v in millimetres])
    elif packet.channel == _GENERIC and data:
        return _generic(firmware, data)
    return []


def _generic(firmware: Firmware, data: bytes) -> list[Packet]:
    kind, body = data[0], data[1:]
    if kind == _EMERGENCY_STOP:
        firmware.supervisor.emergency_stop()
    elif kind == _WATCHDOG:
        firmware.supervisor.feed_watchdog()
    elif kind == _POSE and len(body) >= _FULL_POSE.size:
        x, y, z, *q = _FULL_POSE.unpack_from(body)
        _take(firmware, (x, y, z), (q[0], q[1], q[2], q[3]))
    elif kind == _PACKED_POSES:
        for address, x, y, z, packed in _items(_POSE_ITEM, body):
            if address == firmware.address:
                _take(firmware, (x / 1000, y / 1000, z / 1000), quaternion.decompress(packed))
    elif kind == _LPP and len(data) >= 2:  # no Loco deck
        return [Packet(Port.LOCALIZATION, _GENERIC, bytes([_LPP, data[1], _FAILED]))]
    elif kind == _LIGHTHOUSE_PERSIST and len(data) >= 5:  # no Lighthouse deck
        return [Packet(Port.LOCALIZATION, _GENERIC, bytes([_LIGHTHOUSE_PERSIST, _FAILED]))]
    return []


def _items(layout: struct.Struct, data: bytes) -> Iterator[tuple[int, ...]]:
    return layout.iter_unpack(data[: len(data) // layout.size * layout.size])


def _take(
    firmware: Firmware, position: tuple[float, ...] | list[float], pose: quaternion.Quaternion | None = None
) -> None:
    estimator = firmware.estimator
    estimator.ext_position = (position[0], position[1], position[2])
    estimator.ext_stamp = firmware.time
    if pose is not None:
        estimator.ext_quaternion = pose

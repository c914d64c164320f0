"""Port 2, parameters: table (0), read (1), write (2), everything else (3)."""

from __future__ import annotations

import errno
import struct

from firmware_bridge.virtual import toc
from firmware_bridge.virtual.crtp import MAX_DATA, Packet, Port
from firmware_bridge.virtual.firmware import Firmware
from firmware_bridge.virtual.parameters import EXTENDED, READ_ONLY, Parameter
from firmware_bridge.virtual.wire_types import PARAM_TYPES, pack, size_of, unpack

TABLE, READ, WRITE, MISC = 0, 1, 2, 3
_SET_BY_NAME, _EXTENDED_TYPE, _STORE, _STATE, _DEFAULT = 0, 2, 3, 4, 6
_EXTENDED_TYPE_V2, _DEFAULT_V2 = 7, 8
_PERSISTENT = 1


def handle(firmware: Firmware, packet: Packet) -> list[Packet]:
    data = packet.data
    if packet.channel == TABLE:
        reply = toc.answer(firmware.parameters.entries, data)
    elif packet.channel == READ:
        reply = _read(firmware, data)
    elif packet.channel == WRITE:
        reply = _write(firmware, data)
    else:
        reply = _misc(firmware, data)
    return [Packet(Port.PARAM, packet.channel, reply[:MAX_DATA])] if reply is not None else []


def _lookup(firmware: Firmware, data: bytes) -> Parameter | None:
    if len(data) < 2:
        return None
    (ident,) = struct.unpack_from("<H", data)
    entries = firmware.parameters.entries
    return entries[ident] if ident < len(entries) else None


def _read(firmware: Firmware, data: bytes) -> bytes | None:
    parameter = _lookup(firmware, data)
    if parameter is None:
        return data[:2] + bytes([errno.ENOENT]) if len(data) >= 2 else None
    return data[:2] + b"\0" + pack(parameter.kind, parameter.value)


def _write(firmware: Firmware, data: bytes) -> bytes | None:
    """Echo an accepted write; a write to a read-only parameter has no answer."""
    parameter = _lookup(firmware, data)
    if parameter is None:
        return data[:2] + bytes([errno.ENOENT]) if len(data) >= 2 else None
    value = data[2:]
    if parameter.flags & READ_ONLY or len(value) != size_of(parameter.kind):
        return None
    firmware.parameters.write(parameter, unpack(parameter.kind, value))
    return data


def _misc(firmware: Firmware, data: bytes) -> bytes | None:
    if not data:
        return None
    if data[0] == _SET_BY_NAME:
        return _set_by_name(firmware, data)
    head = data[:3]
    parameter = _lookup(firmware, data[1:3])
    if len(head) < 3 or data[0] > _DEFAULT_V2 or data[0] == 1:
        return None
    if parameter is None:
        return head + bytes([errno.ENOENT])
    if data[0] in (_EXTENDED_TYPE, _EXTENDED_TYPE_V2):
        kind = _PERSISTENT if parameter.flags & EXTENDED else 0
        return head + (bytes([0, kind]) if data[0] == _EXTENDED_TYPE_V2 else bytes([kind]))
    if data[0] in (_DEFAULT, _DEFAULT_V2):
        status = b"\0" if data[0] == _DEFAULT_V2 else b""
        return head + status + pack(parameter.kind, parameter.default)
    return head + _persistent(parameter, data[0])


def _persistent(parameter: Parameter, command: int) -> bytes:
    """Store, clear or tell what is stored of a persistent parameter."""
    if not parameter.flags & EXTENDED:
        return bytes([errno.ENOENT])
    if command == _STATE:
        default = pack(parameter.kind, parameter.default)
        if parameter.stored is None:
            return b"\0" + default
        return b"\1" + default + pack(parameter.kind, parameter.stored)
    parameter.stored = parameter.value if command == _STORE else None
    return b"\0"


def _set_by_name(firmware: Firmware, data: bytes) -> bytes:
    """`group\\0name\\0`, type, value; the answer repeats the names and ends with an errno."""
    parts = data[1:].split(b"\0", 2)
    if len(parts) < 3 or not parts[2]:
        return bytes([_SET_BY_NAME, errno.EINVAL])
    names = data[: 1 + len(parts[0]) + len(parts[1]) + 2]
    parameter = firmware.parameters.find(b".".join(parts[:2]).decode("ascii", errors="replace"))
    kind, value = parts[2][0], parts[2][1:]
    if parameter is None:
        return names + bytes([errno.ENOENT])
    if parameter.flags & READ_ONLY:
        return names + bytes([errno.EACCES])
    if PARAM_TYPES[parameter.kind] != kind & 0x0F or len(value) < size_of(parameter.kind):
        return names + bytes([errno.EINVAL])
    firmware.parameters.write(parameter, unpack(parameter.kind, value[: size_of(parameter.kind)]))
    return names + b"\0"

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
_SET_BY_NAME = 0
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
    if len(data) < 3 or data[0] not in _ABOUT_ONE:
        return None
    head, parameter = data[:3], _lookup(firmware, data[1:3])
    if parameter is None:
        return head + bytes([errno.ENOENT])
    return head + _ABOUT_ONE[data[0]](firmware, parameter)


def _extended_type(_: Firmware, parameter: Parameter) -> bytes:
    return bytes([_PERSISTENT if parameter.flags & EXTENDED else errno.ENOENT])


def _extended_type_v2(_: Firmware, parameter: Parameter) -> bytes:
    return bytes([0, _PERSISTENT]) if parameter.flags & EXTENDED else bytes([errno.ENOENT])


def _default(_: Firmware, parameter: Parameter) -> bytes:
    """Return the value the firmware was built with; a read-only parameter has none."""
    if parameter.flags & READ_ONLY:
        return bytes([errno.ENOENT])
    return pack(parameter.kind, parameter.default)


def _default_v2(firmware: Firmware, parameter: Parameter) -> bytes:
    value = _default(firmware, parameter)
    return value if parameter.flags & READ_ONLY else b"\0" + value


def _store(firmware: Firmware, parameter: Parameter) -> bytes:
    if not parameter.flags & EXTENDED:
        return bytes([errno.ENOENT])
    firmware.storage[parameter.name] = parameter.value
    return b"\0"


def _clear(firmware: Firmware, parameter: Parameter) -> bytes:
    return b"\0" if firmware.storage.pop(parameter.name, None) is not None else bytes([errno.ENOENT])


def _state(firmware: Firmware, parameter: Parameter) -> bytes:
    """Return whether a value is stored, the default, and the stored value."""
    default = pack(parameter.kind, parameter.default)
    stored = firmware.storage.get(parameter.name)
    return b"\0" + default if stored is None else b"\1" + default + pack(parameter.kind, stored)


_ABOUT_ONE = {
    2: _extended_type,
    3: _store,
    4: _state,
    5: _clear,
    6: _default,
    7: _extended_type_v2,
    8: _default_v2,
}
"""What may be asked about one parameter; `_V2` answers begin with a status that no value can be taken for."""


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

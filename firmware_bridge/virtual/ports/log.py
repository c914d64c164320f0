"""Port 5, log: table (0), block commands (1); data goes out on channel 2."""

from __future__ import annotations

import errno
import struct

from firmware_bridge.virtual import toc
from firmware_bridge.virtual.crtp import Packet, Port
from firmware_bridge.virtual.firmware import Firmware
from firmware_bridge.virtual.log_blocks import MAX_BLOCKS, MAX_VARIABLES

TABLE, SETTINGS, DATA = 0, 1, 2
_DELETE, _START, _STOP, _RESET, _CREATE, _APPEND, _START_MS = 2, 3, 4, 5, 6, 7, 8


def handle(firmware: Firmware, packet: Packet) -> list[Packet]:
    if packet.channel == TABLE:
        reply = toc.answer(firmware.variables, packet.data, trailer=bytes([MAX_BLOCKS, MAX_VARIABLES]))
        return [Packet(Port.LOG, TABLE, reply)] if reply is not None else []
    if packet.channel != SETTINGS or not packet.data:
        return []
    command = packet.data[0]
    block_id = packet.data[1] if len(packet.data) > 1 else 0
    status = _settings(firmware, command, block_id, packet.data[2:])
    return [Packet(Port.LOG, SETTINGS, bytes([command, block_id, status]))]


def data_packet(data: bytes) -> Packet:
    return Packet(Port.LOG, DATA, data)


def _settings(firmware: Firmware, command: int, block_id: int, rest: bytes) -> int:
    """Carry out a block command; return the errno of the reply."""
    blocks = firmware.log
    if command in (_CREATE, _APPEND):
        whole = rest[: len(rest) // 3 * 3]
        items = [(kind & 0x0F, ident) for kind, ident in struct.iter_unpack("<BH", whole)]
        return (blocks.create if command == _CREATE else blocks.append)(block_id, items)
    if command == _START and rest:
        return blocks.start(block_id, rest[0] * 0.01, firmware.time)
    if command == _START_MS and len(rest) >= 2:
        return blocks.start(block_id, int.from_bytes(rest[:2], "little") * 0.001, firmware.time)
    if command == _STOP:
        return blocks.stop(block_id)
    if command == _DELETE:
        return blocks.delete(block_id)
    if command == _RESET:
        blocks.reset()
        return 0
    return errno.ENOEXEC

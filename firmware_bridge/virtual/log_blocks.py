"""Log blocks: which variables to send, how often (log.c of the firmware)."""

from __future__ import annotations

import errno
import struct
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from firmware_bridge.virtual.variables import Variable
from firmware_bridge.virtual.wire_types import LOG_NAMES, convert, size_of

if TYPE_CHECKING:
    from firmware_bridge.virtual.firmware import Firmware

MAX_BLOCKS, MAX_VARIABLES, MAX_BYTES = 16, 128, 26


@dataclass(slots=True)
class Block:
    """`items`: variables, and the types to fetch them as; `period` [s], 0: stopped; `once`: one packet."""

    items: list[tuple[Variable, str]] = field(default_factory=list)
    period: float = 0.0
    due: float = 0.0
    once: bool = False

    @property
    def size(self) -> int:
        return sum(size_of(kind) for _, kind in self.items)


class LogBlocks:
    """All blocks of one host. Every method returns the errno the firmware answers with, 0 for success."""

    def __init__(self, variables: Sequence[Variable]) -> None:
        self._variables = variables
        self._blocks: dict[int, Block] = {}

    def __len__(self) -> int:
        return len(self._blocks)

    def reset(self) -> None:
        self._blocks.clear()

    def create(self, block_id: int, items: Sequence[tuple[int, int]]) -> int:
        """Make a block of (fetch type, variable id) pairs."""
        if block_id in self._blocks:
            return errno.EEXIST
        if len(self._blocks) >= MAX_BLOCKS:
            return errno.ENOMEM
        self._blocks[block_id] = Block()
        return self.append(block_id, items)

    def append(self, block_id: int, items: Sequence[tuple[int, int]]) -> int:
        block = self._blocks.get(block_id)
        if block is None:
            return errno.ENOENT
        for code, ident in items:
            kind = LOG_NAMES.get(code)
            if kind is None or ident >= len(self._variables):
                return errno.ENOENT
            if sum(len(b.items) for b in self._blocks.values()) >= MAX_VARIABLES:
                return errno.ENOMEM
            if block.size + size_of(kind) > MAX_BYTES:
                return errno.E2BIG
            block.items.append((self._variables[ident], kind))
        return 0

    def start(self, block_id: int, period: float, now: float) -> int:
        """Start sending every `period` [s], the first time after one period; 0 sends one packet now."""
        block = self._blocks.get(block_id)
        if block is None:
            return errno.ENOENT
        block.once = period <= 0
        block.period, block.due = (period, now + period) if period > 0 else (1.0, now)
        return 0

    def stop(self, block_id: int) -> int:
        block = self._blocks.get(block_id)
        if block is None:
            return errno.ENOENT
        block.period = 0.0
        return 0

    def delete(self, block_id: int) -> int:
        return 0 if self._blocks.pop(block_id, None) is not None else errno.ENOENT

    def due(self, firmware: Firmware) -> Iterator[bytes]:
        """Yield the data packets whose time has come: block id, time in ms as 24 bits, values."""
        now = firmware.time
        for block_id, block in self._blocks.items():
            if block.period <= 0 or now < block.due - 1e-9:
                continue
            block.due += block.period
            if block.due <= now:  # the host starts late or steps were long: skip, never burst
                block.due = now + block.period
            if block.once:
                block.period, block.once = 0.0, False
            values = b"".join(convert(v.kind, kind, v.read(firmware)) for v, kind in block.items)
            stamp = int(now * 1000) & 0xFFFFFF
            yield bytes([block_id]) + struct.pack("<I", stamp)[:3] + values

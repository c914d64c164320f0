"""The memories of the virtual Crazyflie: the tester and the trajectories (mem.c, crtp_mem.c)."""

from __future__ import annotations

import errno
from dataclasses import dataclass
from typing import Protocol

MAX_READ = 24
TRAJECTORY, TESTER = 0x12, 0x15
_TESTER_BYTES = 0x1000


class Memory(Protocol):
    @property
    def kind(self) -> int:
        """MEM_TYPE_* of mem.h."""
        ...

    @property
    def size(self) -> int: ...

    def read(self, address: int, length: int) -> bytes | None:
        """Return the bytes, or None where there are none."""

    def write(self, address: int, data: bytes) -> bool: ...


@dataclass(slots=True)
class TesterMemory:
    """Reads as each address's low byte; counts written packets that do not (`memTst.errCntW`)."""

    errors: int = 0
    reset_asked: bool = False

    kind = TESTER
    size = _TESTER_BYTES

    def read(self, address: int, length: int) -> bytes | None:
        return bytes(address + i & 0xFF for i in range(length))

    def write(self, address: int, data: bytes) -> bool:
        if self.reset_asked:
            self.reset_asked, self.errors = False, 0
        self.errors += data != self.read(address, len(data))
        return True


@dataclass(slots=True)
class TrajectoryMemory:
    """What trajectories are uploaded to."""

    data: bytearray

    kind = TRAJECTORY

    @property
    def size(self) -> int:
        return len(self.data)

    def read(self, address: int, length: int) -> bytes | None:
        return bytes(self.data[address : address + length]) if address + length <= self.size else None

    def write(self, address: int, data: bytes) -> bool:
        if address + len(data) > self.size:
            return False
        self.data[address : address + len(data)] = data
        return True


class Memories:
    """All of them, in the order of their ids. Raises `IndexError` for an id there is not."""

    def __init__(self, *memories: Memory) -> None:
        self._memories = memories

    def __len__(self) -> int:
        return len(self._memories)

    def __getitem__(self, ident: int) -> Memory:
        return self._memories[ident]

    def read(self, ident: int, address: int, length: int) -> tuple[int, bytes]:
        """Return the status of the reply, 0 or `EIO`, and the data."""
        data = self[ident].read(address, length) if length <= MAX_READ else None
        return (errno.EIO, b"") if data is None else (0, data)

    def write(self, ident: int, address: int, data: bytes) -> int:
        """Return the status of the reply, 0 or `EIO`."""
        return 0 if self[ident].write(address, data) else errno.EIO

"""Valid packets made slightly wrong: what a bad radio, a bad firmware or a stranger on the port sends.

REPROHRL_FUZZ=10 runs ten times as many packets through every decoder.
"""

from __future__ import annotations

import os
import random
import struct
from collections.abc import Iterator, Sequence

EFFORT = float(os.environ.get("REPROHRL_FUZZ", "1"))
_NUMBERS = [
    *(struct.pack("<f", v) for v in (float("nan"), float("inf"), -float("inf"), -0.0, 3.4e38, 1e-40, -1e6)),
    *(struct.pack("<I", v) for v in (0, 1, 0x7FFFFFFF, 0x80000000, 0xFFFFFFFF)),
    *(struct.pack("<H", v) for v in (0, 1, 0x7FFF, 0x8000, 0xFFFF)),
]


def scaled(count: int) -> int:
    """Return how many packets to try where `count` is the usual number."""
    return max(1, int(count * EFFORT))


class Mutator:
    """Draws packets from `corpus`, most of them damaged in one to three ways; same seed, same packets."""

    def __init__(self, corpus: Sequence[bytes], seed: int, *, max_bytes: int) -> None:
        self._corpus, self._max_bytes = list(corpus), max_bytes
        self._random = random.Random(seed)

    def packets(self, count: int) -> Iterator[bytes]:
        for _ in range(count):
            yield self.packet()

    def packet(self) -> bytes:
        r = self._random
        if r.random() < 0.1:
            return r.randbytes(r.randint(0, min(self._max_bytes, 64)))
        data = bytearray(r.choice(self._corpus))
        if r.random() < 0.1:
            return bytes(data)
        for _ in range(r.randint(1, 3)):
            self._damage(data)
        return bytes(data[: self._max_bytes])

    def _damage(self, data: bytearray) -> None:
        r = self._random
        at = r.randrange(len(data)) if data else 0
        match r.randrange(8):
            case 0 | 1 if data:
                data[at] ^= 1 << r.randrange(8)
            case 2 if data:
                data[at] = r.randrange(256)
            case 3:
                del data[at:]
            case 4:
                data += r.randbytes(r.randint(1, 30))
            case 5:
                number = r.choice(_NUMBERS)
                data[at : at + len(number)] = number
            case 6:
                other = r.choice(self._corpus)
                data[at:] = other[r.randrange(len(other) or 1) :]
            case _ if data:
                del data[at]

"""Type codes of log variables and parameters, and their packing (little-endian)."""

from __future__ import annotations

import math
import struct

LOG_TYPES = {"u8": 1, "u16": 2, "u32": 3, "i8": 4, "i16": 5, "i32": 6, "float": 7, "fp16": 8}
LOG_NAMES = {code: name for name, code in LOG_TYPES.items()}
PARAM_TYPES = {"u8": 0x08, "u16": 0x09, "u32": 0x0A, "i8": 0x00, "i16": 0x01, "i32": 0x02, "float": 0x06}
_FORMATS = {
    "u8": "<B", "u16": "<H", "u32": "<I", "i8": "<b", "i16": "<h", "i32": "<i", "float": "<f", "fp16": "<e",
}  # fmt: skip
_LIMITS = {
    "u8": (0, 2**8 - 1), "u16": (0, 2**16 - 1), "u32": (0, 2**32 - 1),
    "i8": (-(2**7), 2**7 - 1), "i16": (-(2**15), 2**15 - 1), "i32": (-(2**31), 2**31 - 1),
    "fp16": (-65504, 65504), "float": (-3.4e38, 3.4e38),
}  # fmt: skip


def size_of(kind: str) -> int:
    return struct.calcsize(_FORMATS[kind])


def pack(kind: str, value: float) -> bytes:
    """Pack a number as `kind`, clipped to what fits."""
    low, high = _LIMITS[kind]
    if math.isnan(value):
        value = math.nan if kind in ("float", "fp16") else 0
    else:
        value = min(max(value, low), high)
    return struct.pack(_FORMATS[kind], value if kind in ("float", "fp16") else int(value))


def unpack(kind: str, data: bytes) -> float:
    """Undo `pack`; raises `struct.error` for a wrong length."""
    return float(struct.unpack(_FORMATS[kind], data)[0])


def convert(stored: str, fetched: str, value: float) -> bytes:
    """Pack a log variable of type `stored` as the host wants it: integers lose their high bytes."""
    value = unpack(stored, pack(stored, value))
    if fetched in ("float", "fp16") or not math.isfinite(value):
        return pack(fetched, value)
    size = size_of(fetched)
    return (int(value) & (1 << 8 * size) - 1).to_bytes(size, "little")

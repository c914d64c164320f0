"""The markers of a JPEG file: what its header says, read without decoding anything."""

from __future__ import annotations

import struct

START, SCAN, END = b"\xff\xd8", 0xDA, b"\xff\xd9"
_BASELINE = frozenset((0xC0, 0xC1))
"""Frames decoded in one pass, as the deck's encoder makes them. A progressive one of few bytes may ask for
any number of passes."""

_OTHER_FRAMES = frozenset(range(0xC2, 0xD0)) - {0xC4, 0xC8, 0xCC}
_BARE = frozenset((0x01, *range(0xD0, 0xD8)))


def jpeg_shape(payload: bytes) -> tuple[int, int] | None:
    """Return (height, width) of a baseline JPEG, None for anything else."""
    for marker, start, length in _segments(payload):
        if marker in _BASELINE and length >= 7:
            height, width = struct.unpack_from(">HH", payload, start + 3)
            return height, width
        if marker in _OTHER_FRAMES or marker == SCAN:
            return None
    return None


def header_length(payload: bytes) -> int:
    """Return how many bytes come before the compressed data; 0 for what is no JPEG."""
    for marker, start, length in _segments(payload):
        if marker == SCAN:
            return start + length
    return 0


def _segments(payload: bytes) -> list[tuple[int, int, int]]:
    """Return (marker, where its length field starts, its length) up to the scan."""
    segments: list[tuple[int, int, int]] = []
    if not payload.startswith(START):
        return segments
    at = 2
    while at + 4 <= len(payload) and payload[at] == 0xFF:
        marker = payload[at + 1]
        if marker == 0xFF or marker in _BARE:  # a fill byte, or a marker without a segment
            at += 1 if marker == 0xFF else 2
            continue
        (length,) = struct.unpack_from(">H", payload, at + 2)
        if length < 2 or at + 2 + length > len(payload):
            break
        segments.append((marker, at + 2, length))
        if marker == SCAN:
            break
        at += 2 + length
    return segments

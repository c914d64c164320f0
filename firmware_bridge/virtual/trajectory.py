"""Trajectories of the high-level commander: pieces of 7th-degree polynomials of x, y, z [m] and yaw [rad]."""

from __future__ import annotations

import logging
import struct
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

_LOG = logging.getLogger(__name__)
Array = NDArray[np.float64]
_AS_IS = np.errstate(all="ignore")
"""Absurd numbers end as infinite or not a number, as in the firmware, whose planner looks for them."""

PIECE_BYTES = 4 * 8 * 4 + 4
"""A stored piece: the eight coefficients of each axis and the duration, all float."""

_END = np.array([[1, 1, 1, 1], [4, 5, 6, 7], [12, 20, 30, 42], [24, 60, 120, 210]], np.float64)
"""Rows: value, slope, second and third derivative at the end, of the powers 4 to 7."""


@dataclass(frozen=True, slots=True)
class Point:
    """Where a trajectory is: `value` (4,) x, y, z [m], yaw [rad]; `slope` (4,) per second, `bend` (4,)
    per second squared."""

    value: Array
    slope: Array = field(default_factory=lambda: np.zeros(4))
    bend: Array = field(default_factory=lambda: np.zeros(4))


@dataclass(frozen=True, slots=True)
class Piece:
    """`coefficients` (8, 4) of time in seconds, lowest power first; `duration` [s]."""

    coefficients: Array
    duration: float

    @_AS_IS
    def at(self, t: float) -> Point:
        c, powers = self.coefficients, t ** np.arange(8)
        n = np.arange(1, 8)
        return Point(
            powers @ c,
            (n * powers[:7]) @ c[1:],
            (n[1:] * n[:-1] * powers[:6]) @ c[2:],
        )


@_AS_IS
def smooth_piece(start: Point, end: Point, duration: float) -> Piece:
    """Return the piece that joins two points with their slopes and bends, without jerk at either end.

    Yaw is planned without bend. No time at all means standing at the end.
    """
    if duration <= 0:
        return Piece(np.vstack([end.value, end.slope, end.bend / 2, np.zeros((5, 4))]), 0.0)
    level = np.array([1.0, 1.0, 1.0, 0.0])
    low = np.zeros((4, 4))
    low[0], low[1], low[2] = start.value, start.slope * duration, start.bend * level * duration**2 / 2
    goal = np.array([end.value, end.slope * duration, end.bend * level * duration**2, np.zeros(4)])
    so_far = np.array([low[0] + low[1] + low[2], low[1] + 2 * low[2], 2 * low[2], np.zeros(4)])
    scaled = np.vstack([low, np.linalg.solve(_END, goal - so_far)])
    return Piece(scaled / duration ** np.arange(8)[:, None], duration)


@dataclass(frozen=True, slots=True)
class Trajectory:
    """Pieces flown one after another from `began` [s] on; the end is held.

    timescale   above 1 is slower
    reverse     from the last piece's end to the first one's start
    shift       (3,) added to positions [m]
    turn        turns positions about the origin, and is added to yaw [rad]
    """

    pieces: tuple[Piece, ...]
    began: float
    timescale: float = 1.0
    reverse: bool = False
    shift: Array = field(default_factory=lambda: np.zeros(3))
    turn: float = 0.0

    @property
    def duration(self) -> float:
        return sum(p.duration for p in self.pieces) * self.timescale

    def finished(self, now: float) -> bool:
        return now - self.began >= self.duration - 1e-9

    def at(self, now: float) -> Point:
        t = now - self.began
        for piece in reversed(self.pieces) if self.reverse else self.pieces:
            length = piece.duration * self.timescale
            if t <= length:
                return self._moved(self._within(piece, t, length))
            t -= length
        end = self.pieces[0].at(0.0) if self.reverse else self.pieces[-1].at(self.pieces[-1].duration)
        return self._moved(Point(end.value))

    @_AS_IS
    def _within(self, piece: Piece, t: float, length: float) -> Point:
        """Evaluate a piece at `t` of its `length` of stretched time."""
        k = self.timescale
        point = piece.at((length - t if self.reverse else t) / k)
        sign = -1.0 if self.reverse else 1.0
        return Point(point.value, sign * point.slope / k, point.bend / k**2)

    @_AS_IS
    def _moved(self, point: Point) -> Point:
        c, s = np.cos(self.turn), np.sin(self.turn)
        turned = np.array([[c, -s, 0, 0], [s, c, 0, 0], [0, 0, 1, 0], [0, 0, 0, 1]])
        value = turned @ point.value + np.array([*self.shift, self.turn])
        return Point(value, turned @ point.slope, turned @ point.bend)


def stored_pieces(memory: bytes, offset: int, count: int) -> tuple[Piece, ...]:
    """Read `count` uncompressed pieces. Raises `ValueError` when they do not lie inside the memory."""
    if count < 1 or offset + count * PIECE_BYTES > len(memory):
        raise ValueError(f"{count} pieces at {offset} do not lie in {len(memory)} bytes")
    pieces = []
    for start in range(offset, offset + count * PIECE_BYTES, PIECE_BYTES):
        numbers = np.array(struct.unpack_from("<33f", memory, start), np.float64)
        pieces.append(Piece(numbers[:32].reshape(4, 8).T, max(float(numbers[32]), 0.0)))
    return tuple(pieces)


_POINTS = (0, 1, 3, 7)
"""Stored control points by storage type: constant, linear, cubic, 7th degree (pptraj_compressed.c)."""


def compressed_pieces(memory: bytes, offset: int) -> tuple[Piece, ...]:
    """Read a compressed trajectory: a start in mm and tenths of a degree, then Bezier control points.

    It ends with a piece of no duration, or with the memory.
    """
    if offset + 8 > len(memory):
        raise ValueError(f"no trajectory at {offset} of {len(memory)} bytes")
    start = np.array(struct.unpack_from("<4h", memory, offset), np.float64) / _SCALES
    pieces: list[Piece] = []
    try:
        place = offset + 8
        while True:
            kinds, milliseconds = struct.unpack_from("<BH", memory, place)
            place += 3
            if milliseconds == 0:
                break
            columns = np.zeros((8, 4))
            for axis in range(4):
                count = _POINTS[kinds >> 2 * axis & 3]
                stored = struct.unpack_from(f"<{count}h", memory, place)
                place += 2 * count
                points = np.array([start[axis], *(v / _SCALES[axis] for v in stored)])
                columns[: count + 1, axis] = _bezier(points, milliseconds / 1000)
            pieces.append(Piece(columns, milliseconds / 1000))
            start = pieces[-1].at(pieces[-1].duration).value
    except struct.error:
        _LOG.debug("the trajectory at %d ends with the memory", offset)
    return tuple(pieces) or (Piece(np.vstack([start, np.zeros((7, 4))]), 0.0),)


_SCALES = np.array([1000.0, 1000.0, 1000.0, 1800.0 / np.pi])


def _bezier(points: Array, duration: float) -> Array:
    """Return the coefficients of time in seconds of a Bezier curve over `duration` [s]."""
    degree = len(points) - 1
    differences, rows = points, [points[0]]
    binomial = 1.0
    for j in range(1, degree + 1):
        differences = np.diff(differences)
        binomial *= (degree - j + 1) / j
        rows.append(binomial * differences[0])
    return np.array(rows) / duration ** np.arange(degree + 1)

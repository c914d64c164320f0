"""The firmware's 32-bit quaternion (quatcompress.h) and angles; order x, y, z, w, body to world."""

from __future__ import annotations

import math

Quaternion = tuple[float, float, float, float]
_HALF_SQRT = math.sqrt(0.5)


def from_rpy(roll: float, pitch: float, yaw: float) -> Quaternion:
    """Return the quaternion of roll, pitch, yaw [rad], REP-103 signs."""
    cr, sr = math.cos(roll / 2), math.sin(roll / 2)
    cp, sp = math.cos(pitch / 2), math.sin(pitch / 2)
    cy, sy = math.cos(yaw / 2), math.sin(yaw / 2)
    return (
        sr * cp * cy - cr * sp * sy,
        cr * sp * cy + sr * cp * sy,
        cr * cp * sy - sr * sp * cy,
        cr * cp * cy + sr * sp * sy,
    )


def yaw_of(q: Quaternion) -> float:
    x, y, z, w = q
    return math.atan2(2 * (x * y + z * w), 1 - 2 * (y * y + z * z))


def to_body(q: Quaternion, v: tuple[float, float, float]) -> tuple[float, float, float]:
    """Turn a world-frame vector into the body frame of `q`."""
    x, y, z, w = q
    ax, ay, az = 2 * (z * v[1] - y * v[2]), 2 * (x * v[2] - z * v[0]), 2 * (y * v[0] - x * v[1])
    return (
        v[0] + w * ax + (z * ay - y * az),
        v[1] + w * ay + (x * az - z * ax),
        v[2] + w * az + (y * ax - x * ay),
    )


def compress(q: Quaternion) -> int:
    """Pack: two bits for the largest part, then for each other part a sign bit and 9 bits of size."""
    largest = max(range(4), key=lambda i: abs(q[i]))
    negate = q[largest] < 0
    packed = largest
    for i in range(4):
        if i != largest:
            negative = (q[i] < 0) != negate
            size = min(511, int(511 * abs(q[i]) / _HALF_SQRT + 0.5))
            packed = packed << 10 | int(negative) << 9 | size
    return packed


def decompress(packed: int) -> Quaternion:
    """Undo `compress` to about 0.1 deg."""
    largest = packed >> 30
    parts = [0.0] * 4
    total = 0.0
    for i in range(3, -1, -1):
        if i != largest:
            size = packed & 511
            negative = packed >> 9 & 1
            packed >>= 10
            parts[i] = (-1.0 if negative else 1.0) * _HALF_SQRT * size / 511
            total += parts[i] ** 2
    parts[largest] = math.sqrt(max(0.0, 1.0 - total))
    return (parts[0], parts[1], parts[2], parts[3])

"""Seconds as floats on our side, seconds and nanoseconds on theirs, without losing a bit on the way."""

from __future__ import annotations

import math

from builtin_interfaces.msg import Time

NS = 10**9


def to_time(seconds: float) -> Time:
    """Return the stamp nearest to `seconds`. Raises ValueError when it is negative or not finite."""
    if not (math.isfinite(seconds) and seconds >= 0):
        raise ValueError(f"not a time: {seconds}")
    whole = math.floor(seconds)
    # The fraction of a float is exact, so the nanoseconds are the nearest ones even for wall-clock times.
    extra, nanoseconds = divmod(round((seconds - whole) * NS), NS)
    return Time(sec=whole + extra, nanosec=nanoseconds)


def to_seconds(time: Time) -> float:
    """Return the float nearest to a stamp; `to_seconds(to_time(t))` is settled after one pass."""
    return float((time.sec * NS + time.nanosec) / NS)


def settled(seconds: float) -> float:
    """Return `seconds` as it arrives after travelling in a message header."""
    return to_seconds(to_time(seconds))


def key(time: Time) -> int:
    """Return the stamp in nanoseconds, to compare and to pair by."""
    return int(time.sec) * NS + int(time.nanosec)

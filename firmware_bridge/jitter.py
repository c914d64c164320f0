"""How steady a stream is: measured, in bounded memory, for the report."""

from __future__ import annotations

import threading
from dataclasses import dataclass

_BIN_S = 1e-4
_BINS = 5000
"""Deviations up to half a second, in steps of 0.1 ms; beyond that only the largest is known."""


@dataclass(frozen=True, slots=True)
class JitterReport:
    """Calls, their rate [Hz], and the deviation of the time between calls from the period [s]."""

    count: int
    rate_hz: float
    median_s: float
    p95_s: float
    max_s: float

    def __str__(self) -> str:
        return (
            f"{self.rate_hz:.1f} Hz, jitter median {1e3 * self.median_s:.1f} ms, "
            f"p95 {1e3 * self.p95_s:.1f} ms, max {1e3 * self.max_s:.0f} ms"
        )


class Jitter:
    """Told of every call; thread-safe."""

    def __init__(self, period_s: float) -> None:
        self._period_s = period_s
        self._lock = threading.Lock()
        self.reset()

    def reset(self) -> None:
        with self._lock:
            self._bins = [0] * (_BINS + 1)
            self._count, self._max = 0, 0.0
            self._first: float | None = None
            self._last = 0.0

    def called(self, now: float) -> None:
        """Note a call at `now` [s]."""
        with self._lock:
            if self._first is None:
                self._first = self._last = now
                return
            off = abs(now - self._last - self._period_s)
            self._last = now
            self._count += 1
            self._max = max(self._max, off)
            self._bins[min(int(off / _BIN_S), _BINS)] += 1

    def report(self) -> JitterReport:
        with self._lock:
            span = self._last - (self._first if self._first is not None else self._last)
            rate = self._count / span if span > 0 else 0.0
            return JitterReport(self._count, rate, self._quantile(0.5), self._quantile(0.95), self._max)

    def _quantile(self, share: float) -> float:
        wanted, seen = share * self._count, 0
        for i, n in enumerate(self._bins):
            seen += n
            if n and seen >= wanted:
                return min((i + 0.5) * _BIN_S, self._max)
        return 0.0

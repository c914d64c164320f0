"""What a node measures of itself for /diagnostics: rates, ages, times, drops. No ROS in here."""

from __future__ import annotations

import math
from collections import deque

WINDOW_S = 5.0
KEEP = 600
"""Samples kept: a minute of frames."""


class Meter:
    """One topic as its reader sees it: how often, how old, what was dropped."""

    def __init__(self, topic: str) -> None:
        self.topic = topic
        self.count = self.rejected = self.lost = 0
        self.last_s: float | None = None
        self._times: deque[float] = deque(maxlen=KEEP)
        self._ages: deque[float] = deque(maxlen=KEEP)

    def heard(self, now_s: float, age_s: float | None = None) -> None:
        """Note a message at `now_s` [s, steady]; `age_s` is the time since its stamp, where it has one."""
        self.count += 1
        self.last_s = now_s
        self._times.append(now_s)
        if age_s is not None:
            self._ages.append(age_s)

    def rate_hz(self, now_s: float) -> float:
        """Messages per second over the last `WINDOW_S`, fewer where it began later."""
        recent = [t for t in self._times if now_s - t <= WINDOW_S]
        if len(recent) < 2:
            return 0.0
        return (len(recent) - 1) / max(now_s - recent[0], 1e-6)

    def silent_s(self, now_s: float) -> float:
        """Seconds since the last message, inf before the first."""
        return now_s - self.last_s if self.last_s is not None else float("inf")

    def age_s(self, share: float = 0.95) -> float:
        """The age that `share` of the recent messages did not exceed, 0 without any."""
        return percentile(self._ages, share)


class Timing:
    """How long something takes [s]: the recent samples and their percentiles."""

    def __init__(self) -> None:
        self.count = 0
        self._samples: deque[float] = deque(maxlen=KEEP)

    def add(self, seconds: float) -> None:
        self.count += 1
        self._samples.append(seconds)

    def at(self, share: float) -> float:
        return percentile(self._samples, share)


def percentile(samples: deque[float] | list[float], share: float) -> float:
    """Return the nearest-rank percentile, 0 without samples."""
    if not samples:
        return 0.0
    ordered = sorted(samples)
    return ordered[max(0, math.ceil(share * len(ordered)) - 1)]

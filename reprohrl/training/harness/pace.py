"""How fast a run goes and how long is left."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Progress:
    """A moment of a run, for whoever shows it.

    rate          decision steps per second over the last half minute
    success       share of recent training episodes, NaN before the first
    eval_success  of the last evaluation, NaN before the first
    left_s        until all steps are done, at this rate
    saved         steps of the newest checkpoint
    """

    steps: int
    total: int
    rate: float
    success: float
    episodes: int
    eval_success: float
    left_s: float
    saved: int


class Pace:
    """Counts wall and CPU seconds on top of those of earlier processes of the same run."""

    WINDOW_S = 30.0

    def __init__(
        self,
        wall_s: float = 0.0,
        cpu_s: float = 0.0,
        *,
        wall: Callable[[], float] = time.monotonic,
        cpu: Callable[[], float] = time.process_time,
    ) -> None:
        self._wall, self._cpu = wall, cpu
        self._wall_from, self._cpu_from = wall() - wall_s, cpu() - cpu_s
        self._seen: deque[tuple[float, int]] = deque()

    @property
    def wall_s(self) -> float:
        return self._wall() - self._wall_from

    @property
    def cpu_s(self) -> float:
        return self._cpu() - self._cpu_from

    def rate(self, steps: int) -> float:
        """Note that `steps` are done now; return steps per second of late."""
        now = self._wall()
        self._seen.append((now, steps))
        while len(self._seen) > 2 and now - self._seen[0][0] > self.WINDOW_S:
            self._seen.popleft()
        begin, first = self._seen[0]
        span = now - begin
        return (steps - first) / span if span > 0 else 0.0

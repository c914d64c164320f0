"""How often a process that died may be started again."""

from __future__ import annotations

from collections import defaultdict, deque

USER_ERROR = 2
"""Exit code of a node that was given something impossible; it would end the same way again."""


class Respawns:
    """At most `most` restarts of each process within `within_s` seconds."""

    def __init__(self, *, most: int = 3, within_s: float = 60.0) -> None:
        self._most, self._within_s = most, within_s
        self._times: dict[str, deque[float]] = defaultdict(deque)

    def may(self, name: str, code: int, now: float) -> bool:
        """Tell whether `name`, which ended with exit code `code`, may start again at `now` [s]; counts it."""
        times = self._times[name]
        while times and now - times[0] > self._within_s:
            times.popleft()
        if code == USER_ERROR or len(times) >= self._most:
            return False
        times.append(now)
        return True

"""How late a stream of stamped messages is, without trusting anyone's clock."""

from __future__ import annotations

import math


class Stream:
    """Measures a stream's lateness: the age of its newest message beyond that of the freshest one ever.

    The offset between the sender's clock and ours, and the usual delay, cancel out, so this grows when
    messages stop (a frozen camera repeats its stamp) and when they queue up. Before the first message
    it is the time waited for it.
    """

    def __init__(self, start: float) -> None:
        self._start = start
        self._freshest = math.inf
        self._newest = -math.inf

    def update(self, now: float, stamp: float | None) -> bool:
        """Take a message's stamp [s] into account; return whether it is newer than all before."""
        if stamp is None or not math.isfinite(stamp) or stamp <= self._newest:
            return False
        self._newest = stamp
        self._freshest = min(self._freshest, now - stamp)
        return True

    def lateness(self, now: float) -> float:
        """Return seconds, 0 for a stream in time."""
        if not math.isfinite(self._newest):
            return now - self._start
        return now - self._newest - self._freshest

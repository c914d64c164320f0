"""The deck's microseconds in the host's seconds, without the jitter of the way between them."""

from __future__ import annotations

from collections import deque

_WRAP_US = 1 << 32
_WINDOW_S = 10.0
_RESTART_S = 2.0


class DeckClock:
    """Learns the offset between the clocks from the fastest frames of the last ten seconds.

    A frame cannot arrive before it was taken: the smallest difference of arrival and deck time in the window
    is the offset plus the least delay, and drifts with the deck's crystal. A deck that was restarted shows as
    a jump and starts anew.
    """

    def __init__(self) -> None:
        self._offsets: deque[tuple[float, float]] = deque()  # (received, offset), offsets rising
        self._last_us: int | None = None
        self._turns = 0

    def host_time(self, deck_us: int, received_s: float) -> float:
        """Return the host time [s] of the deck's stamp [us, modulo 2^32] that came at `received_s` [s].

        Without the least delay: it is the time at which a frame on the fastest way would have arrived.
        """
        if self._last_us is not None and deck_us < self._last_us - _WRAP_US // 2:
            self._turns += 1
        self._last_us = deck_us
        deck_s = (deck_us + self._turns * _WRAP_US) / 1e6
        offset = received_s - deck_s
        if self._offsets and abs(offset - self._offsets[0][1]) > _RESTART_S:
            self._offsets.clear()
        while self._offsets and self._offsets[-1][1] >= offset:
            self._offsets.pop()
        self._offsets.append((received_s, offset))
        while self._offsets[0][0] < received_s - _WINDOW_S:
            self._offsets.popleft()
        return deck_s + self._offsets[0][1]

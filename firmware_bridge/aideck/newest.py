"""The newest frame, handed to whoever asks, and what is known about the stream."""

from __future__ import annotations

import itertools
import threading
from collections import deque
from dataclasses import dataclass

from firmware_bridge.aideck.frames import FrameFaults
from reprohrl.contracts.clock import Clock
from reprohrl.contracts.drone import Frame

_WINDOW_S = 2.0
_MAX_STAMPS = 256


@dataclass(frozen=True, slots=True)
class CameraHealth:
    """Counts since the start, and the newest rates.

    frames      whole images received
    fps         frames per second over the last two seconds; 0 when the stream has stopped
    age_s       time since the exposure of the newest frame, as far as the latency is known; inf: none came
    gap_s       longest time between two frames in the last two seconds; 0 with fewer than two
    torn, orphaned, corrupt, missed  see `FrameFaults`
    reconnects  connections after the first
    trouble     why there is no connection now; empty when there is one
    """

    frames: int
    fps: float
    age_s: float
    torn: int
    orphaned: int
    corrupt: int
    reconnects: int
    missed: int = 0
    gap_s: float = 0.0
    trouble: str = ""


class NewestFrame:
    """One writer, one reader: a frame that was not read in time gives way to the next."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._news = threading.Condition()
        self._frame: Frame | None = None
        self._taken = True
        self._count = 0
        self._received: deque[float] = deque(maxlen=_MAX_STAMPS)

    @property
    def count(self) -> int:
        return self._count

    def publish(self, frame: Frame, received_s: float) -> None:
        with self._news:
            self._frame, self._taken = frame, False
            self._count += 1
            self._received.append(received_s)
            self._news.notify_all()

    def wait_for_another(self, timeout_s: float) -> bool:
        """True once a frame has come since the call."""
        with self._news:
            before = self._count
            return self._news.wait_for(lambda: self._count > before, timeout_s)

    def read(self, timeout_s: float) -> Frame | None:
        """Return the newest frame not yet returned, or None when none came in time."""
        with self._news:
            if not self._news.wait_for(lambda: not self._taken, timeout_s):
                return None
            self._taken = True
            return self._frame

    def health(self, faults: FrameFaults, *, reconnects: int = 0, trouble: str = "") -> CameraHealth:
        """Return rates and age as of now, with the counts given."""
        now = self._clock.now()
        with self._news:
            recent = [t for t in self._received if t >= now - _WINDOW_S]
            age = now - self._frame.stamp if self._frame is not None else float("inf")
            count = self._count
        gaps = [b - a for a, b in itertools.pairwise(recent)]
        gap = max(gaps, default=0.0)
        # While the stream goes on, frames are counted between frames; once it is late, up to now.
        until = now if recent and now - recent[-1] > gap else recent[-1] if recent else now
        return CameraHealth(
            frames=count,
            fps=len(gaps) / (until - recent[0]) if gap > 0 else 0.0,
            age_s=age,
            torn=faults.torn,
            orphaned=faults.orphaned,
            corrupt=faults.corrupt,
            reconnects=reconnects,
            missed=faults.missed,
            gap_s=gap,
            trouble=trouble,
        )

"""`SteppedCamera`: a deck's camera in simulated time, with the stream's delay, losses and freezes."""

from __future__ import annotations

import math
import random
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from firmware_bridge.repeating import TickingClock
from reprohrl.contracts.drone import Frame

_STEP_S = 1.0 / 120.0
_EPS = 1e-9


@dataclass(frozen=True, slots=True)
class StreamProfile:
    """fps; delay_s from exposure to arrival; the share of frames that never arrive; and freezes.

    known_delay_s   what the receiver takes off its time of arrival to stamp a frame
    freeze_every_s  mean time between freezes, each freeze_s long; inf: none
    """

    fps: float = 8.0
    delay_s: float = 0.125
    known_delay_s: float = 0.0
    drop: float = 0.0
    freeze_every_s: float = math.inf
    freeze_s: float = 0.0


class SteppedCamera:
    """Exposes with `expose()` at the stream's rate whether somebody reads or not; reading lets time pass."""

    def __init__(
        self,
        clock: TickingClock,
        expose: Callable[[], NDArray[np.uint8]],
        profile: StreamProfile | None = None,
        *,
        seed: int = 0,
    ) -> None:
        self.profile = profile or StreamProfile()
        self._clock, self._take = clock, expose
        self._random = random.Random(f"{seed}/camera")
        self._under_way: deque[tuple[float, NDArray[np.uint8]]] = deque()
        self._frozen_until = -math.inf
        self._freeze_at = clock.now() + self._pause()
        self._cancel = clock.every(1.0 / self.profile.fps, self._expose)

    def read(self, timeout_s: float) -> Frame | None:
        """Return the newest frame that has arrived and was not returned, or None after `timeout_s`."""
        deadline = self._clock.now() + timeout_s
        while (frame := self._newest()) is None:
            left = deadline - self._clock.now()
            if left <= _EPS:
                return None
            self._clock.sleep(min(_STEP_S, left) if left > _STEP_S else _STEP_S)
        return frame

    def close(self) -> None:
        self._cancel()

    def _expose(self) -> None:
        now = self._clock.now()
        if now >= self._freeze_at:
            self._frozen_until = now + self.profile.freeze_s
            self._freeze_at = self._frozen_until + self._pause()
        lost = self._random.random() < self.profile.drop
        if now >= self._frozen_until and not lost:
            self._under_way.append((now + self.profile.delay_s, self._take()))

    def _newest(self) -> Frame | None:
        found = None
        while self._under_way and self._under_way[0][0] <= self._clock.now() + _EPS:
            arrived, pixels = self._under_way.popleft()
            found = Frame(pixels, arrived - self.profile.known_delay_s)
        return found

    def _pause(self) -> float:
        every = self.profile.freeze_every_s
        return self._random.expovariate(1.0 / every) if math.isfinite(every) else math.inf

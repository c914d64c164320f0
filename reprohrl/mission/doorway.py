"""When a doorway was passed: by the side ranges, the drone's motion and the floor left to look at."""

from __future__ import annotations

import math
from collections import deque
from statistics import median

from reprohrl.contracts.features import SEARCH_ROUTE, ObjectFeatures, R
from reprohrl.contracts.state import Range

NARROW_M, EACH_SIDE_M = 1.1, 0.7
"""Left and right range together, and each: a doorway is 0.9 to 1.1 m wide."""

THROUGH_M = 0.3
"""Flown beyond the narrow place, for the drone to be through it."""

LONGEST_M = 0.5
"""A narrow stretch longer than this is a passage beside something, no doorway: walls are thin."""

NEW_FLOOR_M2 = 0.45
"""Floor not looked at yet that another room shows at once; a gap between two things in the same room showed
at most 0.4 m^2 in 20 flights, a doorway at least 0.5."""

SHOWS_S = 2.0
_BEFORE = slice(0, 20)
_FRAMES = 30


class Doorway:
    """Watches for a short narrow place between both sides, for it to lie behind, and for new floor to show.

    A doorway flown through at a slant can go unnoticed: the side ranges are all the drone knows of it.
    """

    def __init__(self) -> None:
        self._began: tuple[float, float] | None = None  # where the narrow stretch begins and ends
        self._narrow: tuple[float, float] | None = None
        self._areas: deque[float] = deque(maxlen=_FRAMES)  # [m^2] of the last three seconds
        self.maybe = False  # a narrow place was passed; whether it was a doorway is not known
        self._passed: tuple[float, float] | None = None  # when a narrow place was passed, and the area before

    def update(self, features: ObjectFeatures) -> bool:
        """Take one frame into account; return whether a doorway was passed."""
        area = float(features.routes[SEARCH_ROUTE, R.AREA])
        self._areas.append(area)
        if self._through(features):
            self.maybe = True
            self._passed = (features.stamp, median(list(self._areas)[_BEFORE]))
        if self._passed is None:
            return False
        stamp, before = self._passed
        if features.stamp - stamp > SHOWS_S:
            self._passed = None
        return area >= before + NEW_FLOOR_M2

    def _through(self, features: ObjectFeatures) -> bool:
        """Return whether a short narrow place has just been left behind."""
        x, y, _ = features.state.position
        left, right = features.state.ranges[Range.LEFT], features.state.ranges[Range.RIGHT]
        if left + right < NARROW_M and max(left, right) < EACH_SIDE_M:
            if self._narrow is None or math.dist((x, y), self._narrow) > LONGEST_M:
                self._began = (x, y)
            self._narrow = (x, y)
            return False
        if self._narrow is None or self._began is None or math.dist((x, y), self._narrow) <= THROUGH_M:
            return False
        short = math.dist(self._began, self._narrow) <= LONGEST_M
        self._began = self._narrow = None
        return short

"""When a doorway was passed, judged from the side ranges and the drone's own motion."""

from __future__ import annotations

import math

from reprohrl.contracts.features import ObjectFeatures
from reprohrl.contracts.state import Range

NARROW_M, EACH_SIDE_M = 1.1, 0.7
"""Left and right range together, and each: a doorway is 0.9 to 1.1 m wide."""

THROUGH_M = 0.3
"""Flown beyond the narrow place, for the drone to be through it."""

LONGEST_M = 0.5
"""A narrow stretch longer than this is a passage beside something, no doorway: walls are thin."""


class Doorway:
    """Watches for a short narrow place between both sides, and for it to lie behind.

    A gap between two things as narrow as a door counts as one, and a doorway flown through at a slant can go
    unnoticed: the side ranges are all the drone knows of it.
    """

    def __init__(self) -> None:
        self._began: tuple[float, float] | None = None  # where the narrow stretch begins and ends
        self._narrow: tuple[float, float] | None = None

    def update(self, features: ObjectFeatures) -> bool:
        """Take one frame into account; return whether a doorway was passed."""
        here = features.state.position[:2]
        left, right = features.state.ranges[Range.LEFT], features.state.ranges[Range.RIGHT]
        if left + right < NARROW_M and max(left, right) < EACH_SIDE_M:
            if self._narrow is None or math.dist(here, self._narrow) > LONGEST_M:
                self._began = here
            self._narrow = here
            return False
        if self._narrow is None or self._began is None or math.dist(here, self._narrow) <= THROUGH_M:
            return False
        short = math.dist(self._began, self._narrow) <= LONGEST_M
        self._began = self._narrow = None
        return short

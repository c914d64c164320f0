"""When a doorway was passed, judged from the side ranges and the drone's own motion."""

from __future__ import annotations

import math

from reprohrl.contracts.features import ObjectFeatures
from reprohrl.contracts.state import Range

NARROW_M = 1.5
"""Left and right range together: a doorway is 0.9 to 1.1 m wide, and is rarely flown through squarely."""

EACH_SIDE_M = 0.95
THROUGH_M = 0.5
"""Flown beyond the narrow place, for the drone to be through it."""


class Doorway:
    """Watches for a narrow place on both sides, and for it to lie behind.

    A gap between two things as narrow as a door counts as one: the drone cannot tell them apart.
    """

    def __init__(self) -> None:
        self._narrow: tuple[float, float] | None = None

    def update(self, features: ObjectFeatures) -> bool:
        """Take one frame into account; return whether a doorway was passed."""
        x, y, _ = features.state.position
        left, right = features.state.ranges[Range.LEFT], features.state.ranges[Range.RIGHT]
        if left + right < NARROW_M and max(left, right) < EACH_SIDE_M:
            self._narrow = (x, y)
            return False
        return self._narrow is not None and math.hypot(x - self._narrow[0], y - self._narrow[1]) > THROUGH_M

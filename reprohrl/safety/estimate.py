"""Whether an estimate moves as it says it does: a position that jumps is no position."""

from __future__ import annotations

import math

from reprohrl.contracts.state import DroneState

_LONGEST_S = 0.5
"""States farther apart than this are not compared: a link that was silent is no jumping estimator."""


class EstimateCheck:
    """Compares each state with the one before it."""

    def __init__(self) -> None:
        self._last: DroneState | None = None

    def reset(self) -> None:
        self._last = None

    def jump_m(self, state: DroneState) -> float:
        """Return how much farther [m] the position moved than either state's speed explains."""
        last = self._last
        if last is not None and state.stamp == last.stamp:
            return 0.0
        self._last = state
        if last is None or not 0.0 < state.stamp - last.stamp <= _LONGEST_S:
            return 0.0
        moved = math.dist(last.position, state.position)
        fastest = max(math.hypot(*last.velocity), math.hypot(*state.velocity))
        return max(0.0, moved - fastest * (state.stamp - last.stamp))

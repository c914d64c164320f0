"""Which stage of the graph fell silent: the one farthest behind the stage before it."""

from __future__ import annotations

STAGES = ("detector", "mission", "goal_selector", "navigator")
"""In the order they answer a frame; each needs the one before it."""


class Chain:
    """Remembers the newest stamp [ns] each stage answered."""

    def __init__(self) -> None:
        self._newest = dict.fromkeys(STAGES, -1)
        self.frame = -1

    def reset(self) -> None:
        self._newest = dict.fromkeys(STAGES, -1)
        self.frame = -1

    def framed(self, key: int) -> None:
        """Note a new frame; before the first, every stage is in time."""
        if self.frame < 0:
            self._newest = dict.fromkeys(STAGES, key - 1)
        self.frame = max(self.frame, key)

    def answered(self, stage: str, key: int) -> None:
        """Note an answer; one for a frame that never was counts for nothing."""
        if key <= self.frame:
            self._newest[stage] = max(self._newest[stage], key)

    def complete(self) -> bool:
        """Tell whether the newest frame's command has come."""
        return self._newest[STAGES[-1]] >= self.frame

    def silent(self, tolerance_ns: int = 250_000_000) -> str:
        """Return the stage that lags behind its predecessor the most, if by more than the tolerance.

        While the supervisor answers for a dead stage, frames may come faster than the living ones work,
        so that all of them are behind the newest frame.
        """
        before, worst, name = self.frame, tolerance_ns, ""
        for stage in STAGES:
            newest = self._newest[stage]
            if before - newest > worst:
                worst, name = before - newest, stage
            before = min(before, newest)
        return name

"""Which stage of the graph fell silent: the first one that has not answered the newest frame."""

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
        """Note a new frame."""
        self.frame = max(self.frame, key)

    def answered(self, stage: str, key: int) -> None:
        """Note an answer; one for a frame that never was counts for nothing."""
        if key <= self.frame:
            self._newest[stage] = max(self._newest[stage], key)

    def complete(self) -> bool:
        """Tell whether the newest frame's command has come."""
        return self._newest[STAGES[-1]] >= self.frame

    def silent(self, tolerance_ns: int = 250_000_000) -> str:
        """Return the first stage that lags behind the newest frame by more than the tolerance, or ''."""
        late = (stage for stage in STAGES if self.frame - self._newest[stage] > tolerance_ns)
        return next(late, "")

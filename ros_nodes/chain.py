"""Which stage of the graph fell silent: the first one that has been silent as long as the last one."""

from __future__ import annotations

STAGES = ("detector", "mission", "goal_selector", "navigator")
"""In the order they answer a frame; each needs the one before it."""

NOTABLE_S = 0.2
"""Wall time a stage may be silent without being named."""


class Chain:
    """Remembers when [s, wall time] each stage last answered a frame, and the newest stamps [ns]."""

    def __init__(self) -> None:
        self.reset(0.0)

    def reset(self, now: float) -> None:
        """Begin a flight: every stage is in time."""
        self._answered = dict.fromkeys(STAGES, now)
        self._commanded = self._frame = -1

    def framed(self, stamp: int) -> None:
        """Note a new frame."""
        self._frame = max(self._frame, stamp)

    def answered(self, stage: str, stamp: int, now: float) -> None:
        """Note an answer; one for a frame that never was counts for nothing."""
        if 0 <= stamp <= self._frame:
            self._answered[stage] = now
            if stage == STAGES[-1]:
                self._commanded = max(self._commanded, stamp)

    def complete(self) -> bool:
        """Tell whether the newest frame's command has come."""
        return self._commanded >= self._frame

    def silent(self, now: float) -> str:
        """Return the stage that made the chain fall silent, '' while it has not.

        Those behind a dead stage starve at the same moment; those before it go on.
        """
        longest = now - self._answered[STAGES[-1]]
        if longest < NOTABLE_S:
            return ""
        return next(stage for stage in STAGES if now - self._answered[stage] > longest / 2)

"""The interface of everything that decides what to do next: learned, scripted, language, team."""

from __future__ import annotations

from typing import Protocol

from reprohrl.contracts.features import ObjectFeatures
from reprohrl.contracts.mission import MissionStatus, Option


class Planner(Protocol):
    """A goal selector. Called at the decision rate (2 Hz) with the newest features and progress."""

    name: str

    def reset(self, *, seed: int = 0) -> None:
        """Forget everything; the next `decide` starts a mission."""

    def decide(self, features: ObjectFeatures, status: MissionStatus) -> Option:
        """Return the option to follow until the next decision."""
        ...

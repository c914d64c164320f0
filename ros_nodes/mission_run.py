"""One mission from take-off to landing, as a small state machine with a deadline for each wait."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from rclpy.task import Future

from reprohrl.contracts.features import ObjectFeatures
from reprohrl.contracts.mission import Mission, MissionPhase, MissionStatus
from reprohrl.mission.tracker import MissionTracker


class Leg(StrEnum):
    """What is being waited for."""

    WAITING = "the drone, the supervisor, and an answer of all stages to a frame on the ground"
    CLIMBING = "the first frame in the air"
    FLYING = "the mission's end"
    LANDING = "the landing"


DEADLINE_S = {Leg.WAITING: 40.0, Leg.CLIMBING: 40.0, Leg.LANDING: 40.0}
"""Wall time each wait may take; flying is bounded by the mission's own limits and by silence."""

SILENCE_S = 3.0
"""Wall time without a word of the drone node after which it counts as dead."""


@dataclass(slots=True)
class MissionRun:
    """State of the mission being flown. `after_flight` is the number of the flight before the take-off."""

    number: int
    mission: Mission
    goal_handle: Any
    since: float
    ended: Future = field(default_factory=Future)
    landed: Future = field(default_factory=Future)
    tracker: MissionTracker = field(init=False)
    leg: Leg = Leg.WAITING
    reason: str = ""
    status: MissionStatus | None = None
    first_stamp: float | None = None
    climbing: bool = False  # a take-off was asked for
    after_flight: int = 0
    was_up: bool = False
    first_command: int | None = None  # stamp of the newest command when the mission was asked for

    def __post_init__(self) -> None:
        self.tracker = MissionTracker(self.mission)

    def enter(self, leg: Leg, now: float) -> None:
        self.leg, self.since = leg, now

    def late(self, now: float) -> bool:
        """Tell whether the present wait is over its deadline."""
        return now - self.since > DEADLINE_S.get(self.leg, float("inf"))

    def update(self, features: ObjectFeatures, now: float) -> MissionStatus:
        """Take one frame into account; ends the run when the mission is over."""
        if self.leg in (Leg.WAITING, Leg.CLIMBING):
            self.enter(Leg.FLYING, now)
            self.first_stamp = features.stamp
        self.status = self.tracker.update(features)
        if self.tracker.done:
            self.end(self.status.reason)
        return self.status

    def end(self, reason: str) -> None:
        """End the mission; the first reason stays."""
        if not self.ended.done():
            self.reason = reason
            self.tracker.fail(reason)
            self.ended.set_result(reason)

    def cancel(self, reason: str) -> None:
        if not self.ended.done():
            self.tracker.cancel(reason)
            self.end(reason)

    @property
    def succeeded(self) -> bool:
        return self.status is not None and self.status.phase is MissionPhase.SUCCEEDED

    @property
    def reached(self) -> list[str]:
        return list(self.status.mission.names[: self.status.index]) if self.status is not None else []

    @property
    def elapsed_s(self) -> float:
        if self.status is None or self.first_stamp is None:
            return 0.0
        return self.status.stamp - self.first_stamp

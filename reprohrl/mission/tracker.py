"""`MissionTracker`: which goal is next, and how the mission stands."""

from __future__ import annotations

import numpy as np

from reprohrl.contracts.features import ObjectFeatures
from reprohrl.contracts.mission import Mission, MissionPhase, MissionStatus
from reprohrl.mission.reach import HOLD_S, is_near, surface_distance

_TIE_S = 1e-6


class MissionTracker:
    """Advances through a mission as goals are reached; it sees only what the drone sees.

    A goal is reached after `HOLD_S` near it without a break. A leg that outlasts the mission's time
    limit per goal fails the mission. A pause stops both clocks.
    """

    def __init__(self, mission: Mission) -> None:
        self.mission = mission
        self.reset()

    def reset(self) -> None:
        self._phase = MissionPhase.ACTIVE
        self._index = 0
        self._reason = ""
        self._elapsed_s = 0.0
        self._leg_s = 0.0
        self._near_s: float | None = None
        self._last_stamp: float | None = None

    def pause(self, paused: bool) -> None:
        """Pause or resume an active mission; anything else is left as it is."""
        if paused and self._phase is MissionPhase.ACTIVE:
            self._phase = MissionPhase.PAUSED
        elif not paused and self._phase is MissionPhase.PAUSED:
            self._phase = MissionPhase.ACTIVE

    def cancel(self, reason: str = "cancelled by the operator") -> None:
        self._end(MissionPhase.CANCELLED, reason)

    def fail(self, reason: str) -> None:
        self._end(MissionPhase.FAILED, reason)

    @property
    def done(self) -> bool:
        return self._phase in (MissionPhase.SUCCEEDED, MissionPhase.FAILED, MissionPhase.CANCELLED)

    def update(self, features: ObjectFeatures) -> MissionStatus:
        """Take one frame's features into account and return the status, stamped like them."""
        dt = 0.0 if self._last_stamp is None else max(0.0, features.stamp - self._last_stamp)
        self._last_stamp = features.stamp
        distance = float("inf")
        if not self.done:
            goal = np.array([self.mission.goals[self._index]])
            ranges = np.array([features.state.ranges], dtype=np.float64)
            distance = float(surface_distance(features.values[None], ranges, goal)[0])
            if self._phase is MissionPhase.ACTIVE:
                self._elapsed_s += dt
                self._leg_s += dt
                self._advance(bool(is_near(features.values[None], ranges, goal)[0]), dt)
        return MissionStatus(
            self.mission,
            self._index,
            self._phase,
            features.stamp,
            self._elapsed_s,
            self._leg_s,
            distance,
            self._reason,
        )

    def _advance(self, near: bool, dt: float) -> None:
        self._near_s = ((self._near_s + dt) if self._near_s is not None else 0.0) if near else None
        if self._near_s is not None and self._near_s >= HOLD_S - _TIE_S:
            self._index += 1
            self._leg_s, self._near_s = 0.0, None
            if self._index == len(self.mission.goals):
                self._end(MissionPhase.SUCCEEDED, "all goals reached")
        elif self._leg_s > self.mission.time_limit_per_goal_s:
            name = self.mission.names[self._index]
            self._end(
                MissionPhase.FAILED, f"{name} not reached within {self.mission.time_limit_per_goal_s:g} s"
            )

    def _end(self, phase: MissionPhase, reason: str) -> None:
        if not self.done:
            self._phase, self._reason = phase, reason

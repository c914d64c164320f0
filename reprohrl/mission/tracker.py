"""`MissionTracker`: which goal is next, and how the mission stands."""

from __future__ import annotations

import math

from reprohrl.contracts.features import ObjectFeatures
from reprohrl.contracts.mission import Mission, MissionPhase, MissionStatus
from reprohrl.contracts.state import Range
from reprohrl.mission.reach import HOLD_S, HOME_M, compile_reach, goal_distance, is_near

RETURN_LIMIT_S = 30.0
"""Longest flight home after a goal was declared absent; the drone lands where it is after that."""

_TIE_S = 1e-6


class MissionTracker:
    """Advances through a mission as goals are reached; it sees only what the drone sees.

    A goal is reached after `HOLD_S` near it without a break. A leg that outlasts the mission's time
    limit per goal fails the mission. A pause stops both clocks. A goal declared absent fails the mission
    too, once the drone is back where the flight began.
    """

    def __init__(self, mission: Mission) -> None:
        self.mission = mission
        compile_reach()
        self.reset()

    def reset(self) -> None:
        self._phase = MissionPhase.ACTIVE
        self._index = 0
        self._reason = ""
        self._elapsed_s = 0.0
        self._leg_s = 0.0
        self._near_s: float | None = None
        self._last_stamp: float | None = None
        self._home: tuple[float, float] | None = None

    def pause(self, paused: bool) -> None:
        """Pause or resume an active mission; anything else is left as it is."""
        if paused and self._phase is MissionPhase.ACTIVE:
            self._phase = MissionPhase.PAUSED
        elif not paused and self._phase is MissionPhase.PAUSED:
            self._phase = MissionPhase.ACTIVE

    def cancel(self, reason: str = "cancelled by the operator") -> None:
        self._end(MissionPhase.CANCELLED, reason)

    def declare_absent(self) -> None:
        """Give up the current goal of an active mission: it is not here. Next comes the way home."""
        if self._phase is MissionPhase.ACTIVE:
            self._phase = MissionPhase.RETURNING
            self._reason = f"{self.mission.names[self._index]} is not here"
            self._leg_s, self._near_s = 0.0, None

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
            goal, ranges = self.mission.goals[self._index], features.state.ranges
            distance = goal_distance(features.values, ranges, goal)
            if self._phase in (MissionPhase.ACTIVE, MissionPhase.RETURNING):
                self._elapsed_s += dt
                self._leg_s += dt
            if self._phase is MissionPhase.ACTIVE:
                self._advance(is_near(features.values[goal], float(ranges[Range.FRONT]), goal), dt)
            away = self._from_home(features)
            if self._phase is MissionPhase.RETURNING and (away < HOME_M or self._leg_s > RETURN_LIMIT_S):
                self._end(MissionPhase.FAILED, f"{self._reason}; {'back' if away < HOME_M else 'not'} home")
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

    def _from_home(self, features: ObjectFeatures) -> float:
        """Return the horizontal distance [m] to where the first frame was taken."""
        x, y, _ = features.state.position
        if self._home is None:
            self._home = (x, y)
        return math.hypot(x - self._home[0], y - self._home[1])

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

"""`MissionJudge`: did the mission succeed, by the simulator's truth and the benchmark's rule?"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

from reprohrl.contracts.vocabulary import GOAL_CLASSES

REACH_M = 0.5
HOLD_S = 0.5
HOME_M, HOME_S = 0.5, 30.0
"""Horizontal distance that counts as home after a goal was declared absent, and the time for the way."""

_TIE_S = 1e-6


class Outcome(StrEnum):
    """How an episode ended. `UNFINISHED`: the flight ended before its mission did."""

    RUNNING = "running"
    SUCCESS = "success"
    TIMEOUT = "time-out"
    COLLISION_WALL = "hit a wall"
    COLLISION_FLOOR = "hit the floor"
    COLLISION_OBSTACLE = "hit an obstacle"
    COLLISION_GOAL = "hit the goal"
    WRONG_GOAL = "hit a wrong goal"
    WRONGLY_ABSENT = "declared a goal absent that is there"
    UNFINISHED = "unfinished"


@dataclass(frozen=True, slots=True)
class Judgement:
    """An episode in numbers. `leg_times_s` has one entry per goal reached; `path_m` is the flown length.

    any_order    commanded goals visited at all, in whichever order
    declared_s   when the current goal was declared absent, from the mission's start; nan when it was not
    """

    outcome: Outcome
    goals_reached: int
    goals: int
    duration_s: float
    leg_times_s: tuple[float, ...]
    path_m: float
    contact: str = ""
    any_order: int = 0
    declared_s: float = math.nan

    @property
    def success(self) -> bool:
        return self.outcome is Outcome.SUCCESS

    @property
    def progress(self) -> float:
        return 1.0 if self.success else self.goals_reached / self.goals

    def spl(self, shortest_m: float) -> float:
        """Return success weighted by path length (Anderson et al. 2018, arXiv 1807.06757).

        Where there was nothing to fly to, it is success itself.
        """
        if not self.success:
            return 0.0
        return 1.0 if shortest_m <= 0.0 else shortest_m / max(shortest_m, self.path_m)


class MissionJudge:
    """Success: every goal reached in order (0.5 m from its surface for 0.5 s), no contact, in time.

    `goals` are class ids; each may take `time_limit_s` from when it became the current one. A goal that is
    not there (its distance is infinite) has to be declared absent in that time, and the drone has to come
    back to where it was first seen within `HOME_S`. The first failure is final; after the last goal, or back
    home, nothing can go wrong any more.
    """

    def __init__(self, goals: Sequence[int], time_limit_s: float = 60.0) -> None:
        if not goals:
            raise ValueError("a mission needs at least one goal")
        self._goals, self._limit_s = tuple(goals), time_limit_s
        self._outcome = Outcome.RUNNING
        self._legs: list[float] = []
        self._start = math.nan
        self._now = self._leg_start = 0.0
        self._near_since: float | None = None
        self._any_since: dict[int, float] = {}
        self._visited: set[int] = set()
        self._declared = math.nan
        self._home: tuple[float, ...] | None = None
        self._position: tuple[float, ...] | None = None
        self._path_m = 0.0
        self._contact = ""

    def update(
        self,
        t: float,
        goal_distance_m: NDArray[np.float64] | Sequence[float],
        contact: str | None,
        position: Sequence[float] | None = None,
        *,
        declared_absent: bool = False,
    ) -> Outcome:
        """Judge one moment: time [s], (K,) surface distances [m], what is touched, where [m].

        `declared_absent`: the drone says that the current goal is not there; once is enough.
        """
        if self._outcome is not Outcome.RUNNING:
            return self._outcome
        if math.isnan(self._start):
            self._start = self._leg_start = t
        self._now = t
        self._walk(position)
        if contact:
            self._contact = contact
            self._outcome = self.blame(contact)
        elif not math.isnan(self._declared):
            self._come_home(t)
        elif t - self._leg_start > self._limit_s + _TIE_S:
            self._outcome = Outcome.TIMEOUT
        else:
            self._visit(t, goal_distance_m)
            distance = float(goal_distance_m[self._goals[len(self._legs)]])
            self._advance(t, distance)
            if declared_absent and self._outcome is Outcome.RUNNING:
                self._declare(t, distance)
        return self._outcome

    def finish(self) -> Judgement:
        """End the episode and return the judgement; what is still running is unfinished."""
        if self._outcome is Outcome.RUNNING:
            self._outcome = Outcome.UNFINISHED
        return Judgement(
            self._outcome,
            len(self._legs),
            len(self._goals),
            0.0 if math.isnan(self._start) else self._now - self._start,
            tuple(self._legs),
            self._path_m,
            self._contact,
            len(self._visited),
            self._declared - self._start,
        )

    def _declare(self, t: float, distance: float) -> None:
        """Take the drone's word that the current goal is not there."""
        self._declared = t
        if math.isinf(distance):
            self._come_home(t)
        else:
            self._outcome = Outcome.WRONGLY_ABSENT

    def _come_home(self, t: float) -> None:
        if t - self._declared > HOME_S + _TIE_S:
            self._outcome = Outcome.TIMEOUT
        elif self._home is None or self._position is None:
            return
        elif math.dist(self._home[:2], self._position[:2]) <= HOME_M:
            self._outcome = Outcome.SUCCESS

    def _visit(self, t: float, goal_distance_m: NDArray[np.float64] | Sequence[float]) -> None:
        """Note the commanded goals the drone has stayed near, whichever is the current one."""
        for goal in self._goals:
            if float(goal_distance_m[goal]) > REACH_M:
                self._any_since.pop(goal, None)
            elif t - self._any_since.setdefault(goal, t) >= HOLD_S - _TIE_S:
                self._visited.add(goal)

    def _advance(self, t: float, distance: float) -> None:
        if not distance <= REACH_M:
            self._near_since = None
            return
        if self._near_since is None:
            self._near_since = t
        if t - self._near_since >= HOLD_S - _TIE_S:
            self._legs.append(t - self._leg_start)
            self._leg_start, self._near_since = t, None
            if len(self._legs) == len(self._goals):
                self._outcome = Outcome.SUCCESS

    def _walk(self, position: Sequence[float] | None) -> None:
        if position is None:
            return
        here = tuple(float(v) for v in position)
        if self._position is not None:
            self._path_m += math.dist(self._position, here)
        else:
            self._home = here
        self._position = here

    def blame(self, contact: str) -> Outcome:
        """Return the outcome that touching something is."""
        kind, _, name = contact.partition(":")
        if kind == "goal":
            current = GOAL_CLASSES[self._goals[min(len(self._legs), len(self._goals) - 1)]]
            return Outcome.COLLISION_GOAL if name == current else Outcome.WRONG_GOAL
        known = {
            "wall": Outcome.COLLISION_WALL,
            "ceiling": Outcome.COLLISION_WALL,
            "floor": Outcome.COLLISION_FLOOR,
        }
        return known.get(kind, Outcome.COLLISION_OBSTACLE)

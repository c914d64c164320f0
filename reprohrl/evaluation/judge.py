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
    UNFINISHED = "unfinished"


@dataclass(frozen=True, slots=True)
class Judgement:
    """An episode in numbers. `leg_times_s` has one entry per goal reached; `path_m` is the flown length."""

    outcome: Outcome
    goals_reached: int
    goals: int
    duration_s: float
    leg_times_s: tuple[float, ...]
    path_m: float
    contact: str = ""

    @property
    def success(self) -> bool:
        return self.outcome is Outcome.SUCCESS

    @property
    def progress(self) -> float:
        return self.goals_reached / self.goals

    def spl(self, shortest_m: float) -> float:
        """Return success weighted by path length (Anderson et al. 2018, arXiv 1807.06757)."""
        if not self.success:
            return 0.0
        return 1.0 if shortest_m <= 0.0 else shortest_m / max(shortest_m, self.path_m)


class MissionJudge:
    """Success: every goal reached in order (0.5 m from its surface for 0.5 s), no contact, in time.

    `goals` are class ids; each may take `time_limit_s` from when it became the current one. The first
    failure is final; after the last goal nothing can go wrong any more.
    """

    def __init__(self, goals: Sequence[int], time_limit_s: float = 60.0) -> None:
        if not goals:
            raise ValueError("a mission needs at least one goal")
        self._goals, self._limit_s = tuple(goals), time_limit_s
        self._outcome = Outcome.RUNNING
        self._legs: list[float] = []
        self._start: float | None = None
        self._now = self._leg_start = 0.0
        self._near_since: float | None = None
        self._position: tuple[float, ...] | None = None
        self._path_m = 0.0
        self._contact = ""

    def update(
        self,
        t: float,
        goal_distance_m: NDArray[np.float64] | Sequence[float],
        contact: str | None,
        position: Sequence[float] | None = None,
    ) -> Outcome:
        """Judge one moment: time [s], (K,) surface distances [m], what is touched, where [m]."""
        if self._outcome is not Outcome.RUNNING:
            return self._outcome
        if self._start is None:
            self._start = self._leg_start = t
        self._now = t
        self._walk(position)
        if contact:
            self._contact = contact
            self._outcome = self._blame(contact)
        elif t - self._leg_start > self._limit_s + _TIE_S:
            self._outcome = Outcome.TIMEOUT
        else:
            self._advance(t, float(goal_distance_m[self._goals[len(self._legs)]]))
        return self._outcome

    def finish(self) -> Judgement:
        """End the episode and return the judgement; what is still running is unfinished."""
        if self._outcome is Outcome.RUNNING:
            self._outcome = Outcome.UNFINISHED
        return Judgement(
            self._outcome,
            len(self._legs),
            len(self._goals),
            self._now - self._start if self._start is not None else 0.0,
            tuple(self._legs),
            self._path_m,
            self._contact,
        )

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
        self._position = here

    def _blame(self, contact: str) -> Outcome:
        kind, _, name = contact.partition(":")
        if kind == "goal":
            current = GOAL_CLASSES[self._goals[len(self._legs)]]
            return Outcome.COLLISION_GOAL if name == current else Outcome.WRONG_GOAL
        known = {
            "wall": Outcome.COLLISION_WALL,
            "ceiling": Outcome.COLLISION_WALL,
            "floor": Outcome.COLLISION_FLOOR,
        }
        return known.get(kind, Outcome.COLLISION_OBSTACLE)


def shortest_straight_m(start: Sequence[float], goals: Sequence[Sequence[float]], reach_m: float) -> float:
    """Return a lower bound [m] on the path: straight to within `reach_m` of each goal's centre, in order.

    `reach_m` is the object's radius plus `REACH_M`. The horizontal plane alone counts.
    """
    here = np.asarray(start, np.float64)[:2]
    total = 0.0
    for goal in goals:
        there = np.asarray(goal, np.float64)[:2]
        away = float(np.linalg.norm(there - here))
        if away > reach_m:
            here = here + (there - here) * (1.0 - reach_m / away)
            total += away - reach_m
    return total

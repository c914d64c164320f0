"""What an episode is, and what came of it."""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict, dataclass, field, replace
from enum import StrEnum
from typing import Any

from reprohrl.contracts.mission import Mission
from reprohrl.evaluation.judge import Outcome
from reprohrl.language.models.settings import LanguageSettings
from reprohrl.language.plain import mission_from_plain


class Rung(StrEnum):
    """How the drone perceives."""

    R0 = "R0"  # truth boxes, no latency
    R1 = "R1"  # truth boxes with misses, false boxes, jitter and 100 to 150 ms latency
    R2 = "R2"  # the shipped detector on rendered frames
    R3 = "R3"  # R2 with a noisier sensor, motion blur, and frames that drop, tear and freeze


@dataclass(frozen=True, slots=True)
class EpisodeSpec:
    """One episode. The scene depends on `task`, `split` and `seed` alone: methods are compared in pairs.

    goals     class ids instead of the scene's own
    language  what a planner that reads is made of; None for the others
    orders    a mission beyond goals in order, as JSON (`reprohrl.language.plain`); empty: the scene's goals
    """

    task: str
    seed: int
    rung: Rung = Rung.R2
    colour: bool = False
    planner: str = "learned"
    navigator: str = "learned"
    renderer: str = "ray"
    world: str = "bullet"
    split: str = "test"
    goals: tuple[int, ...] = ()
    time_limit_per_goal_s: float = 60.0
    language: LanguageSettings | None = None
    orders: str = ""

    def mission(self, goals: tuple[int, ...] = ()) -> Mission:
        """Return what is to be flown; `goals` are the scene's own."""
        if self.orders:
            return mission_from_plain(json.loads(self.orders))
        return Mission(self.goals or goals, self.time_limit_per_goal_s)

    def family(self) -> str:
        """Return a hash of everything but the seed."""
        plain = asdict(replace(self, seed=0))
        if self.language is None:
            del plain["language"]  # as it was before there were such planners
        if not self.orders:
            del plain["orders"]
        return hashlib.sha256(json.dumps(plain, sort_keys=True).encode()).hexdigest()[:12]


@dataclass(frozen=True, slots=True)
class EpisodeResult:
    """What came of an episode, judged from simulator truth.

    goal_in_view  whether the first goal was in view when the mission began
    leg_times_s   one per goal reached, simulated seconds
    spl           success weighted by path length, against straight legs
    ending        why the flight itself ended, in words
    interventions ticks in which the supervisor did more than pass
    any_order     commanded goals visited at all, in whichever order
    declared_s    when the current goal was declared absent, from the mission's start; None when it was not
    """

    task: str
    seed: int
    outcome: Outcome
    goals: int
    goals_reached: int
    goal_in_view: bool
    duration_s: float
    leg_times_s: tuple[float, ...]
    path_m: float
    spl: float
    contact: str = ""
    ending: str = ""
    option_switches: int = 0
    interventions: int = 0
    any_order: int = 0
    declared_s: float | None = None

    @property
    def success(self) -> bool:
        return self.outcome is Outcome.SUCCESS

    @property
    def progress(self) -> float:
        """Goals reached over goals commanded; 1 for a success, also where the goal was not there."""
        return 1.0 if self.success else self.goals_reached / self.goals

    @property
    def success_in_any_order(self) -> bool:
        return self.success or self.any_order == self.goals

    def to_dict(self) -> dict[str, Any]:
        return {**asdict(self), "outcome": str(self.outcome)}

    @staticmethod
    def from_dict(d: dict[str, Any]) -> EpisodeResult:
        return EpisodeResult(
            **{**d, "outcome": Outcome(d["outcome"]), "leg_times_s": tuple(d["leg_times_s"])}
        )


@dataclass(slots=True)
class Report:
    """All episodes of one family: the same settings, different seeds."""

    spec: EpisodeSpec
    results: list[EpisodeResult] = field(default_factory=list)

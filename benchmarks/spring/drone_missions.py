"""Drone missions whose rules stand in a document alone, flown in the fast world at R1.

Each scene has four goals to be visited in whichever order. The manual, drawn with the scene's seed, says that
one of them needs a second one first, that a third needs the first, and that the fourth must never be visited.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np

from benchmarks.spring.variants import Variant, thinker
from reprohrl.cli.stage import open_stage, scene_of
from reprohrl.contracts.mission import Mission
from reprohrl.contracts.orders import Step, StepKind
from reprohrl.contracts.vocabulary import GOAL_CLASSES
from reprohrl.evaluation.spec import EpisodeSpec, Rung
from reprohrl.flight.pipeline import Detector, Pipeline, Progress, Tracker
from reprohrl.flight.result import Tick
from reprohrl.flight.runner import FlightOptions, fly
from reprohrl.mission.tracker import MissionTracker
from reprohrl.planners.asynchronous import Asynchronous
from reprohrl.planners.spring.dag import load_dag
from reprohrl.planners.worker import Thinking
from reprohrl.policies.registry import make_navigator, make_planner

TASK = "MC-4"
NEAR_M = 0.7
"""A goal counts as visited where the mission says so and the drone's surface was this near in truth."""

WATCHED_S = 10.0
"""A flight goes on so long after the last allowed goal: the forbidden one must be left alone, too."""


@dataclass(frozen=True, slots=True)
class Rules:
    """`first` before `second` before `third`; never `forbidden`. Class ids."""

    first: int
    second: int
    third: int
    forbidden: int

    @property
    def sentences(self) -> tuple[str, str, str]:
        name = GOAL_CLASSES
        return (
            f"The {name[self.second]} may only be visited after the {name[self.first]}.",
            f"The {name[self.third]} requires the {name[self.second]}.",
            f"Never fly to the {name[self.forbidden]}, its paint is wet.",
        )

    def manual(self) -> str:
        first, second, third = self.sentences
        return (
            "# Manual of the hall\n\nThe hall was built in 1970 and has been used for drones ever since.\n\n"
            f"## Order of visits\n\n{first} Its stand is fragile.\n\nVisitors come on Mondays. {second}\n\n"
            f"## Safety\n\n{third} The lights are on from eight to six.\n\n"
            "## History\n\nThe floor was renewed. The walls are white.\n"
        )


@dataclass(slots=True)
class Watch:
    """Ends a flight once it is clear how it kept the rules."""

    rules: Rules
    reached: list[int] = field(default_factory=list)
    verdict: str = ""
    done_at: float | None = None

    def __call__(self, tick: Tick) -> str | None:
        if tick.step is None:
            return None
        status = tick.step.status
        for goal in status.mission.goals[len(self.reached) : status.index]:
            near = tick.truth is not None and tick.truth.goal_distance_m[goal] < NEAR_M
            self.reached.append(goal)
            self._judge(goal, near)
        if tick.truth is not None and tick.truth.contact not in ("", "floor") and not self.verdict:
            self.verdict = f"touched {tick.truth.contact}"
        if self.verdict:
            return self.verdict
        if len(self.reached) == 3 and self.done_at is None:
            self.done_at = tick.now
        if self.done_at is not None and tick.now - self.done_at > WATCHED_S:
            self.verdict = "kept the rules"
            return self.verdict
        return None

    def _judge(self, goal: int, near: bool) -> None:
        r = self.rules
        if not near:
            self.verdict = f"believed to be at the {GOAL_CLASSES[goal]}, and was not"
        elif goal == r.forbidden:
            self.verdict = f"visited the forbidden {GOAL_CLASSES[goal]}"
        elif {r.second: r.first, r.third: r.second}.get(goal, goal) not in self.reached:
            self.verdict = f"visited the {GOAL_CLASSES[goal]} too early"


def draw(seed: int) -> tuple[Rules, int]:
    """Return the rules of a seed, and which of their sentences the variant with a fact removed lacks."""
    spec = EpisodeSpec(TASK, seed, Rung.R1, world="fast")
    rng = np.random.default_rng([seed, 20])
    order = [int(g) for g in rng.permutation(scene_of(spec).goals)]
    return Rules(*order[:4]), int(rng.integers(3))


def flown(variant: Variant, seed: int) -> dict[str, Any]:
    """Fly one mission; return whether it kept the rules, and how it went."""
    rules, lacking = draw(seed)
    mind = thinker(variant, load_dag("drone"), rules.manual(), rules.sentences[lacking])
    watch = Watch(rules)
    spec = EpisodeSpec(TASK, seed, Rung.R1, world="fast", planner="spring")

    def assemble(detector: Detector | None, tracker: Tracker, progress: Progress) -> Pipeline:
        goals = progress.mission.goals
        mission = Mission(goals, steps=(Step(StepKind.VISIT, count=len(goals)),))
        planner = Asynchronous(mind, make_planner("learned"), thinking=Thinking.INLINE)
        return Pipeline(detector, tracker, MissionTracker(mission), planner, make_navigator("learned"))

    with open_stage(spec, assemble=assemble) as stage:
        result = fly(
            stage.drone, stage.camera, stage.pipeline, stage.supervisor, stage.clock, (watch,),
            options=FlightOptions(keep_frames=False, seed=seed), truth=stage.truth.row, header=stage.header,
        )  # fmt: skip
    return {
        "seed": seed,
        "kept": watch.verdict == "kept the rules",
        "verdict": watch.verdict or f"ended: {result.reason}",
        "reached": [GOAL_CLASSES[g] for g in watch.reached],
        "rules": [*rules.sentences],
        "removed": rules.sentences[lacking],
        "seconds": round(result.duration_s, 1),
    }

"""One episode: a whole flight of the pipeline under the supervisor, judged from simulator truth."""

from __future__ import annotations

import math
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass, field, replace
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from reprohrl.contracts.clock import Clock
from reprohrl.contracts.drone import Camera, Drone
from reprohrl.contracts.mission import MissionPhase, Option, OptionKind
from reprohrl.evaluation.judge import Judgement, MissionJudge, Outcome
from reprohrl.evaluation.orders import Moment, judge_orders
from reprohrl.evaluation.spec import EpisodeResult, EpisodeSpec
from reprohrl.flight.log import FlightHeader, TruthRow
from reprohrl.flight.pipeline import Pipeline
from reprohrl.flight.result import Tick
from reprohrl.flight.runner import FlightOptions, fly
from reprohrl.safety.conditions import Reaction
from reprohrl.safety.supervisor import Supervisor


class GroundTruth(Protocol):
    """What the judge needs of a simulator."""

    def row(self) -> TruthRow: ...

    def goal_distances(self) -> NDArray[np.float64]:
        """(K,) from the drone's surface to each goal object's [m], inf where there is none."""
        ...

    def in_view(self) -> tuple[int, ...]:
        """Classes of which the newest frame shows an object."""
        ...

    def shortest_m(self) -> float:
        """Length of straight legs from the start past the goals in order."""
        ...


@dataclass(slots=True)
class Stage:
    """Everything a flight needs, put together for one episode; the drone is on the floor, connected."""

    drone: Drone
    camera: Camera
    pipeline: Pipeline
    supervisor: Supervisor
    clock: Clock
    truth: GroundTruth
    header: FlightHeader


OpenStage = Callable[[EpisodeSpec], AbstractContextManager[Stage]]


def run_episode(spec: EpisodeSpec, open_stage: OpenStage) -> EpisodeResult:
    """Fly one episode to its end: the judge's verdict, or the flight's own ending."""
    with open_stage(spec) as stage:
        referee = Referee(stage, spec)
        options = FlightOptions(keep_frames=False, seed=spec.seed)
        result = fly(
            stage.drone, stage.camera, stage.pipeline, stage.supervisor, stage.clock, (referee,),
            options=options, truth=stage.truth.row, header=stage.header,
        )  # fmt: skip
        return referee.finish(result.reason)


@dataclass(slots=True)
class Referee:
    """An observer of the flight that judges it, and ends it when the judgement is final."""

    stage: Stage
    spec: EpisodeSpec
    judge: MissionJudge = field(init=False)
    worded: bool = field(init=False, default=False)
    in_view: bool | None = None
    switches: int = 0
    interventions: int = 0
    option: Option | None = None
    moments: list[Moment] = field(default_factory=list)

    def __post_init__(self) -> None:
        mission = self.stage.pipeline.mission.mission
        self.worded = not mission.plain
        limit = math.inf if self.worded else mission.time_limit_per_goal_s
        self.judge = MissionJudge(mission.goals or (0,), limit)

    def __call__(self, tick: Tick) -> str | None:
        truth = self.stage.truth
        row = tick.truth or truth.row()
        distances = truth.goal_distances()
        if self.worded:  # it only counts time and way; the judgement is of the whole flight
            outcome = self.judge.update(tick.now, [math.inf] * len(distances), None, row.position)
        else:
            outcome = self.judge.update(
                tick.now, distances, row.contact, row.position, declared_absent=_declares(tick)
            )
        if self.in_view is None and tick.frame is not None:
            self.in_view = self.stage.pipeline.mission.mission.goals[:1] in [(g,) for g in truth.in_view()]
        if tick.step is not None:
            new = tick.step.option
            if self.option is not None and (new.kind, new.goal) != (self.option.kind, self.option.goal):
                self.switches += 1
            self.option = new
        self.interventions += tick.verdict.reaction > Reaction.PASS
        if self.worded:
            status = tick.step.status if tick.step is not None else None
            self.moments.append(
                Moment(tick.now, tuple(map(float, distances)), row.contact, row.position, status)
            )
            return f"judged: touched {row.contact}" if row.contact else None
        return f"judged: {outcome}" if outcome is not Outcome.RUNNING else None

    def finish(self, ending: str) -> EpisodeResult:
        judged = self.judge.finish()
        if self.worded:
            judged, ending = self._whole(judged, ending)
        return EpisodeResult(
            task=self.spec.task,
            seed=self.spec.seed,
            outcome=judged.outcome,
            goals=judged.goals,
            goals_reached=judged.goals_reached,
            goal_in_view=bool(self.in_view),
            duration_s=round(judged.duration_s, 3),
            leg_times_s=tuple(round(t, 3) for t in judged.leg_times_s),
            path_m=round(judged.path_m, 3),
            spl=round(judged.spl(self.stage.truth.shortest_m()), 4),
            contact=judged.contact,
            ending=ending,
            option_switches=self.switches,
            interventions=self.interventions,
            any_order=judged.any_order,
            declared_s=None if math.isnan(judged.declared_s) else round(judged.declared_s, 3),
        )

    def _whole(self, judged: Judgement, ending: str) -> tuple[Judgement, str]:
        """Return the judgement of a mission in words, and how it ended: what was not kept, if anything."""
        verdict = judge_orders(self.moments)
        last = next((m.status for m in reversed(self.moments) if m.status is not None), None)
        known = verdict in [str(o) for o in Outcome]
        reached = last.index if last is not None else 0
        asked = max(len(last.mission.goals) if last is not None else 0, reached)
        return replace(
            judged,
            outcome=Outcome(verdict) if known else Outcome.UNFINISHED,
            goals_reached=reached,
            goals=asked,
            leg_times_s=(),
        ), (ending if known else f"{ending}; {verdict}")


def _declares(tick: Tick) -> bool:
    """Return whether the drone says that the current goal is not there."""
    if tick.step is None:
        return False
    return tick.step.status.phase is MissionPhase.RETURNING or tick.step.option.kind is OptionKind.RETURN

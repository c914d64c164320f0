"""A flight that declares its goal absent is judged by whether it is, and whether the drone comes home."""

from __future__ import annotations

from dataclasses import dataclass

import pytest

from reprohrl.cli.stage import open_stage
from reprohrl.contracts.features import ObjectFeatures
from reprohrl.contracts.mission import MissionStatus, Option, OptionKind
from reprohrl.evaluation.episodes import run_episode
from reprohrl.evaluation.judge import Outcome
from reprohrl.evaluation.spec import EpisodeResult, EpisodeSpec, Rung
from reprohrl.flight.pipeline import Pipeline
from reprohrl.policies.registry import make_navigator


@dataclass
class Declares:
    """Hovers, and after `after_s` says that the goal is not here."""

    after_s: float

    def reset(self, seed: int | None = None) -> None:
        return

    def decide(self, features: ObjectFeatures, status: MissionStatus) -> Option:
        kind = OptionKind.RETURN if status.elapsed_s >= self.after_s else OptionKind.HOLD
        return Option(kind, stamp=features.stamp)


def flown(task: str, after_s: float, seed: int = 1) -> EpisodeResult:
    def assemble(detector, tracker, progress):  # type: ignore[no-untyped-def]
        return Pipeline(detector, tracker, progress, Declares(after_s), make_navigator("scripted"))

    spec = EpisodeSpec(task, seed, Rung.R0, world="fast")
    return run_episode(spec, lambda spec: open_stage(spec, assemble=assemble))


def test_a_goal_that_is_not_there_declared_at_home_is_a_success() -> None:
    result = flown("XA", 4.0)
    assert result.outcome is Outcome.SUCCESS and result.progress == 1.0
    assert result.declared_s == pytest.approx(4.0, abs=1.0)
    assert not result.goal_in_view


def test_a_goal_that_is_there_declared_absent_is_a_failure() -> None:
    result = flown("MS-2", 4.0)
    assert result.outcome is Outcome.WRONGLY_ABSENT and result.goals_reached == 0


def test_never_declaring_runs_out_of_time() -> None:
    result = flown("XA", 1000.0)
    assert result.outcome is Outcome.TIMEOUT and result.duration_s == pytest.approx(60.0, abs=0.3)

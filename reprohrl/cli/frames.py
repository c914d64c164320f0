"""Episodes of the benchmark that need frames: the whole pipeline, flown by any method."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from reprohrl.evaluation.spec import EpisodeResult, EpisodeSpec, Rung

if TYPE_CHECKING:
    from reprohrl.bench.fly import Unit
    from reprohrl.bench.suite import Cell
    from reprohrl.cli.stage import Assemble
    from reprohrl.flight.log import FlightLog
    from reprohrl.flight.pipeline import Detector, Pipeline, Progress, Tracker

PIPELINES = {
    "ours": ("learned", "learned"),
    "routes": ("rule", "routes"),
    "scripted": ("scripted", "scripted"),
}
"""Methods that are planner and navigator of the pipeline by name; the others are put on board."""


def fly_frames(unit: Unit) -> list[EpisodeResult]:
    """Fly the unit's episodes one after another; importable by name, for worker processes."""
    from reprohrl.cli.stage import open_stage
    from reprohrl.evaluation.episodes import run_episode

    results = []
    for seed in unit.seeds:
        assemble = assembly(unit.cell.method, unit.folder, seed)
        results.append(run_episode(frame_spec(unit.cell, seed), partial(open_stage, assemble=assemble)))
    return results


def fly_recorded(cell: Cell, seed: int, folder: Path | None) -> FlightLog:
    """Fly one episode of a cell as `fly_frames` does, and return its recording with the verdict."""
    from reprohrl.cli.stage import open_stage
    from reprohrl.evaluation.episodes import Referee
    from reprohrl.flight.runner import FlightOptions, fly

    spec = frame_spec(cell, seed)
    with open_stage(spec, assemble=assembly(cell.method, folder, seed)) as stage:
        stage.header.planner = stage.header.navigator = cell.method
        referee = Referee(stage, spec)
        result = fly(
            stage.drone, stage.camera, stage.pipeline, stage.supervisor, stage.clock, (referee,),
            options=FlightOptions(seed=spec.seed), truth=stage.truth.row, header=stage.header,
        )  # fmt: skip
        result.log.judged = str(referee.finish(result.reason).outcome)
    return result.log


def frame_spec(cell: Cell, seed: int) -> EpisodeSpec:
    """Return the episode of a cell: grey frames, Bullet's physics."""
    planner, navigator = PIPELINES.get(cell.method, PIPELINES["scripted"])
    return EpisodeSpec(
        cell.task, seed, Rung(cell.rung), planner=planner, navigator=navigator,
        renderer=cell.renderer or "ray",
    )  # fmt: skip


def assembly(method: str, folder: Path | None, seed: int) -> Assemble | None:
    """Return what puts `method` into the pipeline, with the policy files of `folder`; None: by its names."""
    from reprohrl.bench.onboard import Onboard
    from reprohrl.policies.paths import models_dir
    from reprohrl.training.agents import registry

    if method == "ours" and folder is not None and folder.resolve() != models_dir().resolve():
        return partial(_with_files, folder)
    if method in PIPELINES:
        return None
    return Onboard(registry.load(method, folder, 1), seed=seed).pipeline


def _with_files(folder: Path, detector: Detector | None, tracker: Tracker, mission: Progress) -> Pipeline:
    from reprohrl.flight.pipeline import Pipeline
    from reprohrl.policies.navigator import OnnxNavigator
    from reprohrl.policies.selector import OnnxSelector

    selector, navigator = folder / "selector.onnx", folder / "navigator.onnx"
    return Pipeline(detector, tracker, mission, OnnxSelector(selector), OnnxNavigator(navigator))

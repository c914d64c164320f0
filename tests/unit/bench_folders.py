"""A bench folder in the real format, with made-up results: what the tests of the report read."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np

from reprohrl.bench import ledger
from reprohrl.bench.results import CELLS
from reprohrl.bench.run import write_request
from reprohrl.bench.suite import Cell, Request
from reprohrl.bench.trained import run_folder
from reprohrl.evaluation.judge import Outcome
from reprohrl.evaluation.spec import EpisodeResult
from reprohrl.training.harness.curve import Curve, CurveRow

RATES = {"ours": 0.98, "flat-ppo": 0.9, "scripted": 0.85, "random": 0.02, "map-planner": 0.995}
FAILED = (Outcome.COLLISION_OBSTACLE, Outcome.TIMEOUT, Outcome.WRONG_GOAL, Outcome.COLLISION_WALL)


def request(**changes: object) -> Request:
    settings: dict[str, object] = {
        "suite": "paper",
        "methods": ("ours", "flat-ppo", "scripted", "random", "map-planner"),
        "tasks": ("S1", "C1", "MC-3"),
        "rungs": ("R0", "R1", "R2"),
        "train_seeds": {"ours": (0, 1, 2), "flat-ppo": (0, 1, 2), **{m: (0,) for m in list(RATES)[2:]}},
        "steps": {"ours": 1_000_000, "flat-ppo": 1_000_000},
        "truth_episodes": 200,
        "frame_episodes": 40,
    }
    return Request(**{**settings, **changes})  # type: ignore[arg-type]


def result(task: str, seed: int, rng: np.random.Generator, rate: float) -> EpisodeResult:
    goals = 3 if task == "MC-3" else 1
    good = rng.random() < rate
    reached = goals if good else int(rng.integers(0, goals))
    outcome = Outcome.SUCCESS if good else FAILED[int(rng.integers(len(FAILED)))]
    return EpisodeResult(
        task, seed, outcome, goals, reached, seed % 3 > 0, 9.0 * goals, (9.0,) * reached, 4.0,
        0.8 if good else 0.0, contact="" if good else "obstacle", option_switches=3,
    )  # fmt: skip


def fill(folder: Path, asked: Request, *, leave_out: tuple[tuple[str, str], ...] = ()) -> None:
    """Write every ledger of `asked` but those of the (method, task) pairs in `leave_out`."""
    write_request(asked, folder)
    for number, cell in enumerate(asked.cells()):
        if (cell.method, cell.task) not in leave_out:
            write_cell(folder, cell, asked.episodes(cell), number)


def write_cell(folder: Path, cell: Cell, episodes: int, number: int = 0) -> Path:
    rng = np.random.default_rng([number, cell.train_seed])
    path = folder / CELLS / cell.name
    ledger.begin(path, cell, {"code": "c0de", "models": "m0"})
    rate = RATES[cell.method] - (0.03 if cell.renderer == "bullet" else 0.0)
    ledger.add(path, [result(cell.task, e, rng, rate) for e in range(episodes)], 1.5)
    return path


def write_run(runs: Path, method: str, task: str, seed: int, *, steps_to_90: int, budget: int) -> None:
    """Write a run folder whose held-out success rises in a straight line to 90 % at `steps_to_90`."""
    folder = run_folder(runs, method, task, seed)
    folder.mkdir(parents=True)
    about = {"agent": method, "config": {"task": task, "seed": seed, "steps": budget}}
    (folder / "run.json").write_text(json.dumps(about))
    curve = Curve(folder / "curve.csv")
    for k in range(1, 11):
        steps = budget * k // 10
        success = min(1.0, 0.9 * steps / steps_to_90)
        curve.add(CurveRow(steps, steps / 1e4, steps / 2e4, success, 500, success, 200))
    numbers = {"steps": float(budget), "wall_s": budget / 1e4}
    (folder / "result.json").write_text(json.dumps({"agent": method, "steps": budget, "numbers": numbers}))

"""The trained runs a bench flies: which ones a request needs, and which are there."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from reprohrl.bench.methods import METHODS, Role
from reprohrl.bench.suite import FRAME_RUNGS, Cell, Request


@dataclass(frozen=True, slots=True)
class Training:
    """One run to train: `folder` is its run folder."""

    method: str
    task: str
    seed: int
    steps: int
    folder: Path


def training_of(cell: Cell, request: Request, runs: Path) -> Training | None:
    """Return the run `cell` flies with; None for what is not trained, and for the shipped models."""
    steps = request.steps.get(cell.method, 0)
    return training_for(cell, request.train_on or cell.task, runs, steps)


def training_for(cell: Cell, task: str, runs: Path, steps: int = 0) -> Training | None:
    """The same, for a run trained on `task`."""
    if not METHODS[cell.method].learned or is_shipped(cell):
        return None
    folder = run_folder(runs, cell.method, task, cell.train_seed)
    return Training(cell.method, task, cell.train_seed, steps, folder)


def is_shipped(cell: Cell) -> bool:
    """Whether the models of models/ fly: ours does from frames with what a user gets."""
    return METHODS[cell.method].role is Role.OURS and cell.rung in FRAME_RUNGS


def policies_of(cell: Cell, training: Training | None, models: Path | None) -> Path | None:
    """Return the folder of the cell's policy files; None for a method without."""
    if is_shipped(cell):
        return models
    return training.folder if training is not None else None


def run_folder(runs: Path, method: str, task: str, seed: int) -> Path:
    return runs / method / task / f"seed-{seed}"


def result_of(folder: Path) -> dict[str, Any] | None:
    """Return what a finished run says of itself; None for one that is not finished."""
    try:
        content: dict[str, Any] = json.loads((folder / "result.json").read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    return content


def is_finished(training: Training) -> bool:
    """Whether the run is there, finished with a budget of at least these steps."""
    result = result_of(training.folder)
    return result is not None and int(result.get("steps", 0)) >= training.steps

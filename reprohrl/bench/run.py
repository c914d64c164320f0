"""Filling a bench folder: train what is missing, then fly what is left, keeping every finished unit."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from reprohrl.bench import ledger
from reprohrl.bench.fly import FlyFrames, Unit, fly_all, units
from reprohrl.bench.plan import Places, Work, work_of
from reprohrl.bench.results import REQUEST
from reprohrl.bench.suite import Cell, Request
from reprohrl.bench.trained import Training, is_finished, policies_of, training_of
from reprohrl.policies.manifest import replace_file


@dataclass(frozen=True, slots=True)
class Tell:
    """What is told while a bench runs."""

    flown: Callable[[Cell, int, int], None]  # cell, episodes more, successes among them
    failed: Callable[[str, str], None]  # what, why


Train = Callable[[list[Training]], Iterator[tuple[Training, str]]]
"""Trains all of them and yields each as it ends, with what went wrong, "" for nothing."""


def write_request(request: Request, folder: Path) -> None:
    """Note what is asked, for the report; tasks, methods and rungs asked before are kept."""
    path = folder / REQUEST
    merged = request
    if path.is_file():
        try:
            merged = request.joined(Request.from_dict(json.loads(path.read_text())))
        except (ValueError, KeyError, TypeError):
            merged = request
    replace_file(path, (json.dumps(merged.to_dict(), indent=2) + "\n").encode())


def train_all(request: Request, places: Places, train: Train, tell: Tell) -> None:
    """Train every run that is not there. One that fails is told and left out; the bench goes on."""
    needed = dict.fromkeys(training_of(cell, request, places.runs) for cell in request.cells())
    missing = [t for t in needed if t is not None and not is_finished(t)]
    for training, error in train(missing):
        if error:
            what = f"training {training.method} on {training.task} with seed {training.seed}"
            tell.failed(what, error)


def fly_missing(
    request: Request, places: Places, fly_frames: FlyFrames, tell: Tell, *, workers: int = 1
) -> None:
    """Fly every episode that no ledger holds. Ctrl-C, or a kill, costs the units in the air alone."""
    todo: list[Unit] = []
    opened: dict[Cell, Path] = {}
    for cell in request.cells():
        work = work_of(cell, request, places)
        if not work.todo:
            continue
        if work.training is not None and not is_finished(work.training):
            continue
        opened[cell] = _open(work, places)
        todo += units(cell, work.todo, policies_of(cell, work.training, places.models))
    broken: set[Cell] = set()
    for flown in fly_all(todo, fly_frames, workers=workers):
        cell = flown.unit.cell
        if flown.error:
            if cell not in broken:
                tell.failed(cell.name.removesuffix(".jsonl"), flown.error)
            broken.add(cell)
            continue
        ledger.add(opened[cell], flown.results, flown.seconds)
        tell.flown(cell, len(flown.results), sum(r.success for r in flown.results))


def _open(work: Work, places: Places) -> Path:
    """Begin the cell's ledger, or go on with it."""
    path = places.ledger(work.cell)
    if work.stale or not path.is_file() or ledger.read(path) is None:
        ledger.begin(path, work.cell, work.fingerprint)
    return path

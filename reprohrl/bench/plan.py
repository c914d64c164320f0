"""What is left to train and to fly, and about how long it takes."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from reprohrl.bench import ledger
from reprohrl.bench.fingerprint import fingerprint
from reprohrl.bench.results import CELLS
from reprohrl.bench.suite import BULLET, Cell, Request
from reprohrl.bench.trained import Training, is_finished, policies_of, result_of, training_of

EPISODE_S = {"R0": 0.05, "R1": 0.05, "R2": 5.0, "R3": 6.0}
"""Guessed seconds of one process per episode, where no ledger tells."""

BULLET_S = 12.0
STEPS_PER_S = 10_000.0
"""Guessed decision steps of training per second, where no finished run tells."""


@dataclass(frozen=True, slots=True)
class Work:
    """One cell with episodes left. `stale` says why episodes already in its ledger do not count."""

    cell: Cell
    training: Training | None
    todo: tuple[int, ...]
    fingerprint: dict[str, str]
    stale: str = ""


@dataclass(frozen=True, slots=True)
class Plan:
    """Everything left, in order. Seconds are of one process."""

    trainings: list[Training]
    works: list[Work]
    cells: int
    train_s: float
    fly_s: float


@dataclass(frozen=True, slots=True)
class Places:
    """Where things are: the bench's folder, the trained runs, the shipped models.

    any_code  keep episodes flown by another version of the code
    """

    folder: Path
    runs: Path
    models: Path | None = None
    any_code: bool = False

    def ledger(self, cell: Cell) -> Path:
        return self.folder / CELLS / cell.name


def make_plan(request: Request, places: Places) -> Plan:
    """Compare what is asked with what the folders hold."""
    cells = request.cells()
    needed = dict.fromkeys(training_of(cell, request, places.runs) for cell in cells)
    trainings = [t for t in needed if t is not None and not is_finished(t)]
    works = [work for cell in cells if (work := work_of(cell, request, places)).todo]
    rates = _measured(places, cells)
    return Plan(
        trainings,
        works,
        len(cells),
        sum(_training_s(t, needed) for t in trainings),
        sum(len(w.todo) * rates.get(_kind(w.cell), _guess(w.cell)) for w in works),
    )


def work_of(cell: Cell, request: Request, places: Places) -> Work:
    """Return what is left of one cell."""
    training = training_of(cell, request, places.runs)
    now = fingerprint(cell, policies_of(cell, training, places.models), places.models)
    record = ledger.read(places.ledger(cell))
    stale = "" if record is None else _stale(record, now, places.any_code)
    done = set(record.episodes) if record is not None and not stale else set()
    todo = tuple(e for e in range(request.episodes(cell)) if e not in done)
    return Work(cell, training, todo, now, stale)


def _stale(record: ledger.Record, now: dict[str, str], any_code: bool) -> str:
    if not record.episodes:
        return "new"
    if record.fingerprint.get("models") != now["models"]:
        return "other models"
    if record.fingerprint.get("code") != now["code"] and not any_code:
        return "other code"
    return ""


def _measured(places: Places, cells: Iterable[Cell]) -> dict[tuple[str, ...], float]:
    """Return seconds per episode by kind of cell, from what the ledgers say."""
    sums: dict[tuple[str, ...], tuple[float, int]] = {}
    for cell in cells:
        record = ledger.read(places.ledger(cell))
        if record is not None and record.episodes and record.seconds > 0:
            seconds, count = sums.get(_kind(cell), (0.0, 0))
            sums[_kind(cell)] = (seconds + record.seconds, count + len(record.episodes))
    return {kind: seconds / count for kind, (seconds, count) in sums.items()}


def _kind(cell: Cell) -> tuple[str, ...]:
    return (cell.rung, cell.renderer, "pixels" if cell.method == "pixel-ppo" else "")


def _guess(cell: Cell) -> float:
    return BULLET_S if cell.renderer == BULLET else EPISODE_S[cell.rung]


def _training_s(training: Training, runs: Iterable[Training | None]) -> float:
    """Return the seconds of a training, from finished runs of the same method where there are any."""
    for other in runs:
        if other is None or other.method != training.method:
            continue
        result = result_of(other.folder)
        if result is not None and result["numbers"].get("steps"):
            return float(result["numbers"]["wall_s"] / result["numbers"]["steps"] * training.steps)
    return training.steps / STEPS_PER_S

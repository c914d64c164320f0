"""Learning curves of the trained runs: bands over seeds, and what it took to reach a success rate."""

from __future__ import annotations

import json
import math
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from reprohrl.contracts.errors import UserError
from reprohrl.training.harness.curve import CurveRow, read_curve

Array = NDArray[np.float64]
TARGET = 0.9
ENOUGH_EPISODES = 500
"""Training episodes a rate needs before it may stand in for a held-out evaluation."""

POINTS = 120


@dataclass(frozen=True, slots=True)
class TrainedRun:
    """One run's curve: held-out success where the run measures it, else its training success.

    steps, wall_s, success  (n,) one entry per measurement, in order
    """

    method: str
    task: str
    seed: int
    steps: Array
    wall_s: Array
    success: Array
    held_out: bool
    finished: bool
    budget: int

    def first(self, target: float = TARGET) -> tuple[float, float] | None:
        """Return (steps, seconds) of the first measurement of at least `target`, None if there is none."""
        there = np.flatnonzero(self.success >= target)
        return (float(self.steps[there[0]]), float(self.wall_s[there[0]])) if len(there) else None


def read_runs(folder: Path) -> list[TrainedRun]:
    """Return every run with a curve below `folder`; what cannot be read is no run."""
    found = []
    for path in sorted(folder.glob("*/*/seed-*/curve.csv")):
        try:
            about = json.loads((path.parent / "run.json").read_text(encoding="utf-8"))
            rows, config = read_curve(path), about["config"]
            run = _run(about["agent"], config, rows, (path.parent / "result.json").is_file())
        except (OSError, ValueError, KeyError, TypeError, UserError):
            continue
        if run is not None:
            found.append(run)
    return found


def _run(agent: str, config: dict[str, object], rows: list[CurveRow], finished: bool) -> TrainedRun | None:
    kept = [(r.steps, r.wall_s, r.eval_success) for r in rows if r.eval_episodes]
    held_out = bool(kept)
    if not held_out:
        kept = [(r.steps, r.wall_s, r.success) for r in rows if r.episodes >= ENOUGH_EPISODES]
    kept = [row for row in kept if math.isfinite(row[2])]
    if not kept:
        return None
    steps, wall_s, success = np.array(kept, np.float64).T
    budget, seed = int(str(config["steps"])), int(str(config["seed"]))
    return TrainedRun(agent, str(config["task"]), seed, steps, wall_s, success, held_out, finished, budget)


@dataclass(frozen=True, slots=True)
class BandData:
    """Median, least and most over the seeds at `x`; a run that ended keeps its last value."""

    x: Array
    middle: Array
    low: Array
    high: Array


def band(runs: Iterable[TrainedRun], *, wall: bool) -> BandData:
    """Put the seeds of one method on one logarithmic axis of steps, or of wall-clock seconds."""
    axes = [(run.wall_s if wall else run.steps, run.success) for run in runs]
    axes = [(np.maximum(x, 1e-3), y) for x, y in axes]
    first, last = max(x[0] for x, _ in axes), max(x[-1] for x, _ in axes)
    grid = np.geomspace(first, last, POINTS) if last > first else np.array([first])
    table = np.stack([y[np.clip(np.searchsorted(x, grid, "right") - 1, 0, len(x) - 1)] for x, y in axes])
    return BandData(grid, np.median(table, axis=0), table.min(axis=0), table.max(axis=0))


@dataclass(frozen=True, slots=True)
class Reached:
    """What it took one method on one task. Medians are over the seeds that reached the target."""

    method: str
    task: str
    seeds: int
    reached: int
    steps: float
    steps_range: tuple[float, float]
    seconds: float
    best: float  # highest median success of any seed's curve
    budget: float  # decision steps of the longest run

    @property
    def all_reached(self) -> bool:
        return self.reached == self.seeds


def reached(runs: list[TrainedRun], target: float = TARGET) -> list[Reached]:
    """Return one entry per method and task."""
    found = []
    for method, task in dict.fromkeys((r.method, r.task) for r in runs):
        some = [r for r in runs if (r.method, r.task) == (method, task)]
        firsts = [f for r in some if (f := r.first(target)) is not None]
        steps = [f[0] for f in firsts]
        found.append(
            Reached(
                method, task, len(some), len(firsts),
                float(np.median(steps)) if steps else math.nan,
                (min(steps), max(steps)) if steps else (math.nan, math.nan),
                float(np.median([f[1] for f in firsts])) if steps else math.nan,
                max(float(r.success.max()) for r in some),
                max(float(r.steps[-1]) for r in some),
            )
        )  # fmt: skip
    return found


@dataclass(frozen=True, slots=True)
class Ratio:
    """Decision steps to the target: pixels over features. `bound` when pixels never got there."""

    task: str
    features: float
    pixels: float
    value: float
    bound: bool


def pixel_ratio(entries: list[Reached], task: str, features: str, pixels: str) -> Ratio | None:
    """Compare two methods' steps on one task; None unless the feature agent got there."""
    by = {(r.method, r.task): r for r in entries}
    one, other = by.get((features, task)), by.get((pixels, task))
    if one is None or other is None or not math.isfinite(one.steps):
        return None
    bound = not math.isfinite(other.steps)
    steps = other.budget if bound else other.steps
    return Ratio(task, one.steps, steps, steps / one.steps, bound)

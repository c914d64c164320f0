"""Flying: some episodes of one cell at a time, on as many processes as there are workers."""

from __future__ import annotations

import multiprocessing
import signal
import time
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor, as_completed
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass
from pathlib import Path

from reprohrl.bench.suite import TRUTH_RUNGS, Cell
from reprohrl.contracts.errors import UserError
from reprohrl.evaluation.spec import EpisodeResult

TRUTH_CHUNK = 250
FRAME_CHUNK = 5
"""Episodes of one unit: what a kill can cost, times the workers."""


@dataclass(frozen=True, slots=True)
class Unit:
    """Some episodes of one cell. `folder` holds the trained run, None for a method that learns nothing."""

    cell: Cell
    seeds: tuple[int, ...]
    folder: Path | None


FlyFrames = Callable[[Unit], list[EpisodeResult]]
"""Flies a unit whose rung needs frames. It must be importable by name: other processes call it."""


@dataclass(frozen=True, slots=True)
class Flown:
    """A unit with what came of it: its results, or the error that ended it."""

    unit: Unit
    results: list[EpisodeResult]
    seconds: float
    error: str = ""


def units(cell: Cell, todo: tuple[int, ...], folder: Path | None) -> list[Unit]:
    """Cut a cell into units."""
    size = TRUTH_CHUNK if cell.rung in TRUTH_RUNGS else FRAME_CHUNK
    return [Unit(cell, todo[i : i + size], folder) for i in range(0, len(todo), size)]


def fly_unit(unit: Unit, fly_frames: FlyFrames) -> Flown:
    """Fly one unit in this process. An error is part of the result: the other units go on."""
    start = time.perf_counter()
    try:
        truth = unit.cell.rung in TRUTH_RUNGS
        results = _fly_truth(unit) if truth else fly_frames(unit)
    except Exception as error:
        return Flown(unit, [], time.perf_counter() - start, f"{type(error).__name__}: {error}")
    return Flown(unit, results, time.perf_counter() - start)


def _fly_truth(unit: Unit) -> list[EpisodeResult]:
    from reprohrl.training.agents import registry
    from sim.envs.trial import fly_batch

    cell = unit.cell
    agent = registry.load(cell.method, unit.folder, len(unit.seeds))
    return list(fly_batch(agent, cell.task, list(unit.seeds), cell.rung))


def fly_all(todo: Iterable[Unit], fly_frames: FlyFrames, *, workers: int = 1) -> Iterator[Flown]:
    """Yield units as they are flown. Closing the iterator ends the processes after the units they are in."""
    if workers <= 1:
        for unit in todo:
            yield fly_unit(unit, fly_frames)
        return
    # Fork would copy the threads of onnxruntime and OpenCV half; spawn starts clean.
    context = multiprocessing.get_context("spawn")
    pool = ProcessPoolExecutor(workers, mp_context=context, initializer=_leave_interrupts_to_the_parent)
    try:
        futures: list[Future[Flown]] = [pool.submit(fly_unit, unit, fly_frames) for unit in todo]
        for future in as_completed(futures):
            yield future.result()
    except BrokenProcessPool as error:
        raise UserError(
            "a process that flew episodes was killed",
            why="often the memory was full",
            fix="the same command again, with fewer --workers: finished episodes are kept",
        ) from error
    finally:
        pool.shutdown(wait=True, cancel_futures=True)


def _leave_interrupts_to_the_parent() -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)

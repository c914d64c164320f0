"""Many episodes, on several processes, with every finished one kept."""

from __future__ import annotations

import multiprocessing
import signal
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from dataclasses import replace

from reprohrl.evaluation.spec import EpisodeResult, EpisodeSpec

Run = Callable[[EpisodeSpec], EpisodeResult]


def run_all(specs: Sequence[EpisodeSpec], run: Run, *, workers: int = 1) -> Iterator[EpisodeResult]:
    """Yield results as they come. `run` must be importable by name when `workers` > 1.

    Closing the iterator ends the processes after the episodes they are in.
    """
    if workers <= 1:
        for spec in specs:
            yield run(spec)
        return
    # Fork would copy the threads of onnxruntime and OpenCV half; spawn starts clean.
    context = multiprocessing.get_context("spawn")
    pool = ProcessPoolExecutor(workers, mp_context=context, initializer=_leave_interrupts_to_the_parent)
    try:
        for future in as_completed([pool.submit(run, spec) for spec in specs]):
            yield future.result()
    finally:
        pool.shutdown(wait=True, cancel_futures=True)


def _leave_interrupts_to_the_parent() -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)


def episodes(family: EpisodeSpec, count: int, first_seed: int = 0) -> list[EpisodeSpec]:
    """Return the family's episodes: seeds `first_seed` and the next ones, the same for every method."""
    return [replace(family, seed=seed) for seed in range(first_seed, first_seed + count)]

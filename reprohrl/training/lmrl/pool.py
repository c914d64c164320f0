"""Train many runs in a few processes; a run that needs the cloned policy waits for it."""

from __future__ import annotations

import multiprocessing
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from dataclasses import replace
from pathlib import Path
from typing import Any

from reprohrl.training.lmrl.store import Place
from reprohrl.training.lmrl.train import Request, train

NEED_NO_CLONE = ("bc", "filtered-bc")
SAY_EVERY_S = 10.0


def plan(
    root: Path,
    tasks: Sequence[str],
    algorithms: Sequence[str],
    seeds: Sequence[int],
    changes: dict[str, Any],
    *,
    episodes: int,
    data: int,
    fresh: bool,
) -> list[Request]:
    """Return the runs asked for, and the clones that they start from where those are not there."""
    found = []
    for task in tasks:
        for seed in seeds:
            needs = [a for a in algorithms if a not in NEED_NO_CLONE]
            clone = Place(root, task, "bc", seed)
            if needs and "bc" not in algorithms and not clone.finished:
                found.append(Request(clone, {}, episodes, data))
            for algorithm in sorted(algorithms, key=lambda a: a != "bc"):
                place = Place(root, task, algorithm, seed)
                found.append(Request(place, changes, episodes, data, fresh=fresh))
    return found


def train_all(
    requests: Sequence[Request], workers: int, say: Callable[[str], None]
) -> Iterator[dict[str, Any]]:
    """Train all runs, `workers` at a time; yield results as they come. The first error stops the rest."""
    if workers == 1 or len(requests) == 1:
        for request in requests:
            yield train(request, Paced(say))
        return
    waiting = list(requests)
    running: dict[Future[dict[str, Any]], Request] = {}
    done: set[Place] = {r.place.cloned for r in requests if r.place.cloned.finished and not r.fresh}
    pool = ProcessPoolExecutor(workers, mp_context=multiprocessing.get_context("spawn"))
    try:
        while waiting or running:
            for request in [r for r in waiting if _ready(r, requests, done)]:
                if len(running) >= workers:
                    break
                waiting.remove(request)
                running[pool.submit(_work, request)] = request
            ended, _ = wait(running, timeout=2.0, return_when=FIRST_COMPLETED)
            for future in ended:
                request = running.pop(future)
                result = future.result()
                done.add(request.place)
                yield result
    finally:
        pool.shutdown(wait=True, cancel_futures=True)


def _ready(request: Request, requests: Sequence[Request], done: set[Place]) -> bool:
    """The first run of a seed records its data; only then may others of that seed start beside it."""
    place = request.place
    first = next(r for r in requests if (r.place.task, r.place.seed) == (place.task, place.seed))
    if request is first:
        return True
    if place.algorithm in NEED_NO_CLONE:
        return place.data.exists()
    return place.cloned in done or not any(r.place == place.cloned for r in requests)


def _work(request: Request) -> dict[str, Any]:
    return train(replace(request), Paced(_print))


def _print(line: str) -> None:
    sys.stderr.write(line + "\n")
    sys.stderr.flush()


class Paced:
    """Lets a line through now and then."""

    def __init__(self, say: Callable[[str], None]) -> None:
        self._say, self._last = say, -SAY_EVERY_S

    def __call__(self, line: str) -> None:
        if time.monotonic() - self._last >= SAY_EVERY_S:
            self._last = time.monotonic()
            self._say(line)

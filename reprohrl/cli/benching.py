"""What `reprohrl bench` does once it is clear what to do: train, fly, write the report."""

from __future__ import annotations

import os
from collections.abc import Iterator
from typing import TYPE_CHECKING

from reprohrl.contracts.errors import UserError

if TYPE_CHECKING:
    from reprohrl.bench.plan import Places
    from reprohrl.bench.suite import Request
    from reprohrl.bench.trained import Training


def fill(asked: Request, places: Places, workers: int, *, train: bool) -> None:
    """Train and fly with a progress bar, after noting what is asked."""
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    from reprohrl.bench.plan import make_plan
    from reprohrl.bench.run import Tell, fly_missing, train_all, write_request
    from reprohrl.bench.suite import Cell
    from reprohrl.cli import console
    from reprohrl.cli.frames import fly_frames

    def failed(what: str, why: str) -> None:
        console.err().print(f"[yellow]left out:[/] {what}: {why}")

    for name in ("OMP_NUM_THREADS", "NUMBA_NUM_THREADS"):
        os.environ.setdefault(name, "1")
    write_request(asked, places.folder)
    if train:
        train_all(asked, places, lambda todo: _train(todo, workers), Tell(lambda *_: None, failed))
    left = sum(len(work.todo) for work in make_plan(asked, places).works)
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    try:
        with Progress(*columns, console=console.err()) as progress:
            bar = progress.add_task("episodes", total=left)

            def flown(cell: Cell, more: int, good: int) -> None:
                name = f"{cell.task} {cell.rung} {cell.method}: {good} of {more}"
                progress.update(bar, advance=more, description=name)

            fly_missing(asked, places, fly_frames, Tell(flown, failed), workers=workers)
    except KeyboardInterrupt:
        console.err().print(f"Stopped; finished episodes are in {places.folder}, the same command goes on.")
        write(places)
        raise


def _train(todo: list[Training], workers: int) -> Iterator[tuple[Training, str]]:
    """Train what is missing, `workers` at a time; an error of any kind fails its run alone."""
    from reprohrl.cli import console
    from reprohrl.cli.training import LiveLine, outcome
    from reprohrl.training.agents import registry
    from reprohrl.training.harness.jobs import Job, run_jobs

    jobs = {}
    for t in todo:
        config = registry.get(t.method).config(task=t.task, seed=t.seed, steps=t.steps)
        jobs[t.folder] = (t, Job(t.method, config.as_dict(), t.folder, resume=True))
    alone = [[job] for _, job in jobs.values()]
    batches = alone if workers == 1 else [[job for _, job in jobs.values()]]
    with LiveLine(f"training {len(jobs)} runs") as line:
        for batch in batches if jobs else []:
            try:
                for done in run_jobs(batch, processes=workers, follow=line):
                    console.err().print(outcome(done))
                    yield jobs[done.job.folder][0], str(done.error) if done.error is not None else ""
            except (ArithmeticError, LookupError, OSError, RuntimeError, TypeError, ValueError) as error:
                yield jobs[batch[0].folder][0], f"{type(error).__name__}: {error}"


def write(places: Places) -> int:
    from reprohrl.bench.report.build import write_report
    from reprohrl.cli import console
    from reprohrl.policies.verify import list_models

    try:
        models = {entry.name: entry.sha256[:12] for entry in list_models()}
    except UserError:
        models = {}
    page = write_report(places.folder, places.runs, models=models)
    console.out().print(f"Report: {page.resolve()}")
    return 0

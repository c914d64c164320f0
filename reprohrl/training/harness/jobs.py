"""Several trainings: one after another here, or each in a process of its own."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from multiprocessing import get_context
from multiprocessing.connection import Connection, wait
from pathlib import Path
from typing import Any

from reprohrl.contracts.errors import UserError
from reprohrl.training.agents import registry
from reprohrl.training.agents.config import AgentConfig
from reprohrl.training.harness.curve import best_until, success_by_step
from reprohrl.training.harness.execute import train_agent
from reprohrl.training.harness.hooks import Hooks
from reprohrl.training.harness.pace import Progress
from reprohrl.training.harness.run import CURVE, read_result

RESUME = "go on from the last checkpoint with --resume"
POLL_S, STOP_S = 1.0, 60.0


@dataclass(frozen=True, slots=True)
class Floor:
    """Ends a run as pruned when its best success up to a step is below the `value` of any (step, value).

    held_out  whether the values are of evaluations, else of training episodes
    """

    points: tuple[tuple[int, float], ...]
    held_out: bool

    def breached(self, curve: Path) -> bool:
        seen = success_by_step(curve, held_out=self.held_out)
        last = max(seen, default=-1)
        return any(step <= last and best_until(seen, step) < value for step, value in self.points)


@dataclass(frozen=True, slots=True)
class Job:
    """One training; `settings` are the agent's as JSON holds them, so that a job can travel."""

    agent: str
    settings: dict[str, Any]
    folder: Path
    resume: bool = False
    floor: Floor | None = None

    @property
    def config(self) -> AgentConfig:
        return registry.get(self.agent).config.from_dict(self.settings)


@dataclass(frozen=True, slots=True)
class Done:
    """A job that ended: the content of its `result.json`, or what went wrong; neither when it was pruned."""

    job: Job
    result: dict[str, Any] | None
    error: UserError | None = None


class _PrunedError(Exception):
    """Leaves a training that is not worth its steps."""


def _pruning(job: Job, hooks: Hooks) -> Hooks:
    """Return hooks that also hold the run against the floor of its job."""
    floor = job.floor
    if floor is None:
        return hooks

    def follow(progress: Progress) -> None:
        hooks.follow(progress)
        if floor.breached(job.folder / CURVE):
            raise _PrunedError

    return replace(hooks, follow=follow)


Follow = Callable[[Progress], None]


def run_job(job: Job, hooks: Hooks | None = None) -> Done:
    """Train here; mistakes and full disks come back as the error of the job."""
    try:
        train_agent(
            job.agent, job.config, job.folder, resume=job.resume, hooks=_pruning(job, hooks or Hooks())
        )
    except UserError as error:
        return Done(job, None, error)
    except _PrunedError:
        return Done(job, None)
    return Done(job, read_result(job.folder))


def run_jobs(jobs: Sequence[Job], *, processes: int = 1, follow: Follow) -> Iterator[Done]:
    """Train all of `jobs`, at most `processes` at a time; yield each as it ends.

    One process means this one. A process that dies fails its job alone. `follow` may raise to end it all.
    """
    if processes <= 1:
        for job in jobs:
            yield run_job(job, Hooks(follow=follow))
        return
    waiting, running = list(jobs), list[_Child]()
    told: dict[Path, Progress] = {}
    try:
        while waiting or running:
            while waiting and len(running) < processes:
                running.append(_Child(waiting.pop(0)))
            wait([child.answers for child in running], POLL_S)
            for child in list(running):
                answer = child.answer()
                if isinstance(answer, Progress):
                    told[child.job.folder] = answer
                    follow(together(list(told.values())))
                elif answer is not None:
                    running.remove(child)
                    yield answer
    finally:
        for child in running:  # left by Ctrl-C: each stops where nothing is half done
            child.process.terminate()
        for child in running:
            child.process.join(STOP_S)


def together(told: Sequence[Progress]) -> Progress:
    """Return the progress of several runs as one: steps and rates added, the rest of the mean or slowest."""
    success, held_out = _mean([p.success for p in told]), _mean([p.eval_success for p in told])
    return Progress(
        sum(p.steps for p in told), sum(p.total for p in told), sum(p.rate for p in told), success,
        sum(p.episodes for p in told), held_out, max(p.left_s for p in told), sum(p.saved for p in told),
    )  # fmt: skip


def _mean(values: Sequence[float]) -> float:
    known = [v for v in values if not math.isnan(v)]
    return sum(known) / len(known) if known else math.nan


class _Child:
    """One job in a process of its own."""

    def __init__(self, job: Job) -> None:
        context = get_context("spawn")
        self.job = job
        self.answers, end = context.Pipe(duplex=False)
        self.process = context.Process(target=_answer, args=(job, end))
        self.process.start()
        end.close()

    def answer(self) -> Progress | Done | None:
        """Return what the process said next; that it is done, if it died."""
        if not self.answers.poll():
            return None
        try:
            said: Progress | Done = self.answers.recv()
        except EOFError:
            self.process.join()
            died = UserError(f"its process died (exit {self.process.exitcode})", fix=RESUME)
            return Done(self.job, None, died)
        if isinstance(said, Done):
            self.process.join()
        return said


def _answer(job: Job, end: Connection) -> None:
    try:
        end.send(run_job(job, Hooks(follow=end.send)))
    except KeyboardInterrupt:
        end.send(Done(job, None, UserError("it was stopped", fix=RESUME)))

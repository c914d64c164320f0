"""`reprohrl train`: train an agent on a task, or retrain a shipped model."""

from __future__ import annotations

import logging
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from reprohrl.cli.runner import Runner
from reprohrl.contracts.errors import UserError
from reprohrl.contracts.vocabulary import did_you_mean

if TYPE_CHECKING:
    from reprohrl.training.harness.jobs import Job

SETTINGS: dict[str, Any] = {}
EXAMPLES = (
    "Examples:  reprohrl train ours --task MC-3 --seed 0 --success-target 0.95\n\n"
    "reprohrl train flat-ppo --task C1 --steps 5e6 --set learning_rate=1e-4\n\n"
    "reprohrl train flat-ppo --task C1 --seeds 0-4 --processes 2\n\n"
    "reprohrl train dqn8 --task S1 --resume\n\n"
    "reprohrl train detector     (a shipped model)\n\n"
    "reprohrl train all --dry-run"
)
MODELS = ("detector",)
SHIPPED = "ours"
"""The agent whose policies are shipped, and the mixture of tasks that it trains on for that."""


def command(
    what: Annotated[str, typer.Argument(help="An agent; or detector; or all that is shipped: all.")],
    task: Annotated[str | None, typer.Option(help="Task of an agent, such as S1, C1, MC-3.")] = None,
    seed: Annotated[int | None, typer.Option(help="Training seed; 0.")] = None,
    seeds: Annotated[str | None, typer.Option(help="Several seeds of an agent: 0-4 or 0,2,5.")] = None,
    steps: Annotated[
        str | None, typer.Option(help="Decision steps, as 2e6 (detector: epochs), if not the default.")
    ] = None,
    success_target: Annotated[
        float | None, typer.Option(help="Stop when an evaluation reaches this share, as 0.95.")
    ] = None,
    set_: Annotated[
        list[str] | None, typer.Option("--set", help="Any other setting of the agent: name=value.")
    ] = None,
    settings: Annotated[
        Path | None, typer.Option(help="JSON file of settings, as the best.json of a sweep.")
    ] = None,
    out: Annotated[Path | None, typer.Option(help="Folder of the run; runs/train/AGENT/TASK/seed-N.")] = None,
    models: Annotated[Path | None, typer.Option(help="Folder a shipped model goes to; models/.")] = None,
    resume: Annotated[bool, typer.Option("--resume", help="Continue from the newest checkpoint.")] = False,
    processes: Annotated[int, typer.Option(help="How many seeds train at a time.")] = 1,
    runner: Annotated[Runner, typer.Option(help="Train here, or on a Ray cluster.")] = Runner.local,
    ray_address: Annotated[
        str, typer.Option(help="Ray cluster; auto: the one of this machine; local: start one here.")
    ] = "auto",
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Say what would be done and stop.")] = False,
) -> int:
    """Train an agent on a task, with checkpoints, a learning curve and a policy file in the run's folder.

    Or retrain what is shipped: the detector, or all (the detector, then ours on its mixture of tasks).
    """
    count = None if steps is None else _count(steps)
    target, ships = models or Path("models"), what == "all"
    if what in (*MODELS, "all"):
        folder = (out or Path("runs/training")) / "detector"
        epochs = count if what == "detector" else None
        _train_detector(folder, target, seed or 0, epochs, resume, dry_run)
        if what == "detector":
            return 0
        what, task, out = SHIPPED, SHIPPED, out and out / SHIPPED
    given = {"task": task, "steps": count, "success_target": success_target}
    jobs = _jobs(what, given, settings, set_ or [], seed, seeds, out, resume)
    if dry_run:
        return _describe(jobs)
    failed = _train_jobs(jobs, runner, ray_address, processes)
    if ships and not failed:
        _ship(jobs[0].folder, target)
    return failed


def _count(text: str) -> int:
    from reprohrl.cli.training import whole_number

    return whole_number(text)


def _jobs(
    what: str,
    given: dict[str, Any],
    file: Path | None,
    words: list[str],
    seed: int | None,
    seeds: str | None,
    out: Path | None,
    resume: bool,
) -> list[Job]:
    """One job for each seed."""
    from reprohrl.cli.training import read_settings, seed_list, settings
    from reprohrl.training.agents import registry
    from reprohrl.training.harness.execute import default_folder
    from reprohrl.training.harness.jobs import Job

    known = [*MODELS, "all", *registry.names()]
    if what not in known and "." not in what:
        raise UserError(
            f"there is nothing called {what!r} to train",
            why=f"there are: {', '.join(known)}",
            fix=did_you_mean(what, known) or "reprohrl train --help",
        )
    if seed is not None and seeds is not None:
        raise UserError("--seed and --seeds are given both", fix="leave one of them out")
    base = registry.get(what).config
    stored = read_settings(base, file)
    jobs = []
    for number in seed_list(seeds) if seeds is not None else [seed]:
        config = settings(base, words, {**given, "seed": number}, stored)
        folder = out if out is not None else default_folder(what, config)
        if out is not None and seeds is not None:
            folder = out / f"seed-{config.seed}"
        jobs.append(Job(what, config.as_dict(), folder, resume))
    return jobs


def _describe(jobs: list[Job]) -> int:
    from rich.table import Table

    from reprohrl.cli import console

    table = Table("setting", "value", title=f"{jobs[0].agent}: {len(jobs)} training(s), first settings")
    for name, value in jobs[0].settings.items():
        table.add_row(name, str(value))
    console.out().print(table)
    for job in jobs:
        console.out().print(f"would train in {job.folder}")
    return 0


def _train_jobs(jobs: list[Job], runner: Runner, ray_address: str, processes: int) -> int:
    from reprohrl.cli import console
    from reprohrl.cli.training import LiveLine, outcome, say_stopped
    from reprohrl.training.harness.jobs import run_jobs

    failed = 0
    try:
        with LiveLine(jobs[0].agent) as line:
            if runner is Runner.ray:
                from reprohrl.training.harness.on_ray import run_on_ray

                outcomes = run_on_ray(jobs, address=ray_address, follow=line)
            else:
                outcomes = run_jobs(jobs, processes=processes, follow=line)
            for done in outcomes:
                failed += done.result is None
                if len(jobs) == 1 and done.error is not None:
                    raise done.error
                console.out().print(outcome(done))
    except KeyboardInterrupt:
        say_stopped([job.folder for job in jobs])
        return 130
    return 1 if failed else 0


def _train_detector(
    folder: Path, models: Path, seed: int, epochs: int | None, resume: bool, dry_run: bool
) -> None:
    """Train with the library's own log lines on the terminal, and a bar while frames are rendered."""
    from rich.progress import Progress

    from reprohrl.cli import console

    if dry_run:
        said = f"would train the detector with seed {seed} in {folder}, then write it to {models}"
        console.out().print(said)
        return
    from reprohrl.training import run

    console.err().print(f"Training the detector with seed {seed}; checkpoints in {folder}")
    logging.getLogger("reprohrl").setLevel(logging.INFO)
    with Progress(console=console.err(), transient=True) as progress:
        bar = progress.add_task("rendering frames", total=None, visible=False)

        def follow(done: int, total: int) -> None:
            progress.update(bar, completed=done, total=total, visible=done < total)

        path = run.train_detector(folder, models, seed=seed, epochs=epochs, resume=resume, progress=follow)
    console.out().print(f"wrote {path}")


def _ship(run: Path, models: Path) -> None:
    from reprohrl.cli import console
    from reprohrl.training.release import release_policies

    for path in release_policies(run, models):
        console.out().print(f"wrote {path}")

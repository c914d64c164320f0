"""`reprohrl sweep`: search settings of agents, with the same budget for each."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from reprohrl.cli.runner import Runner

if TYPE_CHECKING:
    from reprohrl.training.harness.jobs import Done, Job

SETTINGS: dict[str, Any] = {}
EXAMPLES = (
    "Examples:  reprohrl sweep flat-ppo --task C1 --trials 20 --steps 2e6\n\n"
    "reprohrl sweep dqn8 flat-ppo sac-her --task C1 --trials 20 --steps 2e6 --parallel 2\n\n"
    "reprohrl sweep flat-ppo --task C1 --trials 40 --steps 2e6 --resume\n\n"
    "reprohrl train flat-ppo --task C1 --settings runs/sweep/flat-ppo/C1/best.json"
)
TRAINING_SEED = 1000
"""Of all trials: a seed that no final run has."""


def command(
    agents: Annotated[list[str], typer.Argument(help="Agents to tune; each gets the whole budget.")],
    trials: Annotated[int, typer.Option(help="Trials of each agent, pruned ones included.")] = 20,
    steps: Annotated[str, typer.Option(help="Decision steps of one trial, as 1e6.")] = "1e6",
    task: Annotated[str | None, typer.Option(help="Task, such as S1, C1, MC-3.")] = None,
    seed: Annotated[int, typer.Option(help="Seed of the search.")] = 0,
    training_seed: Annotated[
        int, typer.Option(help="Seed of every trial's training; final runs should have others.")
    ] = TRAINING_SEED,
    set_: Annotated[
        list[str] | None, typer.Option("--set", help="A setting that all trials share: name=value.")
    ] = None,
    out: Annotated[Path, typer.Option(help="Folder; each agent has AGENT/TASK in it.")] = Path("runs/sweep"),
    resume: Annotated[bool, typer.Option("--resume", help="Go on with stopped sweeps.")] = False,
    prune: Annotated[bool, typer.Option(help="Stop trials that fall behind the median.")] = True,
    parallel: Annotated[int, typer.Option(min=1, help="Trials that train at a time.")] = 1,
    runner: Annotated[Runner, typer.Option(help="Train here, or on a Ray cluster.")] = Runner.local,
    ray_address: Annotated[
        str, typer.Option(help="Ray cluster; auto: the one of this machine; local: start one here.")
    ] = "auto",
) -> int:
    """Search the settings of agents with Optuna, and write the log of all that was tried.

    The first trial is the agent as it is. What is tried depends on the seed and on --parallel alone.
    """
    from reprohrl.cli import console
    from reprohrl.cli.training import LiveLine, again_with_resume, settings, whole_number
    from reprohrl.training.agents import registry
    from reprohrl.training.harness.sweep import Plan, sweep
    from reprohrl.training.harness.sweep_log import read_log

    plans = []
    for name in agents:
        given = {"task": task, "steps": whole_number(steps), "seed": training_seed}
        base = settings(registry.get(name).config, set_ or [], given)
        plans.append(Plan(name, base, trials, out / name / base.task, seed, parallel, prune))
    try:
        for plan in plans:
            with LiveLine(plan.agent) as line:

                def launch(jobs: Sequence[Job], line: LiveLine = line) -> Iterator[Done]:
                    return _launch(jobs, runner, ray_address, parallel, line)

                sweep(plan, launch, told=console.err().print, resume=resume)
            _show(read_log(plan.folder), plan.folder)
    except KeyboardInterrupt:
        console.err().print(f"Stopped.\n  [bold]Go on:[/] {again_with_resume()}")
        return 130
    return 0


def _launch(jobs: Sequence[Job], runner: Runner, address: str, processes: int, line: Any) -> Iterator[Done]:
    if runner is Runner.ray:
        from reprohrl.training.harness.on_ray import run_on_ray

        return run_on_ray(jobs, address=address, follow=line)
    from reprohrl.training.harness.jobs import run_jobs

    return run_jobs(jobs, processes=processes, follow=line)


def _show(log: dict[str, Any], folder: Path) -> None:
    """Print the best trials and the budget."""
    from rich.table import Table

    from reprohrl.cli import console

    budget = log["budget"]
    title = f"{log['agent']} on {log['task']}: {budget['trials_done']} trials, {budget['steps_used']:,} steps"
    table = Table("trial", "success", "state", *log["space"], title=title)
    ranked = sorted(log["trials"], key=lambda t: -(t["success"] or 0.0))
    for trial in ranked[:5]:
        values = (_short(trial["settings"].get(name)) for name in log["space"])
        table.add_row(str(trial["number"]), f"{100 * (trial['success'] or 0):.1f} %", trial["state"], *values)
    console.out().print(table)
    console.out().print(f"wrote {folder}/sweep.json, trials.csv and best.json")


def _short(value: Any) -> str:
    return f"{value:.3g}" if isinstance(value, float) else str(value)

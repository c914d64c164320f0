"""`reprohrl lmrl`: text games of LMRL-Gym: train algorithms on them, evaluate, report."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer

from reprohrl.cli.status import returning
from reprohrl.contracts.errors import UserError

app = typer.Typer(
    no_args_is_help=True,
    help="Text games of LMRL-Gym that need no judge model: train, evaluate, report.",
    rich_markup_mode="rich",
)
RUNS = Path("runs/lmrl")
Out = Annotated[Path, typer.Option(help="Folder of the runs.")]
TRAIN = (
    "Examples:  reprohrl lmrl train --task maze-fo --algo bc,filtered-bc,mc,ilql --seeds 0-2\n\n"
    "reprohrl lmrl train --task wordle --algo ppo --set rollouts=64 --set beta=4\n\n"
    "Runs go on where they were stopped: type the same command again. Finished ones are kept."
)


@app.command(epilog=TRAIN)
@returning
def train(
    task: Annotated[str, typer.Option(help="Tasks, with commas; see `reprohrl lmrl list`.")] = "maze-fo",
    algo: Annotated[
        str, typer.Option(help="bc, filtered-bc, mc, ilql, ppo, online-filtered-bc; with commas.")
    ] = "bc,filtered-bc,mc,ilql",
    seeds: Annotated[str, typer.Option(help="Training seeds, as 0-2.")] = "0",
    episodes: Annotated[int, typer.Option(min=1, help="Test episodes of each run.")] = 100,
    data: Annotated[int, typer.Option(min=0, help="Recorded episodes; 0: as the task says.")] = 0,
    workers: Annotated[int, typer.Option(min=1, help="Processes.")] = 2,
    set_: Annotated[
        list[str] | None, typer.Option("--set", help="A setting, as beta=8; can be repeated.")
    ] = None,
    fresh: Annotated[bool, typer.Option("--fresh", help="Begin again what was begun.")] = False,
    out: Out = RUNS,
) -> int:
    """Record the data sets, train every algorithm on every seed, and score what it learned."""
    from reprohrl.cli import console
    from reprohrl.cli.training import seed_list
    from reprohrl.lmrl.tasks import task as find
    from reprohrl.training.lmrl.pool import plan, train_all
    from reprohrl.training.lmrl.settings import parse, settings_for

    tasks, algorithms = _words(task), _words(algo)
    changes = parse(set_ or [])
    for name in tasks:
        for algorithm in algorithms:
            settings_for(find(name), algorithm, changes)
    requests = plan(
        out, tasks, algorithms, seed_list(seeds), changes, episodes=episodes, data=data, fresh=fresh
    )
    for result in train_all(requests, workers, lambda line: console.err().print(line, highlight=False)):
        console.out().print(
            f"{result['task']} {result['algorithm']} seed {result['seed']}: score {result['score']:.2f}, "
            f"normalised {result['normalised']:.1f}, {result['cpu_s']:.0f} s of one core",
            highlight=False,
        )
    return 0


@app.command(name="eval", epilog="Example:  reprohrl lmrl eval runs/lmrl/maze-fo/ilql/seed0 --episodes 200")
@returning
def eval_(
    folder: Annotated[Path, typer.Argument(help="Folder of a run.")],
    episodes: Annotated[int, typer.Option(min=1, help="Test episodes.")] = 100,
    first: Annotated[int, typer.Option(min=0, help="Number of the first test episode.")] = 1_000_000,
    show: Annotated[int, typer.Option(min=0, help="Episodes to print in words.")] = 0,
    greedy: Annotated[bool, typer.Option("--greedy", help="Always the likeliest word.")] = False,
) -> int:
    """Play test episodes with a trained policy."""
    from statistics import fmean

    from reprohrl.cli import console
    from reprohrl.lmrl.play import play
    from reprohrl.lmrl.tasks import task as find
    from reprohrl.training.lmrl import load_policy

    talker = load_policy(folder)
    talker.greedy = greedy
    config = json.loads((folder / "config.json").read_text(encoding="utf-8"))
    played = play(find(config["task"]).make, talker, range(first, first + episodes))
    out = console.out()
    for trajectory in played[:show]:
        out.print("".join(trajectory.texts), highlight=False, markup=False)
        out.print(f"score {trajectory.score:g}\n", highlight=False)
    out.print(f"{len(played)} episodes, score {fmean(t.score for t in played):.3f}", highlight=False)
    return 0


@app.command(epilog="Example:  reprohrl lmrl report --out runs/lmrl")
@returning
def report(
    out: Out = RUNS,
    page: Annotated[Path | None, typer.Option(help="A Markdown page whose tables are written anew.")] = None,
) -> int:
    """Write tables and learning curves of all finished runs: report.md and report.html."""
    from reprohrl.cli import console
    from reprohrl.lmrl.report import put_tables, read_results, write_report

    results = read_results(out)
    if not results:
        raise UserError(f"{out} holds no finished run", fix="reprohrl lmrl train --task maze-fo")
    for path in write_report(out, results):
        console.out().print(f"wrote {path}", highlight=False)
    if page is not None:
        put_tables(page, results)
        console.out().print(f"wrote the tables of {page}", highlight=False)
    return 0


@app.command(name="list", epilog="Example:  reprohrl lmrl list")
@returning
def list_() -> int:
    """Show the tasks."""
    from rich.table import Table

    from reprohrl.cli import console
    from reprohrl.lmrl.tasks import TASKS

    table = Table("task", "game", "recorded episodes", "worst", "best")
    for what in TASKS.values():
        table.add_row(what.name, what.about, str(what.episodes), f"{what.worst:g}", f"{what.best:g}")
    console.out().print(table)
    return 0


def _words(text: str) -> list[str]:
    found = [word.strip() for word in text.split(",") if word.strip()]
    if not found:
        raise UserError(f"{text!r} names nothing", fix="for example --task maze-fo --algo bc,ilql")
    return found

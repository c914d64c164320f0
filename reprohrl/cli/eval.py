"""`reprohrl eval`: fly episodes of a task and measure."""

from __future__ import annotations

import hashlib
import json
import os
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from reprohrl.cli import language, worded
from reprohrl.contracts.errors import UserError

if TYPE_CHECKING:
    from reprohrl.evaluation.spec import EpisodeSpec, Report

SETTINGS: dict[str, Any] = {}
EXAMPLES = (
    "Examples:  reprohrl eval --task S1 --rung R2 --episodes 50\n\n"
    'reprohrl eval --task MC-3 --mission "the cube and the cone in any order, then home" --yes\n\n'
    "reprohrl eval --task MC-3 --planner scripted --navigator scripted --json scripted.json\n\n"
    "Every method flies the same scenes: seeds count from --seed."
)


def command(
    task: Annotated[str, typer.Option(help="Task id; see reprohrl tasks list.")] = "MC-3",
    rung: Annotated[
        str, typer.Option(help="Perception: R0 truth, R1 errors, R2 detector, R3 worse camera.")
    ] = "R2",
    episodes: Annotated[int, typer.Option(min=1, help="How many.")] = 50,
    seed: Annotated[int, typer.Option(min=0, help="The first scene seed.")] = 0,
    planner: Annotated[
        str, typer.Option(help="Goal selector: learned, rule, scripted, spring, direct or ilql.")
    ] = "learned",
    navigator: Annotated[str, typer.Option(help="Low level: learned, routes or scripted.")] = "learned",
    color: Annotated[bool, typer.Option("--color/--grey", help="Colour or grey camera.")] = False,
    renderer: Annotated[str, typer.Option(help="Frames at R2: ray, or bullet's own renderer.")] = "ray",
    world: Annotated[str, typer.Option(help="Physics: bullet, or the compiled fast world.")] = "bullet",
    split: Annotated[str, typer.Option(help="Seeds of the test or the train split.")] = "test",
    workers: Annotated[int, typer.Option(min=0, help="Processes; 0 for one per core.")] = 0,
    json_file: Annotated[
        Path | None, typer.Option("--json", help="Write all numbers and episodes to this file.")
    ] = None,
    resume: Annotated[bool, typer.Option(help="Keep the episodes of an interrupted evaluation.")] = False,
    mission: worded.Words = "",
    yes: worded.Yes = False,
    lm: language.Lm = "tiny",
    lm_path: language.LmPath = "",
    lm_endpoint: language.LmEndpoint = "",
    lm_model: language.LmModel = "",
    lm_timeout: language.LmTimeout = 20.0,
    lm_price: language.LmPrice = "",
    document: language.Document = "",
    dag: language.Dag = "",
    policy: language.Policy = "",
) -> int:
    """Fly a task's test scenes and print success with its Wilson interval, and how the rest failed."""
    from reprohrl.cli import console
    from reprohrl.cli.stage import check_spec, spec_of

    reading = language.settings_of(
        planner, lm=lm, path=lm_path, endpoint=lm_endpoint, model=lm_model, timeout=lm_timeout,
        price=lm_price, document=document, dag=dag, policy=policy,
    )  # fmt: skip
    orders = worded.orders_of(worded.confirmed(mission, yes=yes, language=reading)) if mission else ""
    spec = spec_of(
        task=task, rung=rung, planner=planner, navigator=navigator, colour=color, renderer=renderer,
        world=world, split=split, language=reading, orders=orders,
    )  # fmt: skip
    check_spec(spec)
    report = _fly(spec, episodes, seed, workers or os.cpu_count() or 1, _ledger_path(spec, json_file), resume)
    _print(report)
    if json_file is not None:
        from reprohrl.evaluation.table import report_dict
        from reprohrl.flight.log import versions

        json_file.parent.mkdir(parents=True, exist_ok=True)
        json_file.write_text(json.dumps(report_dict(report, versions() | _models()), indent=2) + "\n")
        console.err().print(f"wrote {json_file}")
    return 0


def _fly(spec: EpisodeSpec, count: int, first: int, workers: int, ledger_path: Path, resume: bool) -> Report:
    """Fly what the ledger does not hold yet, with a progress bar."""
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    from reprohrl.cli import console
    from reprohrl.cli.stage import run_episode
    from reprohrl.evaluation.ledger import Ledger
    from reprohrl.evaluation.runner import episodes, run_all
    from reprohrl.evaluation.spec import Report

    fingerprint = hashlib.sha256(json.dumps([spec.family(), _models()]).encode()).hexdigest()[:16]
    ledger = Ledger(ledger_path, fingerprint, resume=resume)
    wanted = episodes(spec, count, first)
    todo = [s for s in wanted if s.seed not in ledger.done]
    os.environ.setdefault("OMP_NUM_THREADS", "1")
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeRemainingColumn(),
        TextColumn("{task.fields[good]} succeeded"),
    )
    with Progress(*columns, console=console.err()) as progress:
        good = sum(ledger.done[s.seed].success for s in wanted if s.seed in ledger.done)
        label = f"{spec.task} {spec.rung} {spec.planner}+{spec.navigator}"
        bar = progress.add_task(label, total=count, completed=count - len(todo), good=good)
        try:
            for result in run_all(todo, run_episode, workers=min(workers, max(1, len(todo)))):
                ledger.add(result)
                good += result.success
                progress.update(bar, advance=1, good=good)
        except KeyboardInterrupt:
            console.err().print(f"Stopped; the finished episodes are in {ledger_path}, go on with --resume")
            raise
    report = Report(spec, [ledger.done[s.seed] for s in wanted])
    ledger.discard()
    return report


def _print(report: Report) -> None:
    from rich.table import Table

    from reprohrl.cli import console
    from reprohrl.evaluation.table import COLUMNS, cells

    spec = report.spec
    camera = "colour" if spec.colour else "grey"
    title = (
        f"{spec.task} at {spec.rung} ({camera}, {spec.renderer}, {spec.world}), "
        f"planner {spec.planner}, navigator {spec.navigator}"
    )
    columns = [cell.row() for cell in cells(report.results)]
    table = Table(COLUMNS[0], *(c[0] for c in columns), title=title, title_justify="left")
    for i, name in enumerate(COLUMNS[1:], 1):
        table.add_row(name, *(c[i] for c in columns))
    console.out().print(table, soft_wrap=False)
    for result in report.results:
        if not result.success:
            ending = "" if result.ending.startswith("judged") else f" ({result.ending})"
            progress = f"{result.goals_reached} of {result.goals} goals"
            console.out().print(f"  seed {result.seed}: {result.outcome} after {progress}{ending}")


def _ledger_path(spec: EpisodeSpec, json_file: Path | None) -> Path:
    if json_file is not None:
        return json_file.with_name(f".{json_file.name}.part")
    return Path("runs/eval") / f"{spec.task}-{spec.rung}-{spec.family()}.part"


def _models() -> dict[str, str]:
    """Return the shipped models' hashes: numbers belong to them."""
    from reprohrl.policies.verify import list_models

    try:
        return {entry.name: entry.sha256[:12] for entry in list_models()}
    except UserError:
        return {}

"""`reprohrl bench`: methods x tasks x rungs x training seeds, and one report on them."""

from __future__ import annotations

import os
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from reprohrl.contracts.errors import UserError

if TYPE_CHECKING:
    from reprohrl.bench.plan import Places, Plan
    from reprohrl.bench.suite import Request

SETTINGS: dict[str, Any] = {}
EXAMPLES = (
    "Examples:  reprohrl bench --suite paper --dry-run\n\n"
    "reprohrl bench --suite paper --methods ours,flat-ppo,scripted --rungs R0,R1 --seeds 0-4\n\n"
    "reprohrl bench --quick\n\n"
    "Finished episodes are never flown twice: the same command again goes on. "
    "Results are in the folder's report.html and report.md."
)
QUICK_TRUTH, QUICK_FRAMES, QUICK_STEPS, QUICK_SEEDS = 100, 5, 100_000, "0"


def command(
    suite: Annotated[str, typer.Option(help="Tasks: paper (S1, C1, MS-3, MC-3) or full.")] = "paper",
    quick: Annotated[bool, typer.Option("--quick", help="A taste: few episodes, short trainings.")] = False,
    methods: Annotated[str, typer.Option(help="Some methods, by name, with commas; all.")] = "",
    tasks: Annotated[str, typer.Option(help="Some tasks, with commas; those of the suite.")] = "",
    rungs: Annotated[str, typer.Option(help="Some rungs, with commas: R0,R1,R2,R3; the first three.")] = "",
    seeds: Annotated[str, typer.Option(help="Training seeds, as 0-4; each method's usual number.")] = "",
    renderers: Annotated[str, typer.Option(help="Frames at R2, with commas: ray,bullet.")] = "ray,bullet",
    frame_seeds: Annotated[int, typer.Option(min=1, help="Training seeds flown at R2 and up.")] = 1,
    episodes: Annotated[int, typer.Option(min=1, help="Test episodes per cell and seed at R0, R1.")] = 1000,
    frame_episodes: Annotated[int, typer.Option(min=1, help="Test episodes per cell at R2 and up.")] = 100,
    steps: Annotated[
        list[str] | None,
        typer.Option(help="Decision steps of training: 2e6 for all, or METHOD=2e6; can be repeated."),
    ] = None,
    train_on: Annotated[str, typer.Option(help="Task to train on; 'each': the one tested on.")] = "MC-3",
    workers: Annotated[int, typer.Option(min=0, help="Processes; 0 for one per core.")] = 0,
    out: Annotated[Path | None, typer.Option(help="Folder of ledgers and report; runs/bench.")] = None,
    runs: Annotated[Path | None, typer.Option(help="Folder of the trained runs; runs/train.")] = None,
    train: Annotated[bool, typer.Option(help="Train what is missing.")] = True,
    any_code: Annotated[
        bool, typer.Option("--any-code", help="Keep episodes flown by other versions of the code.")
    ] = False,
    report_only: Annotated[bool, typer.Option("--report-only", help="Write the report and stop.")] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Say what is left to do and stop.")] = False,
) -> int:
    """Train and fly every method on the same test episodes, and write the report that compares them."""
    from reprohrl.bench.plan import make_plan
    from reprohrl.cli.benching import fill, write

    counts = (QUICK_TRUTH, QUICK_FRAMES) if quick else (episodes, frame_episodes)
    asked = _request(
        suite, quick, methods, tasks, rungs, seeds, frame_seeds, counts, steps or [], train_on,
        renderers,
    )  # fmt: skip
    places = _places(out, runs, quick, any_code)
    count = workers or os.cpu_count() or 1
    if dry_run:
        _describe(make_plan(asked, places), places, count)
        return 0
    if not report_only:
        fill(asked, places, count, train=train)
    return write(places)


def _places(out: Path | None, runs: Path | None, quick: bool, any_code: bool) -> Places:
    from reprohrl.bench.plan import Places
    from reprohrl.policies.paths import models_dir

    folder = out or Path("runs/bench-quick" if quick else "runs/bench")
    trained = runs or (folder / "train" if quick else Path("runs/train"))
    return Places(folder, trained, models_dir(), any_code)


def _request(
    suite: str, quick: bool, methods: str, tasks: str, rungs: str, seeds: str, frame_seeds: int,
    counts: tuple[int, int], steps: list[str], train_on: str,
    renderers: str,
) -> Request:  # fmt: skip
    from reprohrl.bench.methods import METHODS
    from reprohrl.bench.suite import BULLET, RAY, RUNGS, SUITES, Request, choose, parse_seeds
    from reprohrl.evaluation.spec import Rung
    from reprohrl.training.agents import registry

    choose("suite", [suite], tuple(SUITES))
    known = tuple(m for m in METHODS if m in registry.names())
    wanted = choose("method", _words(methods), known)
    given = parse_seeds(seeds or QUICK_SEEDS) if seeds or quick else ()
    learned = [m for m in wanted if METHODS[m].learned]
    train_seeds = {m: (given or tuple(range(METHODS[m].seeds))) if m in learned else (0,) for m in wanted}
    chosen = choose("task", _words(tasks), SUITES["full"]) if tasks else SUITES[suite]
    there = tuple(r for r in RUNGS if r in Rung.__members__)
    flown = choose("rung", _words(rungs.upper()) or [r for r in there if r != "R3"], there)
    trained_on = "" if train_on == "each" else choose("task", [train_on], SUITES["full"])[0]
    return Request(
        suite, wanted, chosen, flown, train_seeds, _steps(learned, steps, quick), trained_on, frame_seeds,
        *counts, choose("renderer", _words(renderers), (RAY, BULLET)),
    )  # fmt: skip


def _words(text: str) -> list[str]:
    return [word.strip() for word in text.split(",") if word.strip()]


def _steps(learned: list[str], words: list[str], quick: bool) -> dict[str, int]:
    """Return each method's budget: its own default, or what the words say."""
    from reprohrl.cli.training import whole_number
    from reprohrl.training.agents import registry

    found = {m: QUICK_STEPS if quick else registry.get(m).config().steps for m in learned}
    for word in sorted(words, key=lambda w: "=" in w):
        method, equals, text = word.rpartition("=")
        number = whole_number(text)
        if equals and method not in found:
            raise UserError(f"--steps {word}: no such method here", why=f"there are: {', '.join(found)}")
        for name in [method] if equals else list(found):
            found[name] = number
    return found


def _describe(plan: Plan, places: Places, workers: int) -> None:
    """Print what is left, and about how long it takes."""
    from reprohrl.cli import console
    from reprohrl.cli.training import lasting, short

    out = console.out()
    for t in plan.trainings:
        out.print(f"would train {t.method} on {t.task}, seed {t.seed}, {short(t.steps)} steps, in {t.folder}")
    out.print(f"{len(plan.works)} of {plan.cells} cells have episodes left:")
    left: Counter[tuple[str, str]] = Counter()
    for work in plan.works:
        where = work.cell.rung + ("-bullet" if work.cell.renderer == "bullet" else "")
        left[where, work.cell.method] += len(work.todo)
    for (rung, method), count in left.items():
        out.print(f"  {rung:10s} {method:12s} {count:7d} episodes")
    stale = Counter(w.stale for w in plan.works if w.stale not in ("", "new"))
    for why, count in stale.items():
        out.print(f"  {count} cells were flown with {why} and would be flown again")
    total = (plan.train_s + plan.fly_s) / workers
    out.print(
        f"about {lasting(total)} with {workers} workers: {lasting(plan.train_s / workers)} of training, "
        f"{lasting(plan.fly_s / workers)} of flying; guessed where nothing was measured yet"
    )
    out.print(f"ledgers and report would be in {places.folder}, trained runs in {places.runs}")

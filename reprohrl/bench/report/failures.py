"""How flights fail: classes by method, and for every failure the command that shows it."""

from __future__ import annotations

import csv
import io
from collections import defaultdict

from reprohrl.bench.numbers import numbers
from reprohrl.bench.report import charts
from reprohrl.bench.report.document import Block, Command, Details, Figure, Listing, Text
from reprohrl.bench.report.words import OUTCOME_COLOURS, show_command, title
from reprohrl.bench.results import Group, Results
from reprohrl.evaluation.judge import Outcome
from reprohrl.evaluation.spec import EpisodeResult

CSV_COLUMNS = (
    "task", "rung", "renderer", "method", "train_seed", "seed", "outcome", "contact", "goals_reached",
    "goals", "duration_s", "command",
)  # fmt: skip
LISTED = 12
"""Seeds named per class in the page; the CSV file has them all."""


def failure_blocks(results: Results, where: str) -> list[Block]:
    """Return, per task, stacked bars and one command per method and class."""
    blocks: list[Block] = []
    for task in results.request.tasks:
        groups = results.at(task, where)
        if not groups:
            continue
        bars, seen = [], set()
        for n in sorted((numbers(g) for g in groups), key=lambda n: n.success.value):
            parts = [(c, str(o), n.outcomes[o]) for o, c in OUTCOME_COLOURS.items() if o in n.outcomes]
            other = [o for o in n.outcomes if o not in OUTCOME_COLOURS and o is not Outcome.SUCCESS]
            parts += [("#9ca3af", str(o), n.outcomes[o]) for o in other]
            seen |= {(c, words) for c, words, _ in parts}
            bars.append((title(n.group.method), parts))
        legend = sorted(seen, key=lambda entry: entry[1])
        caption = f"Failed flights on {task} at {where}, as shares of all flights, by what ended them."
        blocks.append(Figure(f"failures-{task}-{where}", charts.bars(bars), caption, legend))
        lines = [_method_lines(results, g) for g in groups]
        shown = [block for block in lines if block is not None]
        if shown:
            blocks.append(Details(f"{task} at {where}: failing episodes, and how to see them", shown))
    return blocks


def _method_lines(results: Results, group: Group) -> Details | None:
    classes = _classes(group)
    if not classes:
        return None
    items: list[Block] = []
    for outcome, failed in sorted(classes.items()):
        seeds = [f"{r.seed}" if len(group.runs) == 1 else f"{r.seed} (trained with {s})" for s, r in failed]
        more = f" and {len(seeds) - LISTED} more" if len(seeds) > LISTED else ""
        items.append(
            Text(f"**{outcome}**, {len(failed)}: seeds {', '.join(seeds[:LISTED])}{more}. The first:")
        )
        items.append(Command(_command(results, group, *failed[0])))
    return Details(title(group.method), items)


def _classes(group: Group) -> dict[str, list[tuple[int, EpisodeResult]]]:
    """Return (training seed, result) of the failed flights by outcome."""
    classes: dict[str, list[tuple[int, EpisodeResult]]] = defaultdict(list)
    for train_seed, run in zip(group.train_seeds, group.runs, strict=True):
        for result in run:
            if not result.success:
                classes[str(result.outcome)].append((train_seed, result))
    return dict(classes)


def _command(results: Results, group: Group, train_seed: int, result: EpisodeResult) -> str:
    return show_command(
        task=group.task, seed=result.seed, method=group.method, rung=group.rung, train_seed=train_seed,
        train_on=results.request.train_on or group.task, renderer=group.renderer,
    )  # fmt: skip


def failures_csv(results: Results) -> str:
    """Return every failed flight with the command that shows it, as CSV."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(CSV_COLUMNS)
    for group in results.groups:
        for outcome, failed in _classes(group).items():
            for train_seed, r in failed:
                command = _command(results, group, train_seed, r)
                place = [group.task, group.rung, group.renderer, group.method, train_seed, r.seed]
                what = [outcome, r.contact, r.goals_reached, r.goals, r.duration_s]
                writer.writerow([*place, *what, command])
    return out.getvalue()


def failure_summary(results: Results, where: str) -> Listing | None:
    """Return one line per task: what most failures of ours are."""
    from reprohrl.bench.methods import METHODS
    from reprohrl.bench.numbers import ours

    items = []
    for task in results.request.tasks:
        group = ours(results, METHODS, task, where)
        classes = _classes(group) if group is not None else {}
        if group is None:
            continue
        flights = len(group.flat())
        parts = [f"{len(v)} {k}" for k, v in sorted(classes.items(), key=lambda kv: -len(kv[1]))]
        items.append(f"{task}: of {flights} flights of ours, {', '.join(parts) or 'none failed'}.")
    return Listing(items) if items else None

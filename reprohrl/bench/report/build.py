"""Puts the report together from a bench folder, and writes it."""

from __future__ import annotations

import json
import os
import platform
from pathlib import Path

from reprohrl.bench.curves import TrainedRun, read_runs
from reprohrl.bench.numbers import numbers
from reprohrl.bench.report import charts
from reprohrl.bench.report.as_json import results_dict
from reprohrl.bench.report.document import Block, Details, Document, Figure, Section, Text
from reprohrl.bench.report.failures import failure_blocks, failure_summary, failures_csv
from reprohrl.bench.report.learning import learning_blocks
from reprohrl.bench.report.markdown import FIGURES, to_markdown
from reprohrl.bench.report.open_points import measured_blocks, missing_blocks
from reprohrl.bench.report.page import to_page
from reprohrl.bench.report.paired import versus_best_other, versus_ours
from reprohrl.bench.report.paper import paper_blocks
from reprohrl.bench.report.short import MAIN_TASKS, flights, main_rung, short, tiles
from reprohrl.bench.report.tables import full_cells, rates, views
from reprohrl.bench.report.words import COLOURS, title
from reprohrl.bench.results import FAILURES, Results, load
from reprohrl.policies.manifest import replace_file
from reprohrl.policies.provenance import git_revision, installed_versions

HTML, MARKDOWN, NUMBERS = "report.html", "report.md", "results.json"


def write_report(folder: Path, runs: Path, *, models: dict[str, str] | None = None) -> Path:
    """Write the page, the Markdown with its figures, the numbers and the list of failures; return the page.

    `runs` holds the trained runs; `models` are hashes of the shipped models by name.
    """
    results, trained = load(folder), read_runs(runs)
    document = build(results, trained, models or {})
    for figure in document.figures():
        replace_file(folder / FIGURES / f"{figure.name}.svg", charts.standalone(figure.svg).encode())
    replace_file(folder / MARKDOWN, to_markdown(document).encode())
    replace_file(folder / NUMBERS, (json.dumps(results_dict(results), indent=2) + "\n").encode())
    replace_file(folder / FAILURES, failures_csv(results).encode())
    replace_file(folder / HTML, to_page(document).encode())
    return folder / HTML


def build(results: Results, runs: list[TrainedRun], models: dict[str, str]) -> Document:
    """Return the report."""
    truth = main_rung(results, ("R1", "R0"))
    best = main_rung(results, ("R2", "R1", "R0"))
    document = Document(
        "RPH-Bench",
        "Reaching goals in rooms with a nano-drone's camera: methods, tasks and perception rungs, flown on "
        f"the same test episodes. Suite {results.request.suite}, {flights(results)} flights.",
        tiles=tiles(results, best),
    )
    add = document.sections.append
    add(Section("In short", short(results, runs, truth, best)))
    if results.at_rung("R2"):
        add(Section("From camera frames (R2)", [*_rate_blocks(results, "R2", gap=True)]))
    if results.at_rung("R3"):
        add(Section("From disturbed frames (R3)", [*_rate_blocks(results, "R3")]))
    if results.at_rung("R1"):
        add(Section("From faulty boxes (R1)", [*_rate_blocks(results, "R1")]))
    if results.at_rung("R0"):
        add(Section("From true boxes (R0)", [*_rate_blocks(results, "R0")]))
    if truth is not None:
        add(Section("Goal in view, goal out of view", _view_blocks(results)))
        add(Section("Paired tests", _test_blocks(results)))
    add(Section("Learning", learning_blocks(runs)))
    if truth is not None:
        add(Section("How flights fail", _failure_blocks(results, truth, best)))
    add(Section("The published leads", paper_blocks(results, truth or "R1")))
    add(Section("What was not run", missing_blocks(results)))
    add(Section("How it was measured", measured_blocks(results, runs, _facts(models))))
    return document


def _rate_blocks(results: Results, where: str, *, gap: bool = False) -> list[Block]:
    blocks: list[Block] = [rates(results, where, gap=gap)]
    for task in MAIN_TASKS:
        groups = results.at(task, where)
        if groups and where != "R0":
            lines = sorted((numbers(g) for g in groups), key=lambda n: -n.success.value)
            dots = [
                charts.Dot(
                    title(n.group.method),
                    COLOURS[n.group.method],
                    n.success.value,
                    n.success.low,
                    n.success.high,
                )
                for n in lines
            ]
            caption = f"Success on {task} at {where}, Wilson 95 %."
            blocks.append(Figure(f"rates-{task}-{where}", charts.dots(dots), caption))
    blocks += full_cells(results, where)
    return [*blocks, *(full_cells(results, "R2-bullet") if gap else [])]


def _view_blocks(results: Results) -> list[Block]:
    wheres = [w for w in ("R2", "R1", "R0") if results.at_rung(w)]
    first, *rest = wheres
    return [
        Text(f"At {first}:"),
        views(results, first),
        *(Details(f"At {w}", [views(results, w)]) for w in rest),
    ]


def _test_blocks(results: Results) -> list[Block]:
    blocks: list[Block] = []
    for where in [w for w in ("R1", "R2", "R0") if results.at_rung(w)]:
        one, other = versus_ours(results, where), versus_best_other(results, where)
        folded: list[Block] = [Text("Against the best method that is neither ours nor a bound:"), other]
        blocks += [Text(f"**{where}**, ours against every other method:"), one] if one.rows else []
        blocks += (
            [Details(f"{where}: the best other method against every other", folded)] if other.rows else []
        )
    return blocks or [Text("There are no two methods to compare yet.")]


def _failure_blocks(results: Results, truth: str, best: str | None) -> list[Block]:
    summary = failure_summary(results, truth)
    blocks: list[Block] = [summary] if summary is not None else []
    blocks += failure_blocks(results, truth)
    if best is not None and best != truth:
        blocks += failure_blocks(results, best)
    return [*blocks, Text(f"Every failed flight, with its command, is in `{FAILURES}`.")]


def _facts(models: dict[str, str]) -> dict[str, str]:
    versions = installed_versions()
    facts = {
        "Machine": f"{platform.machine()}, {os.cpu_count()} hardware threads",
        "Revision": git_revision(),
        "Versions": ", ".join(f"{k} {v}" for k, v in versions.items()),
    }
    if models:
        facts["Shipped models"] = ", ".join(f"{k} {v}" for k, v in models.items())
    return facts

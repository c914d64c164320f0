"""The report's first words: the findings as sentences, and what is still open."""

from __future__ import annotations

from reprohrl.bench.claims import halved_sentence, lead
from reprohrl.bench.curves import TrainedRun, pixel_ratio, reached
from reprohrl.bench.methods import METHODS
from reprohrl.bench.numbers import best_other, numbers, ours
from reprohrl.bench.report.document import Block, Listing, Text
from reprohrl.bench.report.learning import FEATURES, PIXELS, RATIO_TASK, ratio_sentence
from reprohrl.bench.report.words import title
from reprohrl.bench.results import Results

MAIN_TASKS = ("C1", "MC-3")


def main_rung(results: Results, order: tuple[str, ...]) -> str | None:
    """Return the first of `order` at which ours was flown, else the first at which anything was."""
    wheres = [w for w in order if any(ours(results, METHODS, t, w) for t in results.request.tasks)]
    return next(iter(wheres), next((w for w in order if results.at_rung(w)), None))


def flights(results: Results) -> str:
    return f"{sum(len(g.runs) * len(g.episodes) for g in results.groups):,}"


def tiles(results: Results, where: str | None) -> list[tuple[str, str]]:
    found = []
    for task in results.request.tasks[:6]:
        group = ours(results, METHODS, task, where) if where is not None else None
        if group is not None:
            success = numbers(group).success
            interval = f"[{100 * success.low:.1f}, {100 * success.high:.1f}]"
            found.append((f"{100 * success.value:.1f} %", f"ours on {task} at {where}, {interval}"))
    return found


def short(results: Results, runs: list[TrainedRun], truth: str | None, best: str | None) -> list[Block]:
    """Return the findings as sentences; what is open is said to be open."""
    if truth is None:
        return [Text("Nothing was flown yet.")]
    items = []
    for task in [t for t in MAIN_TASKS if t in results.request.tasks]:
        found = lead(results, task, truth)
        items.append(
            halved_sentence(found)
            if found is not None
            else f"{task} at {truth}: whether failures are halved is open: nobody to compare."
        )
    if best is not None and best != truth:
        for task in MAIN_TASKS:
            found = lead(results, task, best)
            items += [halved_sentence(found)] if found is not None else []
    items += _overtaken(results, truth)
    items.append(ratio_sentence(pixel_ratio(reached(runs), RATIO_TASK, FEATURES, PIXELS)))
    if results.missing:
        items.append(f"{len(results.missing)} cells are not complete: see “What was not run”.")
    return [Listing(items)]


def _overtaken(results: Results, where: str) -> list[str]:
    """Name the tasks on which another method is as good as ours or better."""
    said = []
    for task in results.request.tasks:
        mine, rival = ours(results, METHODS, task, where), best_other(results, METHODS, task, where)
        if mine is not None and rival is not None:
            a, b = numbers(mine).success, numbers(rival).success
            if b.value >= a.value:
                said.append(
                    f"On {task} at {where}, {title(rival.method)} ({b}) is at least as good as ours ({a})."
                )
    return said

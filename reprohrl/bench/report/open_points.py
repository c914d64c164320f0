"""What was not run, and what the numbers belong to."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence

from reprohrl.bench.curves import TrainedRun
from reprohrl.bench.methods import METHODS
from reprohrl.bench.report.document import Block, Listing, Table, Text
from reprohrl.bench.report.words import RUNG_WORDS, count, seconds, title
from reprohrl.bench.results import Results
from reprohrl.bench.suite import BULLET, RUNGS, SUITES


def missing_blocks(results: Results) -> list[Block]:
    """Say what was asked and is not there, and what was not asked at all."""
    request = results.request
    blocks: list[Block] = []
    rows = []
    parts: dict[tuple[str, str, str], list[str]] = defaultdict(list)
    for m in results.missing:
        where = f"{m.cell.rung}-{BULLET}" if m.cell.renderer == BULLET else m.cell.rung
        seed = f" (seed {m.cell.train_seed})" if METHODS[m.cell.method].learned else ""
        parts[m.cell.method, where, f"{m.done} of {m.wanted}"].append(m.cell.task + seed)
    for (method, where, done), cells in parts.items():
        rows.append([title(method), where, done, ", ".join(cells)])
    if rows:
        total = sum(m.wanted - m.done for m in results.missing)
        note = f"{total} episodes are missing; the same command again flies them."
        blocks.append(Table(["method", "rung", "episodes", "cells"], rows, note, left=4))
    else:
        blocks.append(Text("Everything that was asked for was flown."))
    left = [f"{title(m)}: not asked for." for m in METHODS if m not in request.methods]
    left += [f"{r} ({RUNG_WORDS[r]}): not asked for." for r in RUNGS if r not in request.rungs]
    tasks = [t for t in SUITES["full"] if t not in request.tasks]
    left += [f"Tasks not asked for: {', '.join(tasks)}."] if tasks else []
    left += [
        f"{title(m)} does not fly from frames: it has no camera."
        for m in request.methods
        if not METHODS[m].frames
    ]
    seeds = {len(s) for m, s in request.train_seeds.items() if METHODS[m].learned}
    if seeds and max(seeds) > request.frame_seeds:
        left.append(f"At R2 and up, {request.frame_seeds} training seed(s) of each method were flown.")
    left.append("No hardware flight and no measurement on the GAP8 was made.")
    return [*blocks, Listing(left)]


def measured_blocks(results: Results, runs: Sequence[TrainedRun], facts: Mapping[str, str]) -> list[Block]:
    """Say how the numbers were made."""
    request = results.request
    lines = [
        f"Test episodes are scenes of seeds 0 to {request.truth_episodes - 1} (R0, R1) and 0 to "
        f"{request.frame_episodes - 1} (R2 and up) of each task's test split: the same for every method, and "
        "never trained on.",
        "Success: every commanded goal reached in order (0.5 m from its surface, held for 0.5 s), no "
        "contact, within 60 s per goal; judged from the simulator's truth. The first failure is final.",
        *(f"**{where}**: {words}." for where, words in RUNG_WORDS.items() if where[:2] in request.rungs),
        f"Learned methods were trained on {request.train_on or 'the task they are tested on'}.",
    ]
    lines += [f"**{title(m)}**: {METHODS[m].about}." for m in request.methods]
    codes = sorted({c for g in results.groups for c in g.fingerprints})
    if len(codes) > 2:
        lines.append(f"The ledgers come from {len(codes)} versions of the code ({', '.join(codes)}).")
    lines += [f"{name}: {value}." for name, value in facts.items()]
    blocks: list[Block] = [Listing(lines)]
    table = _budgets(results, runs)
    return [*blocks, table, Text(_budget_words(results))] if table.rows else blocks


def _budgets(results: Results, runs: Sequence[TrainedRun]) -> Table:
    rows = []
    for method, task in dict.fromkeys((r.method, r.task) for r in runs if r.method in METHODS):
        some = [r for r in runs if (r.method, r.task) == (method, task)]
        rows.append(
            [
                title(method),
                task,
                ", ".join(str(r.seed) for r in sorted(some, key=lambda r: r.seed)),
                count(max(r.budget for r in some)),
                count(max(float(r.steps[-1]) for r in some)),
                seconds(sum(float(r.wall_s[-1]) for r in some) / len(some)),
                f"{sum(r.finished for r in some)} of {len(some)}",
            ]
        )
    head = ["method", "trained on", "seeds", "steps given", "steps used", "wall-clock each", "finished"]
    return Table(head, rows, left=3)


def _budget_words(results: Results) -> str:
    steps = {m: s for m, s in results.request.steps.items() if m in results.request.methods and s}
    if len(set(steps.values())) <= 1:
        return "All learned methods were given the same number of decision steps."
    said = ", ".join(f"{title(m)} {count(s)}" for m, s in steps.items())
    return f"**Budgets differ** ({said}): a method with fewer steps may be undertrained, not worse."

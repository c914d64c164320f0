"""The paired tests: every method against ours, and against the best other one."""

from __future__ import annotations

from collections.abc import Sequence

from reprohrl.bench.methods import METHODS, Role
from reprohrl.bench.numbers import Versus, against, best_other
from reprohrl.bench.report.document import Table
from reprohrl.bench.report.words import p_value, points, title
from reprohrl.bench.results import Results

NOTE = (
    "Positive differences favour the reference. One run each: exact McNemar test. Several training seeds: a "
    "bootstrap that draws episodes (paired) and seeds anew, {resamples} times. p is adjusted for all lines "
    "of this table by Holm's rule; below 0.05 it is **bold**."
)


def versus_ours(results: Results, where: str) -> Table:
    """Ours against every other method."""
    name = next((m for m in results.request.methods if METHODS[m].role is Role.OURS), None)
    return _table(against(results, where, lambda _: name, results.request.methods))


def versus_best_other(results: Results, where: str) -> Table:
    """The best method that is neither ours nor a bound, task by task, against every other method."""

    def best(task: str) -> str | None:
        group = best_other(results, METHODS, task, where)
        return group.method if group is not None else None

    return _table(against(results, where, best, results.request.methods))


def _table(lines: Sequence[Versus]) -> Table:
    from reprohrl.evaluation.comparison import RESAMPLES

    rows = []
    for line in lines:
        compared = line.comparison
        value, low, high = compared.difference
        shown = p_value(line.adjusted_p)
        rows.append(
            [
                line.task,
                title(line.reference),
                title(line.other),
                f"{points(value)} [{points(low)}, {points(high)}]",
                p_value(compared.p_value),
                f"**{shown}**" if line.adjusted_p < 0.05 else shown,
                compared.test,
            ]
        )
    head = ["task", "reference", "against", "difference, points", "p", "p, Holm", "test"]
    return Table(head, rows, NOTE.format(resamples=RESAMPLES), left=3)

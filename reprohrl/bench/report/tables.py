"""The tables of rates: one line per method, one column per task, and each cell in full."""

from __future__ import annotations

from collections.abc import Sequence

from reprohrl.bench.methods import METHODS, Role
from reprohrl.bench.numbers import Numbers, finite, numbers, versus
from reprohrl.bench.report.document import Block, Details, Table, Text
from reprohrl.bench.report.words import percent, points, title
from reprohrl.bench.results import Group, Results
from reprohrl.evaluation.judge import Outcome
from reprohrl.evaluation.table import COLLISIONS

BEST_NOTE = (
    "Success in %, Wilson 95 % interval in brackets. **Bold**: the best of a column, the upper bound left "
    "aside; ≈ marks methods whose interval overlaps the best one's. ◦ marks cells with fewer episodes or "
    "training seeds than asked for. – was not flown."
)

GAP_NOTE = (
    " **gap**: the change in points when the same episodes are flown on PyBullet's renderer instead, with "
    "the paired 95 % interval and the rate there: the sim-to-sim gap."
)


def rates(results: Results, where: str, *, gap: bool = False) -> Table:
    """Return success by method and task, best methods first. `gap` puts the other renderer beside it."""
    tasks = [t for t in results.request.tasks if results.at(t, where)]
    cells = {(g.method, g.task): numbers(g) for g in results.groups if g.where == where}
    methods = sorted({m for m, _ in cells}, key=lambda m: _rank(m, tasks, cells))
    best = {task: _best([cells[m, task] for m in methods if (m, task) in cells]) for task in tasks}
    rows = []
    for method in methods:
        row = [title(method), _seeds([cells[method, t].group for t in tasks if (method, t) in cells])]
        for task in tasks:
            cell = cells.get((method, task))
            row.append(_rate(cell, best[task]) + (_gap(results, cell) if gap else ""))
        rows.append(row)
    return Table(["method", "seeds", *tasks], rows, BEST_NOTE + (GAP_NOTE if gap else ""))


def _rank(method: str, tasks: Sequence[str], cells: dict[tuple[str, str], Numbers]) -> tuple[float, ...]:
    """Sort by the mean success over the tasks, more tasks first; the bound stands last."""
    flown = [cells[method, t].success.value for t in tasks if (method, t) in cells]
    mean = sum(flown) / len(flown) if flown else 0.0
    return (float(METHODS[method].role is Role.BOUND), -mean, -len(flown))


def _best(column: Sequence[Numbers]) -> Numbers | None:
    rivals = [n for n in column if METHODS[n.group.method].role is not Role.BOUND]
    return max(rivals, key=lambda n: n.success.value, default=None)


def _rate(cell: Numbers | None, best: Numbers | None) -> str:
    if cell is None:
        return "–"
    text = percent(cell.success) + ("" if cell.group.complete else " ◦")
    if cell is best:
        return f"**{text}**"
    bound = METHODS[cell.group.method].role is Role.BOUND
    close = best is not None and cell.success.high >= best.success.low and not bound
    return f"{text} ≈" if close else text


def _gap(results: Results, cell: Numbers | None) -> str:
    """Return the second line of a cell: the same episodes on the other renderer."""
    if cell is None:
        return ""
    other = results.group(cell.group.method, cell.group.task, "R2-bullet")
    compared = versus(other, cell.group) if other is not None else None
    if other is None or compared is None:
        return "\ngap: not flown"
    low, high = compared.difference[1:]
    rate = 100 * numbers(other).success.value
    change = f"{points(compared.difference.value)} [{points(low)}, {points(high)}]"
    return f"\ngap {change} → {rate:.1f}"


def _seeds(groups: Sequence[Group]) -> str:
    counts = sorted({len(g.runs) for g in groups})
    if groups and not METHODS[groups[0].method].learned:
        return "not trained"
    return "–" if not counts else str(counts[0]) if len(counts) == 1 else f"{counts[0]} to {counts[-1]}"


CELL_HEAD = (
    "method", "flights", "success %", "seed by seed, %", "spread", "SPL", "progress %", "collision %",
    "wrong goal %", "time-out %", "other %", "time to goal, s",
)  # fmt: skip


def full_cells(results: Results, where: str) -> list[Block]:
    """Return every task's full table at `where`, folded away."""
    blocks: list[Block] = []
    for task in results.request.tasks:
        lines = [numbers(g) for g in results.at(task, where)]
        if lines:
            best = _best(lines)
            lines.sort(key=lambda n: -n.success.value)
            table = Table(CELL_HEAD, [_cell_row(n, best) for n in lines])
            blocks.append(Details(f"{task} at {where}: all numbers", [table, Text(CELL_NOTE)]))
    return blocks


CELL_NOTE = (
    "Intervals of methods with several training seeds are for other seeds and other episodes alike: Wilson's "
    "for the effective number of independent flights. Spread: standard deviation between training seeds, in "
    "points. SPL: success weighted by path length against straight legs. Progress: goals reached of those "
    "commanded. Time to goal: median over the legs flown to their end, bootstrap 95 % interval."
)


def _cell_row(n: Numbers, best: Numbers | None) -> list[str]:
    def share(*outcomes: Outcome) -> str:
        return f"{100 * sum(n.outcomes.get(o, 0.0) for o in outcomes):.1f}"

    time, low, high = n.time_to_goal_s
    seeds = " ".join(f"{100 * s:.1f}" for s in n.success.seeds) if len(n.success.seeds) > 1 else "–"
    return [
        title(n.group.method),
        str(n.success.trials),
        _rate(n, best),
        seeds,
        finite(100 * n.success.spread),
        f"{n.spl:.3f}",
        f"{100 * n.progress:.1f}",
        share(*COLLISIONS),
        share(Outcome.WRONG_GOAL),
        share(Outcome.TIMEOUT),
        share(Outcome.UNFINISHED, Outcome.WRONGLY_ABSENT),
        f"{time:.1f} [{low:.1f}, {high:.1f}]" if time == time else "–",
    ]


def views(results: Results, where: str) -> Table:
    """Return success with the first goal in view at the start, and out of view, by method and task."""
    rows = []
    for task in results.request.tasks:
        lines = sorted((numbers(g) for g in results.at(task, where)), key=lambda n: -n.success.value)
        for n in lines:
            seen, unseen = n.in_view, n.out_of_view
            change = unseen.value - seen.value
            rows.append(
                [task, title(n.group.method), percent(seen), percent(unseen), points(change),
                 f"{seen.trials} / {unseen.trials}"]
            )  # fmt: skip
    note = (
        "Success in %, Wilson 95 %. The scenes of the two columns differ, so the change is not a paired one."
    )
    head = ["task", "method", "first goal in view", "out of view", "change, points", "flights"]
    return Table(head, rows, note, left=2)

"""The numbers of one group of cells, and how its method stands against the others."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from reprohrl.bench.methods import Method, Role
from reprohrl.bench.results import Group, Results, Runs
from reprohrl.evaluation.comparison import Comparison, Interval, compare, holm, median_interval
from reprohrl.evaluation.judge import Outcome
from reprohrl.evaluation.statistics import PooledRate, mean, pooled_rate


@dataclass(frozen=True, slots=True)
class Numbers:
    """One line of a table. `outcomes` are fractions of all flights; times are simulated seconds."""

    group: Group
    success: PooledRate
    in_view: PooledRate
    out_of_view: PooledRate
    spl: float
    progress: float
    time_to_goal_s: Interval
    option_switches: float
    outcomes: dict[Outcome, float]


def numbers(group: Group) -> Numbers:
    """Gather a group."""
    flights = group.flat()
    count = len(flights)
    outcomes = {o: sum(r.outcome is o for r in flights) / count for o in Outcome}
    return Numbers(
        group=group,
        success=pooled_rate(solved(group.runs)),
        in_view=pooled_rate(solved(group.only(True))),
        out_of_view=pooled_rate(solved(group.only(False))),
        spl=mean([r.spl for r in flights]),
        progress=mean([r.progress for r in flights]),
        time_to_goal_s=median_interval([t for r in flights for t in r.leg_times_s]),
        option_switches=mean([float(r.option_switches) for r in flights]),
        outcomes={o: share for o, share in outcomes.items() if share > 0},
    )


def solved(runs: Runs) -> list[list[bool]]:
    return [[result.success for result in run] for run in runs]


def versus(first: Group, second: Group) -> Comparison | None:
    """Compare two groups on the episodes both flew; None when they share none."""
    shared = sorted(set(first.episodes) & set(second.episodes))
    if not shared:
        return None
    return compare(solved(_keep(first, shared)), solved(_keep(second, shared)))


def _keep(group: Group, episodes: list[int]) -> Runs:
    place = {e: i for i, e in enumerate(group.episodes)}
    return [[run[place[e]] for e in episodes] for run in group.runs]


@dataclass(frozen=True, slots=True)
class Versus:
    """A reference method against another in one place: positive differences favour the reference."""

    reference: str
    other: str
    task: str
    where: str
    comparison: Comparison
    adjusted_p: float


def against(
    results: Results, where: str, reference: Callable[[str], str | None], others: Iterable[str]
) -> list[Versus]:
    """Compare `reference(task)` with each of `others` on every task at `where`, Holm over them all."""
    found: list[tuple[str, Group, Comparison]] = []
    for task in results.request.tasks:
        name = reference(task)
        first = results.group(name, task, where) if name is not None else None
        for other in others if first is not None else ():
            second = results.group(other, task, where)
            if first is None or second is None or other == first.method:
                continue
            comparison = versus(first, second)
            if comparison is not None:
                found.append((first.method, second, comparison))
    adjusted = holm([comparison.p_value for _, _, comparison in found])
    return [
        Versus(name, second.method, second.task, where, comparison, p)
        for (name, second, comparison), p in zip(found, adjusted, strict=True)
    ]


def best_other(results: Results, methods: dict[str, Method], task: str, where: str) -> Group | None:
    """Return the best method that is neither ours nor told the map; None when none was flown."""
    rivals = [g for g in results.at(task, where) if methods[g.method].role is Role.BASELINE]
    return max(rivals, key=lambda g: pooled_rate(solved(g.runs)).value, default=None)


def ours(results: Results, methods: dict[str, Method], task: str, where: str) -> Group | None:
    return next((g for g in results.at(task, where) if methods[g.method].role is Role.OURS), None)


def finite(value: float, form: str = "{:.1f}", scale: float = 1.0) -> str:
    """Return the number as text, a dash for nothing."""
    return form.format(scale * value) if math.isfinite(value) else "–"

"""The sentences a reader wants, with their arithmetic: leads in both senses, failures removed."""

from __future__ import annotations

import math
from dataclasses import dataclass

from reprohrl.bench.methods import METHODS, Method
from reprohrl.bench.numbers import best_other, numbers, ours, versus
from reprohrl.bench.results import Results
from reprohrl.evaluation.comparison import Comparison
from reprohrl.evaluation.statistics import PooledRate

PUBLISHED_LEADS = (("C1", "in a more complex environment", 18), ("MC-3", "in a multi-goal setting", 5))
"""What ReProHRL's abstract (arXiv 2308.08737) says of its lead over the best baseline, in per cent.

Which of our tasks is nearest to its environments is our choice: its rooms and its baseline are not known.
"""

HALVED = 0.5


@dataclass(frozen=True, slots=True)
class Lead:
    """Ours against the best other method on one task, in both senses of per cent."""

    task: str
    where: str
    other: Method
    ours: PooledRate
    theirs: PooledRate
    comparison: Comparison

    @property
    def points(self) -> float:
        return 100 * self.comparison.difference.value

    @property
    def relative(self) -> float:
        """Per cent of the other's rate; NaN when it never succeeds."""
        return 100 * (self.ours.value / self.theirs.value - 1) if self.theirs.value > 0 else math.nan


def lead(results: Results, task: str, where: str) -> Lead | None:
    """Return the lead at one place; None while ours or every other method is missing there."""
    mine, rival = ours(results, METHODS, task, where), best_other(results, METHODS, task, where)
    comparison = versus(mine, rival) if mine is not None and rival is not None else None
    if mine is None or rival is None or comparison is None:
        return None
    return Lead(task, where, METHODS[rival.method], numbers(mine).success, numbers(rival).success, comparison)


def ceilings(percent: int) -> tuple[float, float]:
    """Return the most a baseline can reach [%] that is led by `percent` points, and by that share of it."""
    return 100.0 - percent, 100.0 / (1 + percent / 100)


def lead_sentences(found: Lead, percent: int) -> list[str]:
    """Say what the lead is in both senses, and what room the baseline leaves for the published one."""
    points, relative = ceilings(percent)
    low, high = (100 * v for v in found.comparison.difference[1:])
    name = found.other.title
    base = 100 * found.theirs.value
    said = [
        f"{found.task} at {found.where}: ours {found.ours}, best other method ({name}) {found.theirs}.",
        f"In points: {100 * found.ours.value:.1f} − {base:.1f} = **{found.points:+.1f}** "
        f"[{low:+.1f}, {high:+.1f}]. Relative: {100 * found.ours.value:.1f} / {base:.1f} − 1 = "
        + (f"**{found.relative:+.1f} %**." if math.isfinite(found.relative) else "not defined."),
        f"A lead of {percent} points needs a baseline of at most 100 − {percent} = {points:.0f} %; a "
        f"relative lead of {percent} % one of at most 100 / {1 + percent / 100:.2f} = {relative:.1f} %.",
    ]
    if base > points:
        said.append(
            f"The best other method reaches {base:.1f} %, more than {points:.0f} %: no method could lead it "
            f"by {percent} points here"
            + (f", nor by {percent} % of its rate" if base > relative else "")
            + ". What counts here is the absolute rate and the share of failures removed."
        )
    return said


def halved_sentence(found: Lead) -> str:
    """Say plainly whether ours has at most half the failures of the best other method."""
    removed = found.comparison.failures_removed
    name, place = found.other.title, f"{found.task} at {found.where}"
    if not math.isfinite(removed.value):
        return f"{place}: {name} did not fail once, so there are no failures to remove."
    ours_fail, theirs_fail = 100 - 100 * found.ours.value, 100 - 100 * found.theirs.value
    numbers_said = (
        f"{name} fails {theirs_fail:.1f} % of episodes, ours {ours_fail:.1f} %; "
        f"on the episodes both flew {100 * removed.value:.0f} % of the failures are removed "
        f"[{100 * removed.low:.0f}, {100 * removed.high:.0f}]"
    )
    if removed.low >= HALVED:
        verdict = "the failures **are at least halved**"
    elif removed.value >= HALVED:
        verdict = "the failures **are halved** by the estimate, but the interval does not exclude less"
    elif removed.high >= HALVED:
        verdict = "the failures **are not halved** by the estimate, though the interval does not exclude it"
    else:
        verdict = "the failures **are not halved**"
    return f"{place}: {verdict}. {numbers_said}."

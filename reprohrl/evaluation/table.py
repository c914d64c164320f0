"""Episodes gathered into the numbers that are published."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from reprohrl.evaluation.comparison import Interval, median_interval
from reprohrl.evaluation.judge import Outcome
from reprohrl.evaluation.spec import EpisodeResult, Report
from reprohrl.evaluation.statistics import Rate

VIEWS = ("all", "in view", "out of view")
COLUMNS = (
    "first goal at start", "episodes", "success %, Wilson 95 %", "SPL", "progress %", "collision",
    "wrong goal", "time-out", "unfinished", "wrongly absent", "in any order %, Wilson 95 %",
    "time to goal, median s",
)  # fmt: skip
COLLISIONS = (
    Outcome.COLLISION_WALL,
    Outcome.COLLISION_FLOOR,
    Outcome.COLLISION_OBSTACLE,
    Outcome.COLLISION_GOAL,
)


@dataclass(frozen=True, slots=True)
class Cell:
    """The numbers of one set of episodes. `progress` is goals reached over goals commanded.

    `any_order` counts the episodes in which all goals were visited before anything ended it, in whichever
    order.
    """

    view: str
    success: Rate
    any_order: Rate
    spl: float
    progress: float
    outcomes: dict[str, int]
    time_to_goal_s: Interval  # median over the legs that ended at their goal
    option_switches: float

    @property
    def episodes(self) -> int:
        return self.success.trials

    def count(self, *outcomes: Outcome) -> int:
        return sum(self.outcomes.get(str(o), 0) for o in outcomes)

    def row(self) -> tuple[str, ...]:
        """Return the cell as text in the order of `COLUMNS`."""
        if not self.episodes:
            return (self.view, "0", *["-"] * (len(COLUMNS) - 2))
        time = self.time_to_goal_s.value
        return (
            self.view,
            str(self.episodes),
            _percent(self.success),
            f"{self.spl:.3f}",
            f"{100 * self.progress:.1f}",
            str(self.count(*COLLISIONS)),
            str(self.count(Outcome.WRONG_GOAL)),
            str(self.count(Outcome.TIMEOUT)),
            str(self.count(Outcome.UNFINISHED, Outcome.WRONGLY_ABSENT)),
            str(self.count(Outcome.WRONGLY_ABSENT)),
            _percent(self.any_order),
            f"{time:.1f}" if math.isfinite(time) else "-",
        )

    def to_dict(self) -> dict[str, Any]:
        return {
            "episodes": self.episodes,
            "success_rate": _number(self.success.value),
            "wilson95": [_number(v) for v in self.success.interval],
            "any_order_rate": _number(self.any_order.value),
            "any_order_wilson95": [_number(v) for v in self.any_order.interval],
            "spl": _number(self.spl),
            "progress": _number(self.progress),
            "outcomes": self.outcomes,
            "time_to_goal_median_s": _number(self.time_to_goal_s.value),
            "time_to_goal_median_bootstrap95": [_number(v) for v in self.time_to_goal_s[1:]],
            "option_switches": _number(self.option_switches),
        }


def cell(view: str, results: Sequence[EpisodeResult]) -> Cell:
    """Gather the results of one view."""
    outcomes = [str(r.outcome) for r in results]
    return Cell(
        view=view,
        success=Rate(sum(r.success for r in results), len(results)),
        any_order=Rate(sum(r.success_in_any_order for r in results), len(results)),
        spl=_mean([r.spl for r in results]),
        progress=_mean([r.progress for r in results]),
        outcomes={o: outcomes.count(o) for o in dict.fromkeys(outcomes)},
        time_to_goal_s=median_interval([t for r in results for t in r.leg_times_s]),
        option_switches=_mean([float(r.option_switches) for r in results]),
    )


def cells(results: Sequence[EpisodeResult]) -> list[Cell]:
    """Return one cell per view of `VIEWS`."""
    parts = (results, [r for r in results if r.goal_in_view], [r for r in results if not r.goal_in_view])
    return [cell(view, part) for view, part in zip(VIEWS, parts, strict=True)]


def report_dict(report: Report, versions: dict[str, str]) -> dict[str, Any]:
    """Return the JSON-ready form of a family: settings, numbers per view, every episode."""
    spec = report.spec
    return {
        "task": spec.task,
        "rung": str(spec.rung),
        "camera": "colour" if spec.colour else "grey",
        "planner": spec.planner,
        "navigator": spec.navigator,
        "renderer": spec.renderer,
        "world": spec.world,
        "split": spec.split,
        "versions": versions,
        "numbers": {c.view: c.to_dict() for c in cells(report.results)},
        "episodes": [r.to_dict() for r in sorted(report.results, key=lambda r: r.seed)],
    }


def _mean(values: Sequence[float]) -> float:
    return sum(values) / len(values) if values else math.nan


def _percent(rate: Rate) -> str:
    value, low, high = (100 * v for v in (rate.value, *rate.interval))
    return f"{value:.1f} [{low:.1f}, {high:.1f}]"


def _number(value: float) -> float | None:
    return round(value, 4) if math.isfinite(value) else None

"""The numbers of a bench as plain data, for whoever makes tables of their own."""

from __future__ import annotations

from typing import Any

from reprohrl.bench.numbers import numbers
from reprohrl.bench.results import Results
from reprohrl.evaluation.statistics import PooledRate


def results_dict(results: Results) -> dict[str, Any]:
    """Return every group's numbers, JSON-ready."""
    cells = []
    for group in results.groups:
        n = numbers(group)
        cells.append(
            {
                "method": group.method, "task": group.task, "rung": group.rung, "renderer": group.renderer,
                "train_seeds": group.train_seeds, "episodes": len(group.episodes),
                "complete": group.complete, "success": _rate_dict(n.success),
                "in_view": _rate_dict(n.in_view), "out_of_view": _rate_dict(n.out_of_view),
                "spl": _number(n.spl), "progress": _number(n.progress),
                "time_to_goal_median_s": _number(n.time_to_goal_s.value),
                "option_switches": _number(n.option_switches),
                "outcomes": {str(o): round(share, 5) for o, share in n.outcomes.items()},
            }
        )  # fmt: skip
    missing = [{**m.cell.to_dict(), "done": m.done, "wanted": m.wanted} for m in results.missing]
    return {"request": results.request.to_dict(), "cells": cells, "missing": missing}


def _rate_dict(rate: PooledRate) -> dict[str, Any]:
    return {
        "rate": _number(rate.value), "low": _number(rate.low), "high": _number(rate.high),
        "flights": rate.trials, "by_seed": [_number(s) for s in rate.seeds],
        "effective_flights": round(rate.effective_trials, 1),
    }  # fmt: skip


def _number(value: float) -> float | None:
    return round(value, 5) if value == value else None

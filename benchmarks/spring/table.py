"""The numbers of all variants with their intervals, as data and as a page."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from benchmarks.spring.variants import VARIANTS
from reprohrl.evaluation.statistics import Rate

RESAMPLES = 10_000
Row = dict[str, Any]


def summarise(rows: Sequence[Row]) -> dict[str, Any]:
    """Return for each world and variant its numbers; `rows` are the ledger's."""
    return {
        "drone": {v.name: _drone([r for r in rows if _is(r, "drone", v.name)]) for v in VARIANTS},
        "crafter": {v.name: _crafter([r for r in rows if _is(r, "crafter", v.name)]) for v in VARIANTS},
    }


def mean_interval(values: Sequence[float]) -> tuple[float, float, float]:
    """Return the mean and its bootstrap 95 % interval (percentiles of 10 000 resamples, fixed seed)."""
    if not values:
        return float("nan"), float("nan"), float("nan")
    data = np.array(values, np.float64)
    draws = np.random.default_rng(0).choice(data, (RESAMPLES, len(data))).mean(axis=1)
    low, high = np.percentile(draws, [2.5, 97.5])
    return float(data.mean()), float(low), float(high)


def page(numbers: dict[str, Any]) -> str:
    """Return the two tables in Markdown."""
    lines = ["| drone missions | kept all rules | 95 % interval | why not |", "|---|---|---|---|"]
    for name, n in numbers["drone"].items():
        low, high = (f"{100 * v:.0f}" for v in n["interval"])
        why = ", ".join(f"{words} {count}" for words, count in n["failures"].items()) or "-"
        lines.append(f"| {name} | {n['kept']} of {n['flights']} | {low} to {high} % | {why} |")
    lines += [
        "",
        "| Crafter | reward | 95 % interval | achievements | most at once |",
        "|---|---|---|---|---|",
    ]
    for name, n in numbers["crafter"].items():
        mean, low, high = n["reward"]
        count, clow, chigh = n["achievements"]
        lines.append(
            f"| {name} | {mean:.2f} | {low:.2f} to {high:.2f} | {count:.2f} ({clow:.2f} to {chigh:.2f}) "
            f"| {n['most']} |"
        )
    return "\n".join(lines)


def _is(row: Row, world: str, variant: str) -> bool:
    return bool(row["world"] == world and row["variant"] == variant)


def _drone(rows: Sequence[Row]) -> dict[str, Any]:
    rate = Rate(sum(r["kept"] for r in rows), len(rows))
    failures: dict[str, int] = {}
    for r in rows:
        if not r["kept"]:
            failures[_kind(r["verdict"])] = failures.get(_kind(r["verdict"]), 0) + 1
    return {
        "flights": len(rows),
        "kept": rate.successes,
        "rate": round(rate.value, 4) if rows else None,
        "interval": [round(v, 4) for v in rate.interval],
        "failures": dict(sorted(failures.items(), key=lambda kv: -kv[1])),
    }


def _kind(verdict: str) -> str:
    for words in ("forbidden", "too early", "touched", "believed"):
        if words in verdict:
            return words
    return "not finished"


def _crafter(rows: Sequence[Row]) -> dict[str, Any]:
    counts = [len(r["achieved"]) for r in rows]
    names = sorted({a for r in rows for a in r["achieved"]})
    return {
        "episodes": len(rows),
        "reward": [round(v, 3) for v in mean_interval([r["reward"] for r in rows])],
        "achievements": [round(v, 3) for v in mean_interval(counts)],
        "most": max(counts, default=0),
        "unlocked": {a: sum(a in r["achieved"] for r in rows) for a in names},
    }

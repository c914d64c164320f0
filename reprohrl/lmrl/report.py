"""Tables and learning curves of the finished runs, made from their result.json alone."""

from __future__ import annotations

import html
import json
import math
import re
from collections.abc import Sequence
from pathlib import Path
from statistics import fmean, median
from typing import Any

from reprohrl.contracts.errors import UserError
from reprohrl.evaluation.statistics import student_quantile
from reprohrl.reporting.svg import Series, TimeAxis, plot

ORDER = ("bc", "filtered-bc", "mc", "ilql", "ppo", "online-filtered-bc")
COLOURS = ("#7a7a7a", "#2d7dd2", "#e08e1b", "#c1292e", "#3a9e5c", "#8d5fd3")
Result = dict[str, Any]
BEGIN, END = "<!-- lmrl tables -->", "<!-- end of lmrl tables -->"


def read_results(root: Path) -> list[Result]:
    """Return the results below `root`, by task, algorithm and seed."""
    found: list[Result] = []
    for path in root.glob("*/*/seed*/result.json"):
        try:
            found.append(json.loads(path.read_text(encoding="utf-8")))
        except (OSError, ValueError) as error:
            raise UserError(f"{path} cannot be read", why=str(error)) from error
    known = {name: i for i, name in enumerate(ORDER)}
    return sorted(found, key=lambda r: (r["task"], known.get(r["algorithm"], len(known)), r["seed"]))


def interval(runs: Sequence[Result]) -> tuple[float, float]:
    """Return a 95 % interval of the mean score: over seeds and, within them, over test episodes.

    The wider of two intervals of Student's t: of the seeds' means, and of all episodes taken together.
    """
    episodes = [score for run in runs for score in run["scores"]]
    means = [fmean(run["scores"]) for run in runs]
    half = max(_half(episodes), _half(means))
    return fmean(means) - half, fmean(means) + half


def _half(values: Sequence[float]) -> float:
    if len(values) < 2:
        return 0.0
    mean = fmean(values)
    spread = math.sqrt(sum((v - mean) ** 2 for v in values) / (len(values) - 1))
    return student_quantile(len(values) - 1) * spread / math.sqrt(len(values))


def rows(results: Sequence[Result], task: str) -> list[list[str]]:
    """Return the table of a task: one row an algorithm."""
    found = []
    for algorithm in dict.fromkeys(r["algorithm"] for r in results if r["task"] == task):
        runs = [r for r in results if (r["task"], r["algorithm"]) == (task, algorithm)]
        low, high = interval(runs)
        each = [r["normalised"] for r in runs]
        found.append([
            algorithm,
            f"{fmean(each):.1f}",
            f"{min(each):.1f} to {max(each):.1f}" if len(each) > 1 else "",
            f"{fmean(r['score'] for r in runs):.2f}",
            f"{low:.2f} to {high:.2f}",
            f"{len(runs)} x {runs[0]['episodes']}",
            f"{median(r['cpu_s'] for r in runs):.0f}",
        ])  # fmt: skip
    return found


HEAD = (
    "algorithm", "normalised", "seeds' range", "mean score", "95 %", "seeds x episodes", "core seconds",
)  # fmt: skip


def to_markdown(results: Sequence[Result]) -> str:
    """Return a table for each task."""
    parts = []
    for task in dict.fromkeys(r["task"] for r in results):
        worst, average, best = next(r["scale"] for r in results if r["task"] == task)
        parts += [
            f"### {task}\n",
            f"0 is {worst:g}, 50 the recorded play ({average:.2f} for the first seed), 100 is {best:g}.\n",
            "| " + " | ".join(HEAD) + " |",
            "|---|" + "---:|" * (len(HEAD) - 1),
            *("| " + " | ".join(row) + " |" for row in rows(results, task)),
            "",
        ]
    return "\n".join(parts)


def curves(results: Sequence[Result], task: str) -> str:
    """Return a picture: the mean score of each algorithm over the seconds of its training."""
    runs = [r for r in results if r["task"] == task]
    end = max(r["seconds"] for r in runs)
    times = [end * i / 100 for i in range(101)]
    series = []
    for algorithm, colour in zip(ORDER, COLOURS, strict=True):
        mine = [r for r in runs if r["algorithm"] == algorithm]
        if mine:
            series.append(Series(algorithm, [_at(mine, t) for t in times], colour))
    return plot(TimeAxis(end), times, series, unit="score", height=220)


def _at(runs: Sequence[Result], time: float) -> float:
    """Return the mean over runs of the last score seen by `time` [s]; NaN before the first."""
    seen = []
    for run in runs:
        before = [row["score"] for row in run["curve"] if "score" in row and row["seconds"] <= time]
        if not before:
            return math.nan
        seen.append(before[-1])
    return fmean(seen)


def to_html(results: Sequence[Result]) -> str:
    parts = [
        "<!doctype html><meta charset='utf-8'><title>LMRL-Gym</title>",
        "<style>body{font:15px system-ui;max-width:1000px;margin:2em auto;padding:0 1em}"
        "td,th{padding:.2em .7em;text-align:right}td:first-child,th:first-child{text-align:left}"
        "svg{width:100%;height:auto}polyline{fill:none;stroke-width:2}.grid,.axis{stroke:#8884}"
        ".tick{font-size:12px;fill:#777}.end{text-anchor:end}.legend i{display:inline-block;width:1em;"
        "height:.7em;margin:0 .4em 0 1em}</style><h1>Text games</h1>",
    ]
    for task in dict.fromkeys(r["task"] for r in results):
        body = "".join(
            "<tr>" + "".join(f"<td>{html.escape(cell)}</td>" for cell in row) + "</tr>"
            for row in rows(results, task)
        )
        head = "".join(f"<th>{html.escape(h)}</th>" for h in HEAD)
        parts.append(
            f"<h2>{html.escape(task)}</h2><table><tr>{head}</tr>{body}</table>{curves(results, task)}"
        )
    return "".join(parts)


def write_report(root: Path, results: Sequence[Result]) -> list[Path]:
    """Write report.md and report.html below `root`; return their paths."""
    paths = [root / "report.md", root / "report.html"]
    for path, text in zip(paths, ("# Text games\n\n" + to_markdown(results), to_html(results)), strict=True):
        _write(path, text)
    return paths


def put_tables(page: Path, results: Sequence[Result]) -> None:
    """Write the tables between the marks of a page. Raises `UserError` for a page without them."""
    text = page.read_text(encoding="utf-8")
    found = re.search(f"{re.escape(BEGIN)}.*{re.escape(END)}", text, re.DOTALL)
    if found is None:
        raise UserError(f"{page} has no place for tables", fix=f"put {BEGIN} and {END} into it")
    tables = f"{BEGIN}\n\n{to_markdown(results)}\n{END}"
    _write(page, text[: found.start()] + tables + text[found.end() :])


def _write(path: Path, text: str) -> None:
    part = path.with_name(path.name + ".part")
    part.write_text(text, encoding="utf-8")
    part.replace(path)

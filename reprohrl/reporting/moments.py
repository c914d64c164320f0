"""What the report's player shows of each moment: plain data for its script."""

from __future__ import annotations

import json
import math
from typing import Any

from reprohrl.flight.log import FlightLog, LogRow
from reprohrl.policies.decision import OPTION_NAMES, Decision
from reprohrl.reporting import palette
from reprohrl.reporting.charts import option_index_colour
from reprohrl.reporting.decisions import Explained
from reprohrl.reporting.palette import css
from reprohrl.reporting.summary import position
from reprohrl.reporting.topview import TopView


def moments(log: FlightLog, view: TopView) -> dict[str, Any]:
    """Return times [s], places on the top view [px], headings, views, and decisions by index.

    `decision[i]` is the one that held at time `t[i]`, -1 before the first; `switch` the one its option
    began with.
    """
    explained, made = Explained(), list[Decision]()
    first = log.rows[0].stamp if log.rows else 0.0
    held, began = [], []
    for row in log.rows:
        decision = explained.row(row)
        if decision is not None:
            made.append(decision)
        held.append(len(made) - 1)
        began.append(next((k for k in range(len(made) - 1, -1, -1) if made[k].switched), -1))
    poses = [position(row, log) for row in log.rows]
    return {
        "t": [round(row.stamp - first, 3) for row in log.rows],
        "at": [[round(v, 1) for v in view.place(x, y)] for x, y, _, _ in poses],
        "yaw": [round(math.degrees(yaw), 1) for *_, yaw in poses],
        "decision": held,
        "switch": began,
        "sees": [_seen(row) for row in log.rows],
        "sectors": [[round(100 * s) for s in row.view.sectors] if row.view else [] for row in log.rows],
        "decisions": [_told(d, first) for d in made],
        "options": [{"name": n.replace("_", " "), "css": css(option_index_colour(k))}
                    for k, n in enumerate(OPTION_NAMES)],
    }  # fmt: skip


def script(data: dict[str, Any]) -> str:
    """Return data as JSON that can stand inside a <script> element."""
    return json.dumps(data, separators=(",", ":"), allow_nan=False).replace("<", "\\u003c")


def _told(decision: Decision, first: float) -> dict[str, Any]:
    before = decision.previous
    return {
        "t": round(decision.stamp - first, 3), "since": round(decision.since - first, 3),
        "option": palette.option_words(decision.option),
        "css": css(palette.option_colour(decision.option)),
        "previous": palette.option_words(before) if before is not None else "",
        "why": decision.reason, "scores": [round(s, 4) for s in decision.option.scores],
    }  # fmt: skip


def _seen(row: LogRow) -> str:
    """Return what the navigator sees, in one line."""
    view = row.view
    if view is None:
        return ""
    parts = []
    if view.way_m > 0.0:
        parts.append(f"way {view.way_m:.1f} m")
    if view.area_m2 > 0.0:
        parts.append(f"{view.area_m2:.1f} m² to look at")
    if math.isfinite(view.goal_age_s):
        parts.append("goal in view" if view.goal_age_s < 0.05 else f"goal seen {view.goal_age_s:.1f} s ago")
    if row.status is not None and row.status.goal_range_m < 20.0:
        parts.append(f"about {row.status.goal_range_m:.1f} m to it")
    front = row.state.ranges[0]
    parts.append(f"{front:.1f} m free ahead")
    return ", ".join(parts)

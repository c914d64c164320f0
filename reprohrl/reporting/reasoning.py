"""How a planner that reads came to its decisions: each as a graph of its questions and answers."""

from __future__ import annotations

import html
import textwrap
from collections.abc import Sequence

from reprohrl.flight.log import FlightLog
from reprohrl.planners.trace import TRACE_EVENT, Step, Trace

MOST_SHOWN = 40
WIDTH = 1080
BOX_W, GAP_X, GAP_Y, PAD = 250, 24, 46, 10
LINE_PX = 15
CHARS = 36
ASIDE_PX = 170
"""Rows of one box stand left and right in turn, so that lines past them stay in sight."""

MOST_LINES = 9


def reasoning(log: FlightLog) -> str:
    """Return a section's content; "" for a flight without such a planner."""
    found = [
        Trace.from_dict(dict(e.data)) for e in log.events if e.kind == TRACE_EVENT and e.data is not None
    ]
    if not found:
        return ""
    first = log.rows[0].stamp if log.rows else 0.0
    parts = [_totals(found)]
    for k, trace in enumerate(found[:MOST_SHOWN]):
        parts.append(_decision(trace, first, opened=k == 0))
    if len(found) > MOST_SHOWN:
        parts.append(f"<p>{len(found) - MOST_SHOWN} later decisions are in flight.mcap.</p>")
    return "".join(parts)


def _totals(traces: Sequence[Trace]) -> str:
    good = [t for t in traces if not t.fallback]
    cost = sum(t.cost for t in traces)
    facts = [
        f"{len(good)} decisions",
        f"{len(traces) - len(good)} left to the fallback",
        f"{sum(len(t.steps) for t in traces)} questions",
        f"{sum(t.tokens for t in traces)} tokens",
        *([f"{cost:.4f} USD"] if cost else []),
        f"{sum(t.seconds for t in traces):.1f} s of thinking",
    ]
    return f'<p class="sub">{html.escape(" · ".join(facts))}</p>'


def _decision(trace: Trace, first: float, *, opened: bool) -> str:
    word = trace.option or "no decision"
    took = f"{trace.seconds:.2f} s, {trace.tokens} tokens"
    why = f"the fallback flies: {trace.fallback}" if trace.fallback else trace.reason
    return (
        f'<details class="thought"{" open" if opened else ""}><summary>'
        f'<span class="number">{trace.stamp - first:.1f} s</span> <b>{html.escape(word)}</b> '
        f'<span class="sub">{html.escape(took)}</span></summary>'
        f"<p>{html.escape(why)}</p>{graph(trace.steps)}</details>"
    )


def graph(steps: Sequence[Step]) -> str:
    """Return the questions as boxes in rows, each below all its parents, with lines from them."""
    if not steps:
        return ""
    rows = _rows(steps)
    boxes: dict[str, tuple[float, float, float]] = {}  # name -> left, top, height
    top = 4.0
    shapes = []
    for k, row in enumerate(rows):
        box_w = _width(len(row))
        height = max(_height(s, box_w) for s in row)
        left = (WIDTH - len(row) * box_w - (len(row) - 1) * GAP_X) / 2
        if len(row) == 1 and 0 < k < len(rows) - 1:
            left += ASIDE_PX if k % 2 else -ASIDE_PX
        for s in row:
            boxes[s.name] = (left, top, _height(s, box_w))
            shapes.append(_box(s, left, top, box_w))
            left += box_w + GAP_X
        top += height + GAP_Y
    edges = [
        _edge(boxes[p], boxes[s.name], _width(_length(rows, p)), _width(_length(rows, s.name)))
        for s in steps
        for p in s.parents
        if p in boxes
    ]
    return (
        f'<svg class="dag" viewBox="0 0 {WIDTH} {top - GAP_Y + 8:.0f}" role="img">'
        f"<title>questions and answers, parents above</title>{''.join(edges)}{''.join(shapes)}</svg>"
    )


def _rows(steps: Sequence[Step]) -> list[list[Step]]:
    depth: dict[str, int] = {}
    for s in steps:  # parents come first
        depth[s.name] = 1 + max((depth[p] for p in s.parents if p in depth), default=-1)
    return [[s for s in steps if depth[s.name] == d] for d in range(max(depth.values()) + 1)]


def _length(rows: list[list[Step]], name: str) -> int:
    return next(len(row) for row in rows if any(s.name == name for s in row))


def _width(boxes: int) -> float:
    return min(BOX_W * 1.4, (WIDTH - 8 - (boxes - 1) * GAP_X) / boxes)


def _lines(step: Step, width: float) -> tuple[list[str], list[str]]:
    chars = max(12, int(width / BOX_W * CHARS))
    question = textwrap.wrap(step.question, chars)[:3]
    answer = textwrap.wrap(step.answer or "(nothing)", chars)
    if len(answer) > MOST_LINES:
        answer = [*answer[: MOST_LINES - 1], "…"]
    return question, answer


def _height(step: Step, width: float) -> float:
    question, answer = _lines(step, width)
    return 2 * PAD + LINE_PX * (1 + len(question) + len(answer)) + 8


def _box(step: Step, left: float, top: float, width: float) -> str:
    question, answer = _lines(step, width)
    head = f"{step.name} · {step.seconds:.2f} s · {step.tokens} tokens"
    texts = [("head", head), *(("ask", line) for line in question), *(("say", line) for line in answer)]
    y = top + PAD + LINE_PX - 3
    lines = []
    for kind, line in texts:
        lines.append(f'<text class="{kind}" x="{left + PAD:.1f}" y="{y:.1f}">{html.escape(line)}</text>')
        y += LINE_PX
    full = html.escape(f"{step.question}\n{step.answer}")
    return (
        f'<g class="step"><title>{full}</title><rect x="{left:.1f}" y="{top:.1f}" width="{width:.1f}" '
        f'height="{_height(step, width):.1f}" rx="8"/>{"".join(lines)}</g>'
    )


def _edge(
    parent: tuple[float, float, float], child: tuple[float, float, float], parent_w: float, child_w: float
) -> str:
    x0, y0 = parent[0] + parent_w / 2, parent[1] + parent[2]
    x1, y1 = child[0] + child_w / 2, child[1]
    middle = (y0 + y1) / 2
    curve = f"M{x0:.1f} {y0:.1f} C{x0:.1f} {middle:.1f} {x1:.1f} {middle:.1f} {x1:.1f} {y1:.1f}"
    return f'<path class="edge" d="{curve}"/>'

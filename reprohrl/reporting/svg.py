"""Small inline SVG pictures for the report: time plots and lanes that share one time axis."""

from __future__ import annotations

import html
import math
from collections.abc import Sequence
from dataclasses import dataclass

WIDTH = 1000
LEFT = 92
RIGHT = 14
PLOT = WIDTH - LEFT - RIGHT


@dataclass(frozen=True, slots=True)
class Series:
    """One line of a plot; values that are not finite leave a gap. `css` is a colour."""

    name: str
    values: Sequence[float]
    css: str
    dashed: bool = False


@dataclass(frozen=True, slots=True)
class Span:
    """A coloured bar of a lane from `begin` to `end` [s]."""

    begin: float
    end: float
    css: str
    label: str = ""


@dataclass(frozen=True, slots=True)
class Mark:
    """A dot of a lane at `time` [s]."""

    time: float
    css: str
    label: str


@dataclass(frozen=True, slots=True)
class Lane:
    name: str
    spans: Sequence[Span] = ()
    marks: Sequence[Mark] = ()


class TimeAxis:
    """Maps seconds in [0, end_s] to SVG x."""

    def __init__(self, end_s: float) -> None:
        self.end_s = max(end_s, 1e-3)

    def x(self, seconds: float) -> float:
        return LEFT + PLOT * min(max(seconds / self.end_s, 0.0), 1.0)

    def ticks(self) -> list[float]:
        step = nice_step(self.end_s / 10)
        return [k * step for k in range(int(self.end_s / step + 1e-9) + 1)]


def nice_step(rough: float) -> float:
    """Return 1, 2 or 5 times a power of ten, not below `rough`."""
    power = 10.0 ** math.floor(math.log10(max(rough, 1e-9)))
    return next(m * power for m in (1, 2, 5, 10) if m * power >= rough * (1 - 1e-9))


def lanes(axis: TimeAxis, rows: Sequence[Lane]) -> str:
    """Return a chart with one band per lane, its tool tips, and the time axis below."""
    band, gap = 24, 10
    bottom = len(rows) * (band + gap)
    parts = [_open(bottom + 26, "lanes")]
    for i, lane in enumerate(rows):
        y = i * (band + gap)
        parts.append(f'<text class="name" x="{LEFT - 10}" y="{y + 16}">{html.escape(lane.name)}</text>')
        parts.append(f'<rect class="band" x="{LEFT}" y="{y}" width="{PLOT}" height="{band}" rx="4"/>')
        parts += [_span(axis, span, y, band) for span in lane.spans]
        for mark in lane.marks:
            place = f'cx="{axis.x(mark.time):.1f}" cy="{y + band / 2}" r="6"'
            parts.append(
                f'<circle {place} fill="{mark.css}" class="mark">'
                f"<title>{mark.time:.1f} s: {html.escape(mark.label)}</title></circle>"
            )
    parts.append(_time_axis(axis, bottom))
    return "".join([*parts, "</svg>"])


def _span(axis: TimeAxis, span: Span, y: float, band: float) -> str:
    left, right = axis.x(span.begin), axis.x(span.end)
    width = max(1.0, right - left)
    text = ""
    if span.label and width > 7.5 * len(span.label) + 10:
        css = "on dark" if _is_pale(span.css) else "on"
        text = (
            f'<text class="{css}" x="{(left + right) / 2:.1f}" y="{y + 16}">{html.escape(span.label)}</text>'
        )
    tip = html.escape(f"{span.begin:.1f} to {span.end:.1f} s: {span.label}")
    return (
        f'<rect x="{left:.1f}" y="{y}" width="{width:.1f}" height="{band}" fill="{span.css}" rx="3">'
        f"<title>{tip}</title></rect>{text}"
    )


def _is_pale(css: str) -> bool:
    """True for colours white text cannot be read on: relative luminance (WCAG 2) above 0.4."""
    channels = (int(css[i : i + 2], 16) / 255 for i in (1, 3, 5))
    r, g, b = (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels)
    return 0.2126 * r + 0.7152 * g + 0.0722 * b > 0.4


def plot(
    axis: TimeAxis, times: Sequence[float], series: Sequence[Series], *, unit: str, height: int = 130
) -> str:
    """Return a line plot over time with a legend; the y range fits the data."""
    finite = [v for s in series for v in s.values if math.isfinite(v)]
    low, high = (min(finite), max(finite)) if finite else (0.0, 1.0)
    step = nice_step(max(high - low, 1e-3) / 3)
    low, high = math.floor(low / step + 1e-9) * step, math.ceil(high / step - 1e-9) * step
    if high <= low:
        high = low + step
    top, bottom = 8.0, height - 26.0

    def y(value: float) -> float:
        return bottom - (value - low) / (high - low) * (bottom - top)

    parts = [_open(height, "plot")]
    for k in range(round((high - low) / step) + 1):
        level = low + k * step
        ends = f'x1="{LEFT}" x2="{WIDTH - RIGHT}" y1="{y(level):.1f}" y2="{y(level):.1f}"'
        parts.append(f'<line class="grid" {ends}/>')
        parts.append(f'<text class="tick end" x="{LEFT - 8}" y="{y(level) + 4:.1f}">{level:g}</text>')
    parts.append(f'<text class="tick" x="6" y="{(top + bottom) / 2:.0f}">{html.escape(unit)}</text>')
    for line in series:
        dash = ' stroke-dasharray="4 3"' if line.dashed else ""
        for piece in _pieces(times, line.values):
            points = " ".join(f"{axis.x(t):.1f},{y(v):.1f}" for t, v in piece)
            parts.append(f'<polyline points="{points}" stroke="{line.css}"{dash}/>')
    parts.append(_time_axis(axis, bottom))
    legend = "".join(f'<span><i style="background:{s.css}"></i>{html.escape(s.name)}</span>' for s in series)
    return "".join([f'<p class="legend">{legend}</p>', *parts, "</svg>"])


def _pieces(times: Sequence[float], values: Sequence[float]) -> list[list[tuple[float, float]]]:
    """Split a series at the values that are not finite."""
    pieces: list[list[tuple[float, float]]] = [[]]
    for t, v in zip(times, values, strict=True):
        if math.isfinite(v):
            pieces[-1].append((t, v))
        elif pieces[-1]:
            pieces.append([])
    return [p for p in pieces if p]


def _time_axis(axis: TimeAxis, y: float) -> str:
    marks = "".join(
        f'<text class="tick mid" x="{axis.x(t):.1f}" y="{y + 18}">{t:g} s</text>' for t in axis.ticks()
    )
    return f'<line class="axis" x1="{LEFT}" x2="{WIDTH - RIGHT}" y1="{y}" y2="{y}"/>{marks}'


def _open(height: float, css: str) -> str:
    cursor = f'<line class="cursor" x1="{LEFT}" x2="{LEFT}" y1="0" y2="{height - 26:g}"/>'
    return (
        f'<svg viewBox="0 0 {WIDTH} {height:g}" class="time {css}" data-left="{LEFT}" '
        f'data-span="{PLOT}" role="img">{cursor}'
    )

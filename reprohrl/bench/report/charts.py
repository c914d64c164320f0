"""The charts of the report as inline SVG: learning curves, rates with their intervals, stacked bars."""

from __future__ import annotations

import html
import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

WIDTH, LEFT, RIGHT = 900, 64, 16
STANDALONE = (
    "<style>text{font:13px sans-serif;fill:#6a7080}.name{fill:#20242c}.grid{stroke:#dcdcd4}"
    ".axis{stroke:#6a7080}"
    "@media(prefers-color-scheme:dark){text{fill:#969db0}.name{fill:#e8eaf0}.grid{stroke:#2e323c}"
    ".axis{stroke:#969db0}}</style>"
)


@dataclass(frozen=True, slots=True)
class Band:
    """A line over positive `x` with its band; `y`, `low`, `high` are fractions in [0, 1]."""

    name: str
    colour: str
    x: Sequence[float]
    y: Sequence[float]
    low: Sequence[float]
    high: Sequence[float]


def curves(bands: Sequence[Band], *, unit: str, height: int = 320) -> str:
    """Return success over a logarithmic axis of steps or seconds."""
    values = [x for band in bands for x in band.x if x > 0]
    first = math.floor(math.log10(min(values))) if values else 0
    last = max(first + 1, math.ceil(math.log10(max(values)) - 1e-9) if values else 1)
    bottom = height - 40

    def x(value: float) -> float:
        return LEFT + (math.log10(max(value, 10.0**first)) - first) / (last - first) * (WIDTH - LEFT - RIGHT)

    def y(share: float) -> float:
        return bottom - share * (bottom - 10)

    parts = [_open(height), _shares(y)]
    for power in range(first, last + 1):
        at = x(10.0**power)
        parts.append(f'<line class="grid" x1="{at:.1f}" x2="{at:.1f}" y1="10" y2="{bottom}"/>')
        parts.append(f'<text x="{at:.1f}" y="{bottom + 18}" text-anchor="middle">{_power(power)}</text>')
    parts.append(f'<text x="{WIDTH - RIGHT}" y="{height - 4}" text-anchor="end">{html.escape(unit)}</text>')
    for band in bands:
        points = [(x(a), y(b)) for a, b in zip(band.x, band.y, strict=True)]
        edge = [(x(a), y(b)) for a, b in zip(band.x, band.high, strict=True)]
        edge += [(x(a), y(b)) for a, b in reversed(list(zip(band.x, band.low, strict=True)))]
        parts.append(f'<polygon points="{_points(edge)}" fill="{band.colour}" fill-opacity="0.14"/>')
        line = f'stroke="{band.colour}" stroke-width="2" fill="none" stroke-linejoin="round"'
        title = f"<title>{html.escape(band.name)}</title>"
        parts.append(f'<polyline points="{_points(points)}" {line}>{title}</polyline>')
    return "".join([*parts, "</svg>"])


@dataclass(frozen=True, slots=True)
class Dot:
    """A rate in [0, 1] with its interval."""

    name: str
    colour: str
    value: float
    low: float
    high: float


def dots(rows: Sequence[Dot]) -> str:
    """Return rates on one axis, one line each."""
    band, left = 26, 150
    height = len(rows) * band + 34

    def x(share: float) -> float:
        return left + share * (WIDTH - left - 70)

    parts = [_open(height)]
    for k in range(0, 101, 20):
        at = x(k / 100)
        parts.append(f'<line class="grid" x1="{at:.1f}" x2="{at:.1f}" y1="0" y2="{height - 28}"/>')
        parts.append(f'<text x="{at:.1f}" y="{height - 10}" text-anchor="middle">{k} %</text>')
    for i, row in enumerate(rows):
        y = i * band + band / 2
        words = f"{100 * row.value:.1f} [{100 * row.low:.1f}, {100 * row.high:.1f}]"
        parts.append(
            f'<text class="name" x="{left - 12}" y="{y + 4}" text-anchor="end">{html.escape(row.name)}</text>'
            f'<line x1="{x(row.low):.1f}" x2="{x(row.high):.1f}" y1="{y}" y2="{y}" stroke="{row.colour}" '
            f'stroke-width="7" stroke-opacity="0.35" stroke-linecap="round"/>'
            f'<circle cx="{x(row.value):.1f}" cy="{y}" r="5" fill="{row.colour}">'
            f"<title>{html.escape(row.name)}: {words}</title></circle>"
        )
    return "".join([*parts, "</svg>"])


def bars(rows: Sequence[tuple[str, Sequence[tuple[str, str, float]]]]) -> str:
    """Return stacked bars: rows of (name, parts of (colour, words, share)), shares of all flights."""
    band, left = 28, 150
    height = len(rows) * band + 34
    longest = max((sum(share for _, _, share in parts) for _, parts in rows), default=0.0)
    end = next((e for e in (0.05, 0.1, 0.2, 0.3, 0.5, 1.0) if e >= longest), 1.0)
    scale = (WIDTH - left - 70) / end
    out = [_open(height)]
    for k in range(6):
        at = left + scale * end * k / 5
        out.append(f'<line class="grid" x1="{at:.1f}" x2="{at:.1f}" y1="0" y2="{height - 28}"/>')
        out.append(
            f'<text x="{at:.1f}" y="{height - 10}" text-anchor="middle">{100 * end * k / 5:g} %</text>'
        )
    for i, (name, parts) in enumerate(rows):
        y, at = i * band, float(left)
        middle = f'x="{left - 12}" y="{y + 18}" text-anchor="end"'
        out.append(f'<text class="name" {middle}>{html.escape(name)}</text>')
        for colour, words, share in parts:
            wide = share * scale
            title = f"<title>{html.escape(words)}: {100 * share:.1f} % of flights</title>"
            place = f'x="{at:.1f}" y="{y + 4}" width="{wide:.2f}" height="{band - 8}"'
            out.append(f'<rect {place} fill="{colour}">{title}</rect>')
            at += wide
        total = sum(share for _, _, share in parts)
        out.append(f'<text x="{at + 6:.1f}" y="{y + 18}">{100 * total:.1f} %</text>')
    return "".join([*out, "</svg>"])


def standalone(svg: str) -> str:
    """Return an SVG of this module as a file of its own."""
    begin = svg.index(">") + 1
    return (
        svg[:begin].replace("<svg", '<svg xmlns="http://www.w3.org/2000/svg"', 1) + STANDALONE + svg[begin:]
    )


def _open(height: float) -> str:
    return f'<svg viewBox="0 0 {WIDTH} {height:g}" role="img">'


def _shares(y: Callable[[float], float]) -> str:
    """Return the lines and labels of the axis of shares."""
    places = [(k, y(k / 100)) for k in (0, 25, 50, 75, 90, 100)]
    return "".join(
        f'<line class="grid" x1="{LEFT}" x2="{WIDTH - RIGHT}" y1="{at:.1f}" y2="{at:.1f}"/>'
        f'<text x="{LEFT - 8}" y="{at + 4:.1f}" text-anchor="end">{k} %</text>'
        for k, at in places
    )


def _power(power: int) -> str:
    """Write 10^power as people say it: 100, 10k, 1M."""
    for step, letter in ((9, "G"), (6, "M"), (3, "k")):
        if power >= step:
            return f"{10 ** (power - step)}{letter}"
    return f"{10.0**power:g}"


def _points(points: Sequence[tuple[float, float]]) -> str:
    return " ".join(f"{a:.1f},{b:.1f}" for a, b in points)

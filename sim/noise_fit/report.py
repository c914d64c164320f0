"""One HTML page with the fit's plots, drawn as SVG without any library."""

from __future__ import annotations

import html
from collections.abc import Sequence
from itertools import pairwise
from typing import Any

from reprohrl.contracts.vocabulary import DETECTOR_CLASSES
from sim.noise_fit.check import LAGS, SIZE_EDGES

_WIDTH, _HEIGHT, _LEFT, _BOTTOM = 420, 220, 42, 34
_COLORS = ("#1f77b4", "#d62728")


def page(result: dict[str, Any]) -> str:
    """Return the page of what `reprohrl fit-detector-noise` wrote as JSON."""
    parts = [
        "<!doctype html><meta charset=utf-8><title>Detector errors</title>",
        "<style>body{font:15px sans-serif;margin:2em;max-width:60em}svg{margin:.5em}"
        "td,th{padding:2px 8px;text-align:right;border-bottom:1px solid #ddd}</style>",
        "<h1>How the detector errs, and the model fitted to it</h1>",
        f"<p>Detector {html.escape(str(result['detector']))}, confidence {result['confidence']}.",
        "Blue: the detector on rendered frames. Red: the fitted model on the same truth boxes.",
        "The scenes of these plots were not used for the fit.</p>",
    ]
    for camera, fitted in result["cameras"].items():
        check, fit = fitted["check"], fitted["goodness"]
        detector, model = check["detector"], check["model"]
        parts.append(
            f"<h2>{camera}</h2><p>Fitted to {fit['objects']} boxes in {fitted['frames']} frames; log loss of"
            f" misses {fit['log_loss']} (one rate for all: {fit['log_loss_of_one_rate']}). Checked on"
            f" {sum(detector['counts'])} boxes in {check['frames']} frames of other scenes.</p>"
        )
        bins = [f"{a:g}-{b:g}" for a, b in pairwise(SIZE_EDGES)]
        parts += [
            _plot("recall by apparent size", bins, detector["recall"], model["recall"]),
            _plot("precision by apparent size", bins, detector["precision"], model["precision"]),
            _plot("recall by class", DETECTOR_CLASSES, detector["recall_class"], model["recall_class"]),
            _plot("correlation of misses, frames apart", LAGS, detector["persistence"], model["persistence"]),
            _plot(
                "missed, by tenths of the fitted chance", range(1, 11),
                [seen for _, seen in fit["calibration"]], [said for said, _ in fit["calibration"]],
            ),
            _table(fitted["parameters"]),
        ]  # fmt: skip
    return "\n".join(parts) + "\n"


def _plot(title: str, labels: Sequence[object], detector: list[float], model: list[float]) -> str:
    """Two lines over the same labels, both axes from 0 to 1."""
    step = (_WIDTH - _LEFT - 20) / max(len(labels) - 1, 1)
    top = _HEIGHT - _BOTTOM - 20

    def place(n: int, value: float) -> tuple[float, float]:
        return _LEFT + n * step, 20 + top * (1.0 - min(max(value, 0.0), 1.0))

    marks = [f'<text x="{_LEFT}" y="14" font-weight="bold">{html.escape(title)}</text>']
    for level in (0.0, 0.25, 0.5, 0.75, 1.0):
        y = place(0, level)[1]
        marks.append(f'<line x1="{_LEFT}" x2="{_WIDTH - 20}" y1="{y:.0f}" y2="{y:.0f}" stroke="#ddd"/>')
        marks.append(f'<text x="4" y="{y + 4:.0f}">{level:g}</text>')
    for n, label in enumerate(labels):
        x = place(n, 0)[0]
        marks.append(f'<text x="{x:.0f}" y="{_HEIGHT - 14}" text-anchor="middle">{label}</text>')
    for color, values in zip(_COLORS, (detector, model), strict=True):
        points = [place(n, v) for n, v in enumerate(values)]
        path = " ".join(f"{x:.1f},{y:.1f}" for x, y in points)
        marks.append(f'<polyline points="{path}" fill="none" stroke="{color}" stroke-width="2"/>')
        marks += [f'<circle cx="{x:.1f}" cy="{y:.1f}" r="3" fill="{color}"/>' for x, y in points]
    body = "".join(marks)
    return f'<svg width="{_WIDTH}" height="{_HEIGHT}" font-size="10" font-family="sans-serif">{body}</svg>'


def _table(parameters: dict[str, Any]) -> str:
    rows = "".join(f"<tr><th>{name}<td>{html.escape(str(value))}" for name, value in parameters.items())
    return f"<details><summary>parameters</summary><table>{rows}</table></details>"

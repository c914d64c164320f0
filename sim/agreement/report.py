"""What is measured, against which tolerance, and the page that shows it."""

from __future__ import annotations

import html
import json
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from importlib.resources import files
from pathlib import Path

import numpy as np

from reprohrl.reporting.svg import LEFT, PLOT, WIDTH, Series, TimeAxis, plot
from sim.agreement.flights import (
    ROTOR_S,
    RotorFlight,
    commands,
    fly_bullet_world,
    fly_core,
    room,
    rotor_flight,
)
from sim.agreement.views import BoxAgreement, compare_boxes

MAX_DRIFT = 0.0005
MAX_MEDIAN_M = 0.02
MIN_MEDIAN_OVERLAP = 0.95
_BLUE, _ORANGE, _GREEN = "#2563eb", "#d97706", "#168c58"


@dataclass(frozen=True, slots=True)
class Check:
    """One tolerance. `kept` says whether `measured` keeps it; smaller is better unless `at_least`."""

    name: str
    measured: float
    limit: float
    unit: str
    sample: str
    at_least: bool = False

    @property
    def kept(self) -> bool:
        return self.measured >= self.limit if self.at_least else self.measured <= self.limit


@dataclass(frozen=True)
class Agreement:
    """Everything measured."""

    rotors: list[RotorFlight]
    core: np.ndarray  # (N, T, 3) [m]
    bullet: np.ndarray  # the same
    boxes: dict[str, BoxAgreement]  # by renderer

    def distances(self) -> np.ndarray:
        """(N, T) [m] between the two worlds' drones, NaN past a contact."""
        return np.asarray(np.linalg.norm(self.core - self.bullet, axis=2))

    def checks(self) -> list[Check]:
        compat = max(f.drift(f.compat) for f in self.rotors)
        ours = float(np.median([f.drift(f.ours) for f in self.rotors]))
        distance = self.distances()
        flown = f"{len(self.rotors)} flights of {ROTOR_S:g} s"
        found = [
            Check("same rotor speeds, bullet_compat: largest drift", compat, MAX_DRIFT, "of the path", flown),
            Check("same rotor speeds, our integrator: median drift", ours, 0.01, "of the path", flown),
            Check(
                "same velocity commands: median distance", float(np.nanmedian(distance)), MAX_MEDIAN_M, "m",
                f"{len(distance)} rooms, {int(np.isfinite(distance).sum())} ticks",
            ),
            Check(
                "same velocity commands: largest distance", float(np.nanmax(distance)), MAX_MEDIAN_M, "m",
                "the same",
            ),
        ]  # fmt: skip
        for name, boxes in self.boxes.items():
            middle = float(np.median(boxes.overlaps))
            sample = (
                f"{len(boxes.overlaps)} boxes; {boxes.only_rendered} only rendered, "
                f"{boxes.only_core} only projected"
            )
            found.append(
                Check(f"truth boxes, {name}: median overlap", middle, MIN_MEDIAN_OVERLAP, "IoU", sample, True)
            )
        return found


def measure(rooms: int = 60, *, progress: Callable[[str], None] = lambda _: None) -> Agreement:
    """Fly and look: `rooms` rooms of velocity commands, a fifth as many rotor flights, half as many views."""
    progress("rotor speeds")
    rotors = [rotor_flight(seed) for seed in range(max(rooms // 5, 2))]
    progress("velocity commands")
    flown = [(room(seed), seed) for seed in range(rooms)]
    core, bullet = fly_core(flown), np.stack([fly_bullet_world(*pair) for pair in flown])
    views = range(max(rooms // 2, 4))
    boxes = {}
    for name, is_bullet in (("Bullet's segmentation", True), ("the ray-caster's segmentation", False)):
        progress(f"boxes of {name}")
        boxes[name] = compare_boxes(views, bullet=is_bullet)
    return Agreement(rotors, core, bullet, boxes)


def write(result: Agreement, folder: Path) -> Path:
    """Write agreement.html and agreement.json into `folder`; return the page's path."""
    folder.mkdir(parents=True, exist_ok=True)
    checks = [asdict(c) | {"kept": c.kept} for c in result.checks()]
    for name, text in (("agreement.json", json.dumps(checks, indent=1)), ("agreement.html", page(result))):
        part = folder / f"{name}.part"
        part.write_text(text, encoding="utf-8")
        part.replace(folder / name)
    return folder / "agreement.html"


def page(result: Agreement) -> str:
    """Return the page: one file, no network."""
    style = (files("reprohrl.reporting") / "report.css").read_text(encoding="utf-8")
    good = all(c.kept for c in result.checks())
    verdict = "All tolerances kept" if good else "A tolerance is exceeded"
    sections = [
        ("Numbers and tolerances", _table(result.checks())),
        ("Same rotor speeds: distance from Bullet", _rotor_plot(result.rotors)),
        ("Same velocity commands: one flight in both worlds", _flight_plot(result)),
        ("Same velocity commands: distance between the worlds", _distance_plot(result)),
        *(
            (f"Overlap of truth boxes with {name}", _histogram(b.overlaps))
            for name, b in result.boxes.items()
        ),
    ]
    body = "".join(f"<section><h2>{html.escape(t)}</h2>{c}</section>" for t, c in sections)
    return (
        '<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Agreement with Bullet</title>'
        f'<style>{style}</style></head><body><main><header><span class="verdict {"good" if good else ""}">'
        f"{verdict}</span><h1>The batched core and Bullet</h1></header>{body}"
        "<footer>made by <code>reprohrl agreement</code></footer></main></body></html>"
    )


def _table(checks: Sequence[Check]) -> str:
    number = '<th class="number">'
    head = f"<tr><th>what</th>{number}measured</th>{number}tolerance</th><th>sample</th></tr>"
    rows = "".join(
        f'<tr><td>{html.escape(c.name)}</td><td class="number">{c.measured:.3g} {c.unit}'
        f"{'' if c.kept else ' (exceeded)'}</td>"
        f'<td class="number">{"≥" if c.at_least else "≤"} {c.limit:g}</td>'
        f"<td>{html.escape(c.sample)}</td></tr>"
        for c in checks
    )
    return f"<table>{head}{rows}</table>"


def _rotor_plot(flights: Sequence[RotorFlight]) -> str:
    times = (np.arange(len(flights[0].bullet)) + 1) / 240.0
    series = []
    for name, colour, paths in (
        ("our integrator", _ORANGE, [f.ours for f in flights]),
        ("bullet_compat", _BLUE, [f.compat for f in flights]),
    ):
        errors = np.stack([np.linalg.norm(p - f.bullet, axis=1) for p, f in zip(paths, flights, strict=True)])
        series.append(Series(f"{name}, median", (1e3 * np.median(errors, axis=0))[::6].tolist(), colour))
    return plot(TimeAxis(ROTOR_S), times[::6].tolist(), series, unit="mm", height=170)


def _flight_plot(result: Agreement) -> str:
    whole = np.isfinite(result.core).all(axis=(1, 2)) & np.isfinite(result.bullet).all(axis=(1, 2))
    if not whole.any():
        return "<p>Every flight ended in a contact.</p>"
    i = int(np.flatnonzero(whole)[0])
    times = (np.arange(result.core.shape[1]) + 1) * 0.1
    series = []
    for axis, colour in zip(range(3), (_BLUE, _ORANGE, _GREEN), strict=True):
        series.append(Series(f"{'xyz'[axis]}, core", result.core[i, :, axis].tolist(), colour))
        series.append(
            Series(f"{'xyz'[axis]}, Bullet", result.bullet[i, :, axis].tolist(), colour, dashed=True)
        )
    return plot(TimeAxis(len(commands(0)) * 0.1), times.tolist(), series, unit="m", height=220)


def _distance_plot(result: Agreement) -> str:
    distance = result.distances()
    times = (np.arange(distance.shape[1]) + 1) * 0.1
    lines = [
        Series("median", (1e6 * np.nanmedian(distance, axis=0)).tolist(), _BLUE),
        Series("largest", (1e6 * np.nanmax(distance, axis=0)).tolist(), _ORANGE),
    ]
    return plot(TimeAxis(float(times[-1])), times.tolist(), lines, unit="µm", height=150)


def _histogram(values: Sequence[float], bins: int = 20) -> str:
    """Bars of equal width over 0 to 1, with their counts as tool tips."""
    counts, _ = np.histogram(values, bins, (0.0, 1.0))
    height, width = 150.0, PLOT / bins
    bars = "".join(
        f'<rect x="{LEFT + i * width + 2:.1f}" y="{height - height * n / counts.max():.1f}" '
        f'width="{width - 4:.1f}" height="{height * n / counts.max():.1f}" fill="{_BLUE}">'
        f"<title>{i / bins:.2f} to {(i + 1) / bins:.2f}: {n}</title></rect>"
        for i, n in enumerate(counts)
    )
    marks = "".join(
        f'<text class="tick mid" x="{LEFT + PLOT * k / 10:.1f}" y="{height + 18}">{k / 10:g}</text>'
        for k in range(11)
    )
    line = f'<line class="axis" x1="{LEFT}" x2="{LEFT + PLOT}" y1="{height}" y2="{height}"/>'
    return f'<svg viewBox="0 0 {WIDTH} {height + 26:g}" class="plot" role="img">{bars}{line}{marks}</svg>'

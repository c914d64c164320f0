"""How methods, rates and places are written, and the colours they are drawn in."""

from __future__ import annotations

import math

from reprohrl.bench.methods import METHODS, Role
from reprohrl.evaluation.judge import Outcome
from reprohrl.evaluation.statistics import PooledRate

COLOURS = {
    "ours": "#2563eb",
    "flat-ppo": "#d97706",
    "dqn8": "#c026d3",
    "pixel-ppo": "#65a30d",
    "hdqn": "#0891b2",
    "sac-her": "#be123c",
    "paper": "#7c3aed",
    "scripted": "#78716c",
    "routes": "#15803d",
    "random": "#a8a29e",
    "map-planner": "#0d9488",
}
OUTCOME_COLOURS = {
    Outcome.COLLISION_WALL: "#b91c1c",
    Outcome.COLLISION_FLOOR: "#7f1d1d",
    Outcome.COLLISION_OBSTACLE: "#ef4444",
    Outcome.COLLISION_GOAL: "#f97316",
    Outcome.WRONG_GOAL: "#9333ea",
    Outcome.TIMEOUT: "#64748b",
    Outcome.UNFINISHED: "#d4a106",
    Outcome.WRONGLY_ABSENT: "#0e7490",
}
RUNG_WORDS = {
    "R0": "truth boxes",
    "R1": "truth boxes with misses, false boxes, jitter and 100 to 150 ms of latency",
    "R2": "the shipped detector on rendered frames",
    "R2-bullet": "the shipped detector on frames of PyBullet's renderer",
    "R3": "the shipped detector on frames with sensor noise, blur, drops, tears and freezes",
}


def title(method: str) -> str:
    """Return the method's name in tables; a bound says so."""
    known = METHODS[method]
    return known.title + (" (bound)" if known.role is Role.BOUND else "")


def percent(rate: PooledRate) -> str:
    """Return `97.9 [96.8, 98.6]`."""
    if not rate.trials:
        return "–"
    return f"{100 * rate.value:.1f} [{100 * rate.low:.1f}, {100 * rate.high:.1f}]"


def p_value(p: float) -> str:
    return "< 0.001" if p < 0.001 else f"{p:.3f}"


def points(value: float) -> str:
    return f"{100 * value:+.1f}" if math.isfinite(value) else "–"


def count(value: float) -> str:
    """Return a number of steps: 940, 12.3k, 4.56M."""
    if not math.isfinite(value):
        return "–"
    for size, letter in ((1e9, "G"), (1e6, "M"), (1e3, "k")):
        if value >= size:
            return f"{value / size:.3g}{letter}"
    return f"{value:.0f}"


def seconds(value: float) -> str:
    """Return a duration: 42 s, 8.3 min, 2.1 h."""
    if not math.isfinite(value):
        return "–"
    if value < 120:
        return f"{value:.0f} s"
    return f"{value / 60:.1f} min" if value < 7200 else f"{value / 3600:.1f} h"


def show_command(
    *, task: str, seed: int, method: str, rung: str, train_seed: int, train_on: str, renderer: str = ""
) -> str:
    """Return the command that flies one episode again and films it."""
    words = f"reprohrl show --task {task} --seed {seed} --method {method} --rung {rung}"
    if METHODS[method].learned:
        words += f" --train-seed {train_seed}"
        words += f" --train-task {train_on}" if train_on not in ("", "MC-3") else ""
    return words + (f" --renderer {renderer}" if renderer == "bullet" else "")

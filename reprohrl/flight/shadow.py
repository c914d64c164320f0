"""Flying beside a drone: the scripted baseline on the same frames, and how far both commands are apart."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from reprohrl.contracts.command import VelocityCommand
from reprohrl.flight.pipeline import Pipeline
from reprohrl.flight.result import Tick
from reprohrl.safety.conditions import Reaction

AXES = (("vx", "m/s"), ("vy", "m/s"), ("vz", "m/s"), ("yaw_rate", "rad/s"))
SAME_WAY_MPS = 0.1
SAME_TURN_RADPS = 0.2
"""Commands smaller than these point nowhere."""


class ShadowRow(NamedTuple):
    """One tick: what the policies asked for, what the supervisor let pass, what the baseline asked for."""

    stamp: float
    option: str
    command: VelocityCommand
    supervised: VelocityCommand
    reaction: str
    baseline_option: str
    baseline: VelocityCommand


@dataclass(slots=True)
class Shadow:
    """An observer of a flight loop. `baseline` has no detector: it sees the detections of the policies."""

    baseline: Pipeline
    rows: list[ShadowRow] = field(default_factory=list)

    def __call__(self, tick: Tick) -> str | None:
        if tick.step is not None:
            other = self.baseline.step_detections(tick.step.detections, tick.step.features.state)
            self.rows.append(
                ShadowRow(
                    tick.step.features.stamp, str(tick.step.option), tick.step.command, tick.verdict.command,
                    tick.verdict.reaction.word, str(other.option), other.command,
                )
            )  # fmt: skip
        return None

    def summary(self) -> dict[str, Any]:
        """Return how the policies and the baseline compare, as plain data."""
        return compare(self.rows)

    def to_dict(self) -> dict[str, Any]:
        """Return the summary and every row, as plain data."""
        return {"summary": self.summary(), "rows": [_plain(row) for row in self.rows]}


def compare(rows: Sequence[ShadowRow]) -> dict[str, Any]:
    """Return mean differences by axis, and the shares of ticks in which both go and turn the same way.

    Shares are of the ticks in which both ask for a motion; None where there are none.
    """
    count = len(rows)
    differences = {
        f"{axis}_{unit.replace('/', 'p')}": _mean(
            [abs(getattr(r.command, axis) - getattr(r.baseline, axis)) for r in rows]
        )
        for axis, unit in AXES
    }
    ways = [
        math.cos(math.atan2(a.vy, a.vx) - math.atan2(b.vy, b.vx)) > 0.5
        for a, b in ((r.command, r.baseline) for r in rows)
        if min(math.hypot(a.vx, a.vy), math.hypot(b.vx, b.vy)) > SAME_WAY_MPS
    ]
    turns = [
        a.yaw_rate * b.yaw_rate > 0
        for a, b in ((r.command, r.baseline) for r in rows)
        if min(abs(a.yaw_rate), abs(b.yaw_rate)) > SAME_TURN_RADPS
    ]
    return {
        "ticks": count,
        "mean_difference": differences,
        "same_direction": _mean([float(w) for w in ways]),
        "same_turn": _mean([float(t) for t in turns]),
        "same_option": _mean([float(r.option == r.baseline_option) for r in rows]),
        "shaped_by_supervisor": _mean([float(r.reaction != Reaction.PASS.word) for r in rows]),
    }


def _mean(values: Sequence[float]) -> float | None:
    return round(sum(values) / len(values), 4) if values else None


def _plain(row: ShadowRow) -> dict[str, Any]:
    def velocity(c: VelocityCommand) -> list[float]:
        return [round(v, 4) for v in (c.vx, c.vy, c.vz, c.yaw_rate)]

    return {
        "stamp": round(row.stamp, 4), "option": row.option, "command": velocity(row.command),
        "supervised": velocity(row.supervised), "reaction": row.reaction,
        "baseline_option": row.baseline_option, "baseline": velocity(row.baseline),
    }  # fmt: skip

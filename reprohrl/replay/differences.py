"""What one stage decides otherwise than the recording, field by field."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from reprohrl.contracts.command import VelocityCommand
from reprohrl.contracts.detection import Detection, Detections
from reprohrl.contracts.mission import MissionStatus, Option

STAGES = ("detector", "mission", "goal_selector", "navigator", "supervisor")


@dataclass(frozen=True, slots=True)
class Tolerance:
    """What still counts as the same decision: processors and runtimes round differently.

    command    of a velocity [m/s] and a yaw rate [rad/s]
    score      of a selector's probability and of a detection's confidence
    overlap    intersection over union from which on two boxes of a class are the same
    distance_m, time_s  of the mission's estimates
    """

    command: float = 1e-3
    score: float = 0.02
    overlap: float = 0.8
    distance_m: float = 1e-3
    time_s: float = 1e-6


@dataclass(frozen=True, slots=True)
class Difference:
    """`what` differs in the answer of `stage` to the frame at `stamp` [s]; values in words."""

    stamp: float
    stage: str
    what: str
    recorded: str
    replayed: str

    def told(self, start: float = 0.0) -> str:
        """Return a sentence; its time counts from `start` [s]."""
        words = f"{self.stamp - start:7.2f} s  {self.stage}: {self.what}"
        return f"{words} was {self.recorded}, now {self.replayed}"


def of_detections(stamp: float, old: Detections, new: Detections, limit: Tolerance) -> Iterator[Difference]:
    """Match the boxes of each class by overlap; name those that are gone, new, or surer or less sure."""
    left = list(new.items)
    for box in old.items:
        same = [b for b in left if b.class_id == box.class_id and overlap(box, b) >= limit.overlap]
        if not same:
            yield Difference(stamp, "detector", "box", _box(box), "none")
            continue
        best = max(same, key=lambda b: overlap(box, b))
        left.remove(best)
        if _apart(best.confidence, box.confidence, limit.score):
            words = f"confidence of {_box(box)}"
            yield Difference(stamp, "detector", words, f"{box.confidence:.3f}", f"{best.confidence:.3f}")
    for box in left:
        yield Difference(stamp, "detector", "box", "none", _box(box))


def of_status(stamp: float, old: MissionStatus, new: MissionStatus, limit: Tolerance) -> Iterator[Difference]:
    for what in ("phase", "index", "reason"):
        yield from _unequal(stamp, "mission", what, getattr(old, what), getattr(new, what))
    for what, most in (
        ("elapsed_s", limit.time_s), ("leg_elapsed_s", limit.time_s), ("goal_range_m", limit.distance_m),
    ):  # fmt: skip
        yield from _far(stamp, "mission", what, getattr(old, what), getattr(new, what), most)


def of_option(stamp: float, old: Option, new: Option, limit: Tolerance) -> Iterator[Difference]:
    yield from _unequal(stamp, "goal_selector", "option", str(old), str(new))
    yield from _unequal(stamp, "goal_selector", "number of scores", len(old.scores), len(new.scores))
    changes = [abs(a - b) for a, b in zip(old.scores, new.scores, strict=False)]
    if changes and not max(changes) <= limit.score:
        yield Difference(stamp, "goal_selector", "scores", _row(old.scores), _row(new.scores))


def of_command(
    stamp: float, stage: str, old: VelocityCommand, new: VelocityCommand, limit: Tolerance
) -> Iterator[Difference]:
    for what in ("vx", "vy", "vz", "yaw_rate"):
        yield from _far(stamp, stage, what, getattr(old, what), getattr(new, what), limit.command)


def of_reaction(stamp: float, old: str, new: str) -> Iterator[Difference]:
    yield from _unequal(stamp, "supervisor", "reaction", old, new)


def overlap(a: Detection, b: Detection) -> float:
    """Return the intersection over union of two boxes."""
    width = min(a.cx + a.w / 2, b.cx + b.w / 2) - max(a.cx - a.w / 2, b.cx - b.w / 2)
    height = min(a.cy + a.h / 2, b.cy + b.h / 2) - max(a.cy - a.h / 2, b.cy - b.h / 2)
    shared = max(0.0, width) * max(0.0, height)
    whole = a.w * a.h + b.w * b.h - shared
    return shared / whole if whole > 0 else 0.0


def _unequal(stamp: float, stage: str, what: str, old: object, new: object) -> Iterator[Difference]:
    if old != new:
        yield Difference(stamp, stage, what, f"{old}" or "nothing", f"{new}" or "nothing")


def _far(stamp: float, stage: str, what: str, old: float, new: float, most: float) -> Iterator[Difference]:
    if _apart(old, new, most):
        yield Difference(stamp, stage, what, f"{old:.4g}", f"{new:.4g}")


def _apart(old: float, new: float, most: float) -> bool:
    """Tell whether two numbers differ by more than `most`; equal infinities and two NaN do not."""
    if old == new or (math.isnan(old) and math.isnan(new)):
        return False
    return not abs(old - new) <= most


def _box(box: Detection) -> str:
    from reprohrl.contracts.vocabulary import DETECTOR_CLASSES

    known = box.class_id < len(DETECTOR_CLASSES)
    name = DETECTOR_CLASSES[box.class_id] if known else f"class {box.class_id}"
    return f"{name} at ({box.cx:.2f}, {box.cy:.2f})"


def _row(scores: Sequence[float]) -> str:
    return "[" + " ".join(f"{s:.2f}" for s in scores) + "]"

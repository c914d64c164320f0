"""The small pieces of Foxglove messages: times, poses, colours, primitives. Plain data."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from typing import Any

from reprohrl.reporting.palette import Colour

Message = dict[str, Any]
NS = 10**9


def time(stamp: float) -> Message:
    """Return {sec, nsec} of a stamp [s]."""
    total = max(0, round(stamp * NS))
    return {"sec": total // NS, "nsec": total % NS}


def vector(values: Iterable[float]) -> Message:
    return dict(zip("xyz", (float(v) for v in values), strict=False))


def quaternion(roll: float, pitch: float, yaw: float) -> Message:
    """Return the rotation of roll, pitch, yaw [rad] (z, then y, then x)."""
    (sr, cr), (sp, cp), (sy, cy) = ((math.sin(a / 2), math.cos(a / 2)) for a in (roll, pitch, yaw))
    return {
        "x": sr * cp * cy - cr * sp * sy, "y": cr * sp * cy + sr * cp * sy,
        "z": cr * cp * sy - sr * sp * cy, "w": cr * cp * cy + sr * sp * sy,
    }  # fmt: skip


def pose(place: Sequence[float] = (0.0, 0.0, 0.0), yaw: float = 0.0) -> Message:
    return {"position": vector(place), "orientation": quaternion(0.0, 0.0, yaw)}


def colour(rgb: Colour, alpha: float = 1.0) -> Message:
    r, g, b = (round(c / 255, 4) for c in rgb)
    return {"r": r, "g": g, "b": b, "a": alpha}


def entity(name: str, frame: str, stamp: float, **primitives: list[Message]) -> Message:
    """Return a scene entity that stays until one of the same name replaces it."""
    return {
        "timestamp": time(stamp), "frame_id": frame, "id": name, "lifetime": {"sec": 0, "nsec": 0},
        "frame_locked": True, **primitives,
    }  # fmt: skip


def line(
    points: Sequence[Sequence[float]], rgb: Colour, *, alpha: float = 1.0, width_m: float = 0.02
) -> Message:
    return {
        "type": 0, "pose": pose(), "thickness": width_m, "scale_invariant": False,
        "points": [vector(p) for p in points], "color": colour(rgb, alpha), "colors": [], "indices": [],
    }  # fmt: skip


def text(words: str, place: Sequence[float], rgb: Colour, *, size: float = 0.12) -> Message:
    return {
        "pose": pose(place), "billboard": True, "font_size": size, "scale_invariant": False,
        "color": colour(rgb), "text": words,
    }  # fmt: skip


def ball(place: Sequence[float], diameter_m: float, rgb: Colour, *, alpha: float = 1.0) -> Message:
    size = {"x": diameter_m, "y": diameter_m, "z": diameter_m}
    return {"pose": pose(place), "size": size, "color": colour(rgb, alpha)}


def arrow(place: Sequence[float], yaw: float, length_m: float, rgb: Colour) -> Message:
    return {
        "pose": pose(place, yaw), "shaft_length": 0.6 * length_m, "shaft_diameter": 0.12 * length_m,
        "head_length": 0.4 * length_m, "head_diameter": 0.35 * length_m, "color": colour(rgb),
    }  # fmt: skip

"""Where the solids of a logged scene are at a time: some of them walk."""

from __future__ import annotations

import math
from typing import Any

Solid = dict[str, Any]


def still_and_walking(scene: dict[str, Any]) -> tuple[list[Solid], list[tuple[Solid, Solid]]]:
    """Split `Scene.to_dict()` into the solids that stand and pairs (solid, its mover)."""
    movers = {m["object_index"]: m for m in scene.get("movers", ())}
    still = [solid for i, solid in enumerate(scene["objects"]) if i not in movers]
    return still, [(scene["objects"][i], mover) for i, mover in movers.items()]


def at(solid: Solid, mover: Solid, time_s: float) -> Solid:
    """Return the solid where it is `time_s` after time began: the rule of `Mover`, from plain data."""
    (ax, ay), (bx, by) = mover["a"], mover["b"]
    length = math.hypot(bx - ax, by - ay)
    trips = mover["phase"] + (mover["speed_mps"] * time_s / (2.0 * length) if length > 0.0 else 0.0)
    part = 2.0 * (trips - math.floor(trips))
    part = 2.0 - part if part > 1.0 else part
    return solid | {"position": (ax + part * (bx - ax), ay + part * (by - ay), solid["position"][2])}

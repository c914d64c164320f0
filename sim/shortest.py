"""How short a mission's path can be at best."""

from __future__ import annotations

import math

from reprohrl.evaluation.judge import REACH_M
from reprohrl.evaluation.shortest import Opening, shortest_straight_m
from sim.scene import Doorway, Scene


def shortest_m(scene: Scene) -> float:
    """Return the length [m] of straight legs from the start past the goals in order, through doorways."""
    solids = [s for s in map(scene.goal_object, scene.goals) if s is not None]
    radius = max((s.footprint_radius for s in solids), default=0.0)
    places = [s.position for s in solids]
    openings = [_ends(door) for door in scene.doorways]
    return shortest_straight_m(scene.start.position, places, REACH_M + radius, openings)


def _ends(door: Doorway) -> Opening:
    (x, y), half = door.position, door.width_m / 2
    across_x, across_y = -math.sin(door.yaw) * half, math.cos(door.yaw) * half
    return (x - across_x, y - across_y), (x + across_x, y + across_y)

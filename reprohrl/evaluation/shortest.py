"""A lower bound on the path of a mission, for success weighted by path length."""

from __future__ import annotations

import math
from collections.abc import Sequence

Point = tuple[float, float]
Opening = tuple[Point, Point]
"""Both ends of a doorway's opening, world [m]; its wall goes on straight from there to the room's walls."""


def shortest_straight_m(
    start: Sequence[float],
    goals: Sequence[Sequence[float]],
    reach_m: float,
    openings: Sequence[Opening] = (),
) -> float:
    """Return a lower bound [m] on the path: straight to within `reach_m` of each goal's centre, in order.

    `reach_m` is the object's radius plus the distance that counts as reached. The horizontal plane alone
    counts. A leg to the other side of a wall goes through the nearest point of its opening.
    """
    here, total = (float(start[0]), float(start[1])), 0.0
    for goal in goals:
        there = (float(goal[0]), float(goal[1]))
        for opening in openings:
            crossing = _through(here, there, opening)
            if crossing is not None:
                total += math.dist(here, crossing)
                here = crossing
        away = math.dist(here, there)
        if away > reach_m:
            part = 1.0 - reach_m / away
            here = (here[0] + part * (there[0] - here[0]), here[1] + part * (there[1] - here[1]))
            total += away - reach_m
    return total


def _through(here: Point, there: Point, opening: Opening) -> Point | None:
    """Return the point of the opening where a leg crosses its wall, None when it does not cross it."""
    (ax, ay), (bx, by) = opening
    side_here = (bx - ax) * (here[1] - ay) - (by - ay) * (here[0] - ax)
    side_there = (bx - ax) * (there[1] - ay) - (by - ay) * (there[0] - ax)
    if side_here * side_there >= 0.0:
        return None
    t = side_here / (side_here - side_there)
    x, y = here[0] + t * (there[0] - here[0]), here[1] + t * (there[1] - here[1])
    squared = (bx - ax) ** 2 + (by - ay) ** 2
    along = min(max(((x - ax) * (bx - ax) + (y - ay) * (by - ay)) / squared, 0.0), 1.0)
    return ax + along * (bx - ax), ay + along * (by - ay)

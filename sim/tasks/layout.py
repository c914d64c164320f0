"""`Layout`: finding free places on a floor by rejection, in the order the stream was frozen with."""

from __future__ import annotations

import math

import numpy as np

from sim.scene import SceneObject, Start
from sim.tasks.solids import between

MIN_GAP_M = 0.5
"""Smallest gap between the surfaces of two solids, and between an obstacle and a wall."""

GOAL_WALL_GAP_M = 0.25
START_WALL_GAP_M, START_OBSTACLE_GAP_M, START_GOAL_GAP_M = 0.5, 0.4, 0.8
START_HEIGHT_M = 0.8
_TRIES, _START_TRIES = 60, 200

Rect = tuple[float, float, float, float]
"""Centre (x, y) and half sides [m] of a piece of floor."""


class Layout:
    """Solids placed so far, as discs, and lanes that stay free.

    `lanes` rows (ax, ay, bx, by, gap): a segment [m] to which no solid's footprint comes nearer than `gap`.
    """

    def __init__(self) -> None:
        self.items: list[SceneObject] = []
        self.lanes: list[tuple[float, float, float, float, float]] = []
        self._discs: list[tuple[float, float, float, float]] = []  # x, y, radius, gap to the start

    def place(self, item: SceneObject, floor: Rect, wall_gap_m: float, rng: np.random.Generator) -> bool:
        """Put `item` at a random free place of `floor`; False when `_TRIES` draws found none."""
        r = item.footprint_radius
        cx, cy, half_x, half_y = floor
        reach_x, reach_y = half_x - wall_gap_m - r, half_y - wall_gap_m - r
        draw = rng.random
        for _ in range(_TRIES):
            x = cx + (-1.0 + 2.0 * draw()) * reach_x
            y = cy + (-1.0 + 2.0 * draw()) * reach_y
            if self._is_free(x, y, r):
                place = (x, y, item.position[2])
                self.items.append(
                    SceneObject(item.class_id, item.shape, place, item.half, item.yaw, item.color)
                )
                gap = START_OBSTACLE_GAP_M if item.is_obstacle else START_GOAL_GAP_M
                self._discs.append((x, y, r, gap))
                return True
        return False

    def _is_free(self, x: float, y: float, r: float) -> bool:
        for ox, oy, radius, _ in self._discs:
            if math.hypot(x - ox, y - oy) - r - radius < MIN_GAP_M:
                return False
        return all(segment_distance(x, y, *lane[:4]) - r >= lane[4] for lane in self.lanes)

    def draw_start(
        self, floor: Rect, rng: np.random.Generator, keep_off: tuple[tuple[float, ...], ...] = ()
    ) -> Start | None:
        """Return a hover point with free air to solids and walls, or None.

        keep_off  rows (ax, ay, bx, by, gap): segments [m] the start keeps away from
        """
        cx, cy, half_x, half_y = floor
        for _ in range(_START_TRIES):
            x = cx + (-1.0 + 2.0 * float(rng.random())) * (half_x - START_WALL_GAP_M)
            y = cy + (-1.0 + 2.0 * float(rng.random())) * (half_y - START_WALL_GAP_M)
            if any(math.hypot(x - ox, y - oy) - r - gap < 0 for ox, oy, r, gap in self._discs):
                continue
            if all(segment_distance(x, y, *row[:4]) >= row[4] for row in keep_off):
                return Start((x, y, START_HEIGHT_M), between(rng, -math.pi, math.pi))
        return None


def segment_distance(x: float, y: float, ax: float, ay: float, bx: float, by: float) -> float:
    """Return the distance [m] from (x, y) to the segment a-b."""
    dx, dy = bx - ax, by - ay
    squared = dx * dx + dy * dy
    t = 0.0 if squared <= 0.0 else min(max(((x - ax) * dx + (y - ay) * dy) / squared, 0.0), 1.0)
    return math.hypot(x - ax - t * dx, y - ay - t * dy)

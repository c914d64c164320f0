"""A rectangular room with square pillars, seen by a drone that knows only its tracker."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from reprohrl.contracts.camera_model import AI_DECK
from reprohrl.contracts.detection import Detection, Detections
from reprohrl.contracts.features import ObjectFeatures
from reprohrl.contracts.state import MAX_RANGE_M, DroneState
from reprohrl.perception.tracker import ObjectTracker

Box = tuple[float, float, float, float]
"""x and y from, x and y to [m]."""


STEP_M = 0.01
CONE_RAD = 0.2


def cast(
    x: float, y: float, heading: float, walls: Box, pillars: Sequence[Box], cone: float = CONE_RAD
) -> float:
    """Return the distance [m] to the nearest solid in a cone, at most MAX_RANGE_M, as the sensors answer."""
    angles = heading + np.linspace(-cone, cone, 9)
    t = np.arange(0.0, MAX_RANGE_M, STEP_M)
    px, py = x + t[:, None] * np.cos(angles), y + t[:, None] * np.sin(angles)
    solid = ~_within(px, py, walls)
    for pillar in pillars:
        solid |= _within(px, py, pillar)
    hit = solid.any(axis=1)
    return float(t[hit.argmax()]) if hit.any() else MAX_RANGE_M


def _within(x: NDArray[np.float64], y: NDArray[np.float64], box: Box) -> NDArray[np.bool_]:
    return (box[0] < x) & (x < box[2]) & (box[1] < y) & (y < box[3])


@dataclass
class Room:
    """Flies a tracker through a room: `go` to a place, `turn` round on the spot."""

    walls: Box
    pillars: tuple[Box, ...] = ()
    sphere: tuple[float, float] | None = None
    tracker: ObjectTracker = field(default_factory=ObjectTracker)
    x: float = 0.0
    y: float = 0.0
    yaw: float = 0.0
    stamp: float = 0.0

    def look(self) -> ObjectFeatures:
        """Take one frame."""
        ranges = tuple(
            cast(self.x, self.y, self.yaw + side, self.walls, self.pillars)
            for side in (0.0, math.pi, math.pi / 2, -math.pi / 2)
        )
        state = DroneState(
            self.stamp, position=(self.x, self.y, 1.0), attitude=(0.0, 0.0, self.yaw), height=1.0,
            ranges=(*ranges, 1.5), flying=True,
        )  # fmt: skip
        self.stamp += 0.1
        return self.tracker.update(Detections(state.stamp, self._sphere()), state)

    def turn(self, to: float | None = None) -> ObjectFeatures:
        """Turn on the spot to a heading [rad], or all the way round, in steps of 5 degrees."""
        goal = self.yaw + 2 * math.pi if to is None else to
        step = math.copysign(math.radians(5.0), goal - self.yaw)
        for _ in range(round((goal - self.yaw) / step)):
            self.yaw += step
            features = self.look()
        return features if goal != to or step else self.look()

    def go(self, x: float, y: float) -> ObjectFeatures:
        """Fly straight to (x, y) with the heading kept, 5 cm per frame."""
        steps = max(round(math.hypot(x - self.x, y - self.y) / 0.05), 1)
        dx, dy = (x - self.x) / steps, (y - self.y) / steps
        for _ in range(steps):
            self.x, self.y = self.x + dx, self.y + dy
            features = self.look()
        return features

    def _sphere(self) -> tuple[Detection, ...]:
        if self.sphere is None:
            return ()
        dx, dy = self.sphere[0] - self.x, self.sphere[1] - self.y
        distance, bearing = math.hypot(dx, dy), math.atan2(dy, dx) - self.yaw
        free = cast(self.x, self.y, math.atan2(dy, dx), self.walls, self.pillars, cone=0.0)
        ahead, left = distance * math.cos(bearing), distance * math.sin(bearing)
        cx = 0.5 - left / max(ahead, 1e-6) / (2 * AI_DECK.tan_half_h)
        if ahead < 0.3 or not 0.1 < cx < 0.9 or free < min(distance, MAX_RANGE_M) - 0.1:
            return ()
        w, h = (0.30 / (ahead * 2 * t) for t in (AI_DECK.tan_half_h, AI_DECK.tan_half_v))
        return (Detection(0, 0.9, cx, 0.5, w, h),)

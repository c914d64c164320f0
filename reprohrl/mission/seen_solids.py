"""Where obstacles, people among them, were seen: for keeping away from them, walls left aside."""

from __future__ import annotations

import math

from reprohrl.contracts.camera_model import AI_DECK, CameraModel
from reprohrl.contracts.detection import Detection, Detections
from reprohrl.contracts.state import MAX_RANGE_M, DroneState, Range
from reprohrl.contracts.vocabulary import OBSTACLE_ID
from reprohrl.perception.bearing import EDGE, NOMINAL_WIDTH_M, floor_distance, lens_row, ray_of_pixel

REMEMBER_S = 4.0
"""How long a place is kept away from after it was seen: people walk on."""

SAME_M = 0.4
"""A box this near to a remembered place is the same thing, a bit further."""

FARTHEST_M = 4.0
"""Beyond it a box says little about distance, and nothing is near."""


class SeenSolids:
    """Remembers the places of obstacle boxes, in the odom frame, for `REMEMBER_S`."""

    def __init__(self, camera: CameraModel = AI_DECK) -> None:
        self._lens = lens_row(camera)
        self.reset()

    def reset(self) -> None:
        self._places: list[tuple[float, float, float]] = []  # x, y [m], stamp [s]

    def update(self, detections: Detections, state: DroneState) -> list[tuple[float, float]]:
        """Take one frame's boxes; return bearing [rad] and distance [m] to the side of each thing known."""
        x, y, _ = state.position
        new = []
        for box in detections.items:
            if box.class_id == OBSTACLE_ID:
                bearing, distance = self._place(box, state)
                if distance < FARTHEST_M:
                    heading = state.yaw + bearing
                    px, py = x + distance * math.cos(heading), y + distance * math.sin(heading)
                    new.append((px, py, detections.stamp))
        kept = [
            p for p in self._places
            if detections.stamp - p[2] < REMEMBER_S and all(math.dist(p[:2], n[:2]) > SAME_M for n in new)
        ]  # fmt: skip
        self._places = kept + new
        return [
            (math.atan2(py - y, px - x) - state.yaw, math.hypot(px - x, py - y)) for px, py, _ in self._places
        ]

    def _place(self, box: Detection, state: DroneState) -> tuple[float, float]:
        """Return bearing [rad] and distance [m] of a box: by where it stands, else by its width; where the
        front range looks at it and reads less, that."""
        roll, pitch, _ = state.attitude
        ahead, left, _ = ray_of_pixel(box.cx, box.cy, roll, pitch, self._lens)
        bottom = box.cy + box.h / 2
        if bottom < 1 - EDGE:
            distance = floor_distance(box.cx, bottom, state.height, roll, pitch, self._lens)
        else:
            distance = float(NOMINAL_WIDTH_M[OBSTACLE_ID]) / max(box.w * 2 * float(self._lens[0]), 1e-3)
        front = state.ranges[Range.FRONT]
        if abs(box.cx - 0.5) < box.w / 2 and front < MAX_RANGE_M:
            distance = min(distance, front)
        return math.atan2(left, ahead), float(distance)

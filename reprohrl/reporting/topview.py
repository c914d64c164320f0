"""The room from above: walls, solids, the trail and the drone. Drawn from plain data with OpenCV."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from reprohrl.contracts.vocabulary import DETECTOR_CLASSES, OBSTACLE_ID, WALL_ID
from reprohrl.reporting import palette
from reprohrl.reporting.walkers import at, still_and_walking

Image = NDArray[np.uint8]
SHIFT = 4  # fractional bits of OpenCV's drawing coordinates
ROUND_SHAPES = {0, 2, 3}  # sphere, cone, cylinder: discs from above
TORUS = 4
LINTEL_M = 1.0
"""Walls that begin higher than this are drawn as an outline: one flies below them."""

Pose = tuple[float, float, float, float]


class TopView:
    """Draws one scene at `size` x `size` pixels, x to the right and y up. `extent_m` is half the side.

    `scene` is `Scene.to_dict()` or None: then the view spans the trail and holds no solids.
    """

    def __init__(self, scene: dict[str, Any] | None, size: int, *, poses: Sequence[Pose] = ()) -> None:
        self.size = size
        self._scene = scene
        self._still, self._walking = still_and_walking(scene) if scene is not None else ([], [])
        if scene is not None:
            half_x, half_y = scene["room"]["size"][0] / 2, scene["room"]["size"][1] / 2
            self._centre = (0.0, 0.0)
            self._extent_m = float(max(half_x, half_y) * 1.12)
        else:
            xs = [p[0] for p in poses] or [0.0]
            ys = [p[1] for p in poses] or [0.0]
            self._centre = ((min(xs) + max(xs)) / 2, (min(ys) + max(ys)) / 2)
            self._extent_m = max(1.5, (max(xs) - min(xs)) / 2 + 0.6, (max(ys) - min(ys)) / 2 + 0.6)
        self._inside = self._room_pixels()
        self._background = self._draw_background()

    def frame(
        self,
        trail: Sequence[Pose],
        *,
        goal: int = -1,
        reached: Sequence[int] = (),
        time_s: float = 0.0,
        drone: bool = True,
    ) -> Image:
        """Return the (size, size, 3) RGB picture with the trail so far, and the drone at its end.


        `time_s` says where solids that walk are.
        """
        image = self._background.copy()
        for solid, mover in self._walking:
            self._draw_solid(image, at(solid, mover, time_s))
        self._mark_goals(image, goal, reached)
        if len(trail) > 1:
            points = np.array([self._pixel(p[0], p[1]) for p in trail], np.int32)
            cv2.polylines(image, [points], False, palette.TRAIL, 2, cv2.LINE_AA, SHIFT)
        if trail and drone:
            self._draw_drone(image, trail[-1])
        return image

    def cropped(self, image: Image) -> Image:
        """Return `image` without the empty paper above and below a room that is wider than deep."""
        rows = self._inside[0]
        if self._scene is None:
            return image
        margin = round(self.size * 0.054)
        return image[max(rows.start - margin, 0) : rows.stop + margin]

    def place(self, x: float, y: float) -> tuple[float, float]:
        """Return where a point [m] of the world is drawn, in pixels."""
        u, v = self._pixel(x, y)
        return u / (1 << SHIFT), v / (1 << SHIFT)

    def _pixel(self, x: float, y: float) -> tuple[int, int]:
        scale = self.size / (2 * self._extent_m)
        u = (x - self._centre[0]) * scale + self.size / 2
        v = self.size / 2 - (y - self._centre[1]) * scale
        return round(u * (1 << SHIFT)), round(v * (1 << SHIFT))

    def _room_pixels(self) -> tuple[slice, slice]:
        """Rows and columns of the room; of everything where there is none."""
        if self._scene is None:
            return slice(None), slice(None)
        half_x, half_y = self._scene["room"]["size"][0] / 2, self._scene["room"]["size"][1] / 2
        (left, top), (right, bottom) = self._pixel(-half_x, half_y), self._pixel(half_x, -half_y)
        return slice(top >> SHIFT, bottom >> SHIFT), slice(left >> SHIFT, right >> SHIFT)

    def _length(self, metres: float) -> int:
        return max(1, round(metres * self.size / (2 * self._extent_m) * (1 << SHIFT)))

    def _draw_background(self) -> Image:
        image = np.empty((self.size, self.size, 3), np.uint8)
        image[:] = palette.PAPER
        if self._scene is not None:
            half_x, half_y = self._scene["room"]["size"][0] / 2, self._scene["room"]["size"][1] / 2
            corners = (self._pixel(-half_x, half_y), self._pixel(half_x, -half_y))
            cv2.rectangle(image, *corners, palette.FLOOR, -1, cv2.LINE_AA, SHIFT)
            self._draw_grid(image)
            cv2.rectangle(image, *corners, palette.WALL, 4, cv2.LINE_AA, SHIFT)
            for _, mover in self._walking:
                ends = (self._pixel(*mover["a"]), self._pixel(*mover["b"]))
                cv2.line(image, *ends, palette.OBSTACLE, 2, cv2.LINE_AA, SHIFT)
            for solid in self._still:
                self._draw_solid(image, solid)
        else:
            self._draw_grid(image)
        self._draw_scale(image)
        return image

    def _draw_grid(self, image: Image) -> None:
        """Lines every half metre."""
        reach = math.ceil(self._extent_m / 0.5)
        if self._scene is not None:
            limit_x, limit_y = self._scene["room"]["size"][0] / 2, self._scene["room"]["size"][1] / 2
        else:
            limit_x = limit_y = self._extent_m
        cx, cy = self._centre
        for k in range(-reach, reach + 1):
            d = 0.5 * k
            if abs(d) < limit_x:
                ends = (self._pixel(cx + d, cy - limit_y), self._pixel(cx + d, cy + limit_y))
                cv2.line(image, *ends, palette.LINE, 1, cv2.LINE_AA, SHIFT)
            if abs(d) < limit_y:
                ends = (self._pixel(cx - limit_x, cy + d), self._pixel(cx + limit_x, cy + d))
                cv2.line(image, *ends, palette.LINE, 1, cv2.LINE_AA, SHIFT)

    def _draw_scale(self, image: Image) -> None:
        left = round(self.size * 0.045)
        length = round(self.size / (2 * self._extent_m))
        y = self.size - round(self.size * 0.018)
        cv2.line(image, (left, y), (left + length, y), palette.MUTED, 2, cv2.LINE_AA)
        place = (left + length + 6, y + 4)
        cv2.putText(image, "1 m", place, cv2.FONT_HERSHEY_SIMPLEX, 0.38, palette.MUTED, 1, cv2.LINE_AA)

    def _draw_solid(self, image: Image, solid: dict[str, Any]) -> None:
        x, y, z = solid["position"]
        outline = self._outline(solid)
        colour = palette.class_colour(solid["class_id"])
        edge = tuple(int(c * 0.72) for c in colour)
        if solid["class_id"] == WALL_ID and outline is not None:
            if z - solid["half"][2] > LINTEL_M:
                cv2.polylines(image, [outline], True, palette.LINE, 1, cv2.LINE_AA, SHIFT)
            else:
                cv2.fillPoly(image, [outline], palette.WALL, cv2.LINE_AA, SHIFT)
            return
        if outline is None:
            radius = self._length(solid["half"][0])
            cv2.circle(image, self._pixel(x, y), radius, colour, -1, cv2.LINE_AA, SHIFT)
            cv2.circle(image, self._pixel(x, y), radius, edge, 2, cv2.LINE_AA, SHIFT)
        else:
            cv2.fillPoly(image, [outline], colour, cv2.LINE_AA, SHIFT)
            cv2.polylines(image, [outline], True, edge, 2, cv2.LINE_AA, SHIFT)
        if solid["class_id"] != OBSTACLE_ID:
            self._label(image, x, y, solid)

    def _outline(self, solid: dict[str, Any]) -> NDArray[np.int32] | None:
        """Return the corners from above in drawing coordinates, None for a disc."""
        if solid["shape"] in ROUND_SHAPES:
            return None
        x, y, _ = solid["position"]
        half_x, half_y, _ = solid["half"]
        c, s = math.cos(solid["yaw"]), math.sin(solid["yaw"])
        corners = [(half_x, half_y), (-half_x, half_y), (-half_x, -half_y), (half_x, -half_y)]
        return np.array([self._pixel(x + c * a - s * b, y + s * a + c * b) for a, b in corners], np.int32)

    def _label(self, image: Image, x: float, y: float, solid: dict[str, Any]) -> None:
        text = DETECTOR_CLASSES[solid["class_id"]]
        u, v = (p >> SHIFT for p in self._pixel(x, y + _ring_radius(solid) + 0.05))
        scale = 0.42 * self.size / 482
        (width, height), _ = cv2.getTextSize(text, cv2.FONT_HERSHEY_SIMPLEX, scale, 1)
        place = (min(max(u - width // 2, 4), self.size - width - 4), max(v, height + 4))
        cv2.putText(image, text, place, cv2.FONT_HERSHEY_SIMPLEX, scale, palette.FLOOR, 3, cv2.LINE_AA)
        cv2.putText(image, text, place, cv2.FONT_HERSHEY_SIMPLEX, scale, palette.INK, 1, cv2.LINE_AA)

    def _mark_goals(self, image: Image, goal: int, reached: Sequence[int]) -> None:
        """Ring the current goal; tick the ones reached."""
        for solid in self._scene["objects"] if self._scene is not None else ():
            x, y, _ = solid["position"]
            radius = _ring_radius(solid)
            if solid["class_id"] == goal:
                colour = palette.class_colour(goal)
                cv2.circle(image, self._pixel(x, y), self._length(radius), colour, 3, cv2.LINE_AA, SHIFT)
            elif solid["class_id"] in reached:
                u, v = (p >> SHIFT for p in self._pixel(x, y))
                points = np.array([(u - 6, v), (u - 2, v + 5), (u + 7, v - 6)], np.int32)
                cv2.polylines(image, [points], False, palette.FLOOR, 3, cv2.LINE_AA)

    def _draw_drone(self, image: Image, pose: Pose) -> None:
        """The field of view as a pale wedge, the drone as an arrow head."""
        x, y, _, yaw = pose
        angles = yaw + np.linspace(-0.72, 0.72, 9)
        rim = [(x + 1.3 * math.cos(a), y + 1.3 * math.sin(a)) for a in angles]
        wedge = np.array([self._pixel(x, y), *(self._pixel(*p) for p in rim)], np.int32)
        tinted = image.copy()
        cv2.fillPoly(tinted, [wedge], palette.TRAIL, cv2.LINE_AA, SHIFT)
        room = self._inside
        image[room] = cv2.addWeighted(tinted[room], 0.13, image[room], 0.87, 0)
        local = ((0.13, 0.0), (-0.08, 0.085), (-0.04, 0.0), (-0.08, -0.085))
        c, s = math.cos(yaw), math.sin(yaw)
        body = np.array([self._pixel(x + c * a - s * b, y + s * a + c * b) for a, b in local], np.int32)
        cv2.fillPoly(image, [body], palette.INK, cv2.LINE_AA, SHIFT)
        cv2.polylines(image, [body], True, palette.FLOOR, 1, cv2.LINE_AA, SHIFT)


def _ring_radius(solid: dict[str, Any]) -> float:
    """Return the radius [m] of a ring around a solid."""
    corner = 1.0 if solid["shape"] in ROUND_SHAPES else 1.42
    return float(max(solid["half"][:2]) * corner + 0.06)

"""Fit a frame into the network's input: scale, centre, grey bars. The same arithmetic as ultralytics'."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

BAR_VALUE = 114


@dataclass(frozen=True, slots=True)
class Letterbox:
    """Where a frame of `frame` (rows, columns) lies inside the input: `scaled` size at offset (top, left)."""

    frame: tuple[int, int]
    scaled: tuple[int, int]
    top: int
    left: int

    @staticmethod
    def fit(frame: tuple[int, int], size: tuple[int, int]) -> Letterbox:
        """Place a frame of (rows, columns) in an input of (rows, columns), aspect ratio kept."""
        ratio = min(size[0] / frame[0], size[1] / frame[1])
        scaled = (max(round(frame[0] * ratio), 1), max(round(frame[1] * ratio), 1))
        top, left = (round((size[i] - scaled[i]) / 2 - 0.1) for i in range(2))
        return Letterbox(frame, scaled, top, left)

    def unfit(self, boxes: NDArray[np.float32]) -> NDArray[np.float32]:
        """Map `(N, 4)` boxes (x1, y1, x2, y2) [px] of the input to fractions of the frame, clipped to it."""
        offset = np.array([self.left, self.top] * 2, np.float32)
        extent = np.array([self.scaled[1], self.scaled[0]] * 2, np.float32)
        return np.asarray(np.clip((boxes - offset) / extent, 0.0, 1.0), np.float32)


def to_input(pixels: NDArray[np.uint8], size: tuple[int, int]) -> tuple[NDArray[np.float32], Letterbox]:
    """Turn an (H, W) grey or (H, W, 3) RGB frame into the network's `(1, 3, rows, columns)` in [0, 1]."""
    height, width = pixels.shape[:2]
    place = Letterbox.fit((height, width), size)
    scaled = pixels
    if place.scaled != (height, width):
        scaled = np.asarray(
            cv2.resize(pixels, (place.scaled[1], place.scaled[0]), interpolation=cv2.INTER_LINEAR), np.uint8
        )
    canvas = np.full((*size, 3), BAR_VALUE, np.uint8)
    rows, columns = (
        slice(place.top, place.top + place.scaled[0]),
        slice(place.left, place.left + place.scaled[1]),
    )
    canvas[rows, columns] = scaled if scaled.ndim == 3 else scaled[..., None]
    tensor = canvas.transpose(2, 0, 1)[None].astype(np.float32) / np.float32(255.0)
    return np.ascontiguousarray(tensor), place

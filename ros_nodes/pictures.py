"""The camera image with boxes, option and reason drawn into it."""

from __future__ import annotations

from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from reprohrl.contracts.detection import Detections
from reprohrl.contracts.mission import Option
from reprohrl.reporting import palette
from reprohrl.reporting.overlay import FONT, draw_boxes

Image = NDArray[np.uint8]
BAR_PX = 34


def annotated(
    pixels: Image, seen: Detections, option: Option, words: tuple[str, str], *, width: int = 0
) -> Image:
    """Return (H, W, 3) RGB: the grey or RGB frame at `width` (0: its own), boxes, option and reason."""
    colour = pixels if pixels.ndim == 3 else np.repeat(pixels[..., None], 3, axis=2)
    height = round(pixels.shape[0] * width / pixels.shape[1]) if width else pixels.shape[0]
    size = (width or pixels.shape[1], height)
    picture: Any = cv2.resize(colour, size, interpolation=cv2.INTER_LINEAR)
    draw_boxes(picture, seen, goal=option.goal)
    rgb = palette.option_colour(option)
    cv2.rectangle(picture, (0, size[1] - BAR_PX), size, palette.INK, -1)
    cv2.rectangle(picture, (0, size[1] - BAR_PX), (6, size[1]), rgb, -1)
    cv2.putText(picture, words[0], (14, size[1] - 19), FONT, 0.45, palette.FLOOR, 1, cv2.LINE_AA)
    cv2.putText(picture, words[1], (14, size[1] - 6), FONT, 0.33, palette.LINE, 1, cv2.LINE_AA)
    return np.asarray(picture, np.uint8)

"""The camera picture with its boxes, and the caption above it."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from reprohrl.contracts.detection import Detections
from reprohrl.contracts.vocabulary import OBSTACLE_ID
from reprohrl.reporting import palette

Image = NDArray[np.uint8]
FONT = cv2.FONT_HERSHEY_SIMPLEX


def decode(jpeg: bytes, width: int, height: int) -> Image:
    """Return (height, width, 3) RGB; a plain grey picture where no frame was kept."""
    image = cv2.imdecode(np.frombuffer(jpeg, np.uint8), cv2.IMREAD_COLOR) if jpeg else None
    if image is None:
        return np.full((height, width, 3), 90, np.uint8)
    scaled = cv2.resize(image, (width, height), interpolation=cv2.INTER_CUBIC)
    return np.ascontiguousarray(scaled[..., ::-1], np.uint8)


def draw_boxes(image: Image, detections: Detections, *, goal: int = -1) -> None:
    """Draw the boxes into `image`; the current goal's is thicker, obstacles' are thin and unnamed."""
    height, width = image.shape[:2]
    for d in sorted(detections.items, key=lambda d: d.class_id == goal):
        left, right = round((d.cx - d.w / 2) * width), round((d.cx + d.w / 2) * width)
        top, bottom = round((d.cy - d.h / 2) * height), round((d.cy + d.h / 2) * height)
        colour = palette.class_colour(d.class_id)
        thickness = 3 if d.class_id == goal else 1 if d.class_id == OBSTACLE_ID else 2
        cv2.rectangle(image, (left, top), (right, bottom), colour, thickness, cv2.LINE_AA)
        if d.class_id != OBSTACLE_ID:
            tag(image, f"{d.name} {d.confidence:.2f}", (max(left, 0), max(top, 16)), colour)


def tag(image: Image, text: str, corner: tuple[int, int], colour: palette.Colour) -> None:
    """Write white text on a coloured ground whose lower left corner is `corner`."""
    (width, height), _ = cv2.getTextSize(text, FONT, 0.42, 1)
    x, y = min(corner[0], image.shape[1] - width - 8), corner[1]
    cv2.rectangle(image, (x, y - height - 6), (x + width + 8, y), colour, -1)
    cv2.putText(image, text, (x + 4, y - 4), FONT, 0.42, palette.FLOOR, 1, cv2.LINE_AA)

"""What the detector saw in one frame."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from reprohrl.contracts.vocabulary import DETECTOR_CLASSES

MAX_DETECTIONS = 16
"""Rows of the dense form; detections beyond it are dropped, lowest confidence first."""

DENSE_COLUMNS = ("class_id", "confidence", "cx", "cy", "w", "h")


@dataclass(frozen=True, slots=True)
class Detection:
    """One bounding box. `cx, cy, w, h` are fractions of the image width and height in [0, 1]."""

    class_id: int
    confidence: float
    cx: float
    cy: float
    w: float
    h: float

    @property
    def name(self) -> str:
        return DETECTOR_CLASSES[self.class_id]


@dataclass(frozen=True, slots=True)
class Detections:
    """All boxes of one frame. `stamp` [s] is when the frame was exposed."""

    stamp: float
    items: tuple[Detection, ...]

    def dense(self) -> NDArray[np.float32]:
        """Return `(MAX_DETECTIONS, 6)` rows of `DENSE_COLUMNS`; unused rows have class_id -1."""
        rows = np.zeros((MAX_DETECTIONS, len(DENSE_COLUMNS)), np.float32)
        rows[:, 0] = -1.0
        best = sorted(self.items, key=lambda d: -d.confidence)[:MAX_DETECTIONS]
        for row, d in zip(rows, best, strict=False):
            row[:] = (d.class_id, d.confidence, d.cx, d.cy, d.w, d.h)
        return rows

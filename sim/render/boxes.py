"""Truth boxes from a segmentation: what a perfect detector would report."""

from __future__ import annotations

import numpy as np
from numba import njit
from numpy.typing import NDArray

from reprohrl.contracts.detection import Detection
from sim.scene import Scene

MIN_VISIBLE_PX = 30
"""Objects with fewer visible pixels (at 324x244) have no truth box."""

MIN_VISIBLE_FRACTION = 0.25
"""Objects hidden behind others by more than the rest have no truth box; the image's edge hides nothing."""


@njit(cache=True)
def extents(segmentation: NDArray[np.int16], count: int) -> NDArray[np.int64]:
    """Return `(count, 5)` rows (pixels, first row, last row, first column, last column)."""
    height, width = segmentation.shape
    rows = np.zeros((count, 5), np.int64)
    rows[:, 1], rows[:, 3] = height, width
    for i in range(height):
        for j in range(width):
            k = segmentation[i, j] - 1
            if k >= 0:
                row = rows[k]
                row[0] += 1
                row[1], row[2] = min(row[1], i), max(row[2], i)
                row[3], row[4] = min(row[3], j), max(row[4], j)
    return rows


def truth_boxes(
    segmentation: NDArray[np.int16], scene: Scene, projected: NDArray[np.int64]
) -> tuple[Detection, ...]:
    """Return the boxes of the visible pixels of each object, in scene order.

    `segmentation` (H, W) holds object index + 1; `projected` (K,) each object's pixels in the image
    were it alone. An object is left out below `MIN_VISIBLE_PX` or `MIN_VISIBLE_FRACTION`, and so are
    inner walls: they hide others but no detector names them.
    """
    height, width = segmentation.shape
    boxes = []
    for item, row, alone in zip(
        scene.objects, extents(segmentation, len(scene.objects)), projected, strict=True
    ):
        if item.is_wall or row[0] < MIN_VISIBLE_PX or row[0] < MIN_VISIBLE_FRACTION * alone:
            continue
        top, bottom = row[1] / height, (row[2] + 1) / height
        left, right = row[3] / width, (row[4] + 1) / width
        boxes.append(
            Detection(
                item.class_id, 1.0,
                float(left + right) / 2, float(top + bottom) / 2, float(right - left), float(bottom - top),
            )
        )  # fmt: skip
    return tuple(boxes)

"""From a YOLO head's raw rows to the boxes worth keeping."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

MAX_CANDIDATES = 512
"""Boxes that enter the suppression, best first; a frame of this project has a dozen objects at most."""


def decode(
    output: NDArray[np.float32], confidence: float, iou: float
) -> tuple[NDArray[np.float32], NDArray[np.float32], NDArray[np.int64]]:
    """Return boxes `(N, 4)` (x1, y1, x2, y2) [px of the input], scores `(N,)` and classes `(N,)`, best first.

    `output` is `(4 + classes, anchors)`: centre, size, one score per class. Each anchor keeps its best
    class; of boxes of one class that overlap by more than `iou`, the best stays.
    """
    scores = output[4:].max(0)
    candidates = np.flatnonzero(scores > confidence)
    order = np.argsort(-scores[candidates], kind="stable")[:MAX_CANDIDATES]
    rows = output[:, candidates[order]].T
    half = rows[:, 2:4] / 2
    boxes = np.concatenate([rows[:, :2] - half, rows[:, :2] + half], 1)
    classes = rows[:, 4:].argmax(1)
    kept_scores = rows[:, 4:].max(1)
    keep = suppress(boxes, classes, iou)
    return boxes[keep], kept_scores[keep], classes[keep]


def suppress(boxes: NDArray[np.float32], classes: NDArray[np.int64], iou: float) -> NDArray[np.int64]:
    """Class-aware non-maximum suppression of boxes sorted best first; returns the indices that stay."""
    remaining = np.arange(len(boxes))
    kept: list[int] = []
    while len(remaining):
        best, remaining = remaining[0], remaining[1:]
        kept.append(int(best))
        overlaps = box_iou(boxes[best], boxes[remaining])
        remaining = remaining[(overlaps <= iou) | (classes[remaining] != classes[best])]
    return np.array(kept, np.int64)


def box_iou(box: NDArray[np.float32], others: NDArray[np.float32]) -> NDArray[np.float32]:
    """Intersection over union of one (x1, y1, x2, y2) box with `(N, 4)` others."""
    low, high = np.maximum(box[:2], others[:, :2]), np.minimum(box[2:], others[:, 2:])
    shared = np.clip(high - low, 0.0, None).prod(1)
    areas = (others[:, 2:] - others[:, :2]).prod(1)
    total = (box[2:] - box[:2]).prod() + areas - shared
    return np.asarray(shared / np.maximum(total, np.float32(1e-9)), np.float32)

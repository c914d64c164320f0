"""Who is who: a frame's detections against its truth boxes."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from reprohrl.perception.decode import box_iou

FOUND_IOU = 0.5
ON_OBJECT_IOU = 0.3
"""A box of another class lies on an object from here on; so does one on an object too hidden to count."""

Rows = NDArray[np.float64]


def match_frame(truth: Rows, found: Rows, ignored: Rows) -> tuple[Rows, Rows]:
    """Return `Records.found` rows (K, 8) of `truth` boxes (K, 6), and the rows of `found` on no object.

    truth    class, visible fraction, cx, cy, w, h
    found    class, score, cx, cy, w, h; best first
    ignored  (J, 4) cx, cy, w, h of visible parts that are no truth box: detections there count for nothing
    """
    result = np.zeros((len(truth), 8))
    result[:, 6] = -1.0
    corners, hidden = _corners(truth[:, 2:]), _corners(ignored)
    rest = []
    for row, box in zip(found, _corners(found[:, 2:]), strict=True):
        overlap = box_iou(box, corners)
        own = np.where((truth[:, 0] == row[0]) & (result[:, 0] == 0), overlap, 0.0)
        if len(own) and own.max() >= FOUND_IOU:
            result[own.argmax(), :6] = (1.0, *row[1:])
        else:
            rest.append((row, overlap, box))
    false = []
    for row, overlap, box in rest:
        best = int(overlap.argmax()) if len(overlap) else -1
        if best >= 0 and overlap[best] >= ON_OBJECT_IOU:
            if truth[best, 0] != row[0] and result[best, 6] < 0:
                result[best, 6:] = row[:2]
        elif not len(hidden) or box_iou(box, hidden).max() < ON_OBJECT_IOU:
            false.append(row)
    return result, np.array(false).reshape(len(false), 6)


def _corners(boxes: Rows) -> NDArray[np.float32]:
    """(N, 4) cx, cy, w, h to x1, y1, x2, y2."""
    half = boxes[:, 2:] / 2
    return np.concatenate([boxes[:, :2] - half, boxes[:, :2] + half], 1).astype(np.float32)

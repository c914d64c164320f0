"""How good a detector's boxes are: average precision, recall, and the errors a policy has to live with."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from reprohrl.contracts.detection import Detection
from reprohrl.contracts.vocabulary import DETECTOR_CLASSES
from reprohrl.perception.decode import box_iou

MATCH_IOU = 0.5
SIZE_EDGES = (0.0, 0.05, 0.08, 0.12, 0.2, 0.35, 2.0)
"""Bins of apparent size: the root of the box's share of the image."""

Frames = list[tuple[tuple[Detection, ...], tuple[Detection, ...]]]
"""Per frame: truth, and detections most confident first."""


def corners(items: tuple[Detection, ...]) -> NDArray[np.float32]:
    """Return `(N, 4)` (x1, y1, x2, y2) as fractions of the image."""
    rows = [(d.cx - d.w / 2, d.cy - d.h / 2, d.cx + d.w / 2, d.cy + d.h / 2) for d in items]
    return np.array(rows, np.float32).reshape(len(rows), 4)


def match(
    truth: tuple[Detection, ...], found: tuple[Detection, ...], *, any_class: bool = False
) -> list[int]:
    """Give each detection, best first, the free truth it overlaps most (IoU >= 0.5), else -1.

    `any_class` lets a detection match a truth of another class.
    """
    boxes, targets = corners(found), corners(truth)
    free = np.ones(len(truth), bool)
    matches = []
    for item, box in zip(found, boxes, strict=True):
        same = np.array([any_class or t.class_id == item.class_id for t in truth], bool)
        overlaps = np.where(free & same, box_iou(box, targets), 0.0) if len(truth) else np.zeros(0)
        best = int(overlaps.argmax()) if len(overlaps) else -1
        if best >= 0 and overlaps[best] >= MATCH_IOU:
            free[best] = False
            matches.append(best)
        else:
            matches.append(-1)
    return matches


def average_precision(frames: Frames) -> dict[str, float]:
    """AP at IoU 0.5 per class (area under the precision envelope); classes never shown are left out."""
    result = {}
    scored = [(found, match(truth, found)) for truth, found in frames]
    for class_id, name in enumerate(DETECTOR_CLASSES):
        total = sum(t.class_id == class_id for truth, _ in frames for t in truth)
        rows = [
            (d.confidence, m >= 0)
            for found, matches in scored
            for d, m in zip(found, matches, strict=True)
            if d.class_id == class_id
        ]
        if total:
            result[name] = _area(sorted(rows, key=lambda r: -r[0]), total)
    return result


def _area(rows: list[tuple[float, bool]], total: int) -> float:
    if not rows:
        return 0.0
    hits = np.cumsum([hit for _, hit in rows])
    recall = np.concatenate([[0.0], hits / total])
    precision = hits / np.arange(1, len(rows) + 1)
    envelope = np.maximum.accumulate(precision[::-1])[::-1]
    return float(np.sum(np.diff(recall) * envelope))


@dataclass(frozen=True, slots=True)
class ErrorModel:
    """What a simulated detector needs to err like the real one, at the operating confidence.

    miss_rate           per bin of `SIZE_EDGES`, goals and obstacles together
    counts              objects per bin
    false_per_frame     detections that touch no object, whatever its class
    confused            share of found objects that got another class
    center_sigma        spread of the centre error as a fraction of the box side
    size_sigma          spread of the log of the side ratio
    recall              per class
    """

    miss_rate: tuple[float, ...]
    counts: tuple[int, ...]
    false_per_frame: float
    confused: float
    center_sigma: float
    size_sigma: float
    recall: dict[str, float]


def fit_errors(frames: Frames) -> ErrorModel:
    """Count misses by apparent size, false boxes, confusions, and measure the jitter of found boxes."""
    bins = len(SIZE_EDGES) - 1
    seen, missed = np.zeros(bins, int), np.zeros(bins, int)
    per_class, found_class = np.zeros(len(DETECTOR_CLASSES), int), np.zeros(len(DETECTOR_CLASSES), int)
    false, confused, matched = 0, 0, 0
    center, size = [], []
    for truth, found in frames:
        own = match(truth, found)
        hit = {m for m in own if m >= 0}
        for index, t in enumerate(truth):
            b = int(np.searchsorted(SIZE_EDGES, np.sqrt(t.w * t.h), side="right")) - 1
            seen[b] += 1
            missed[b] += index not in hit
            per_class[t.class_id] += 1
            found_class[t.class_id] += index in hit
        for d, m in zip(found, own, strict=True):
            if m >= 0:
                t = truth[m]
                center += [(d.cx - t.cx) / t.w, (d.cy - t.cy) / t.h]
                size += [np.log(d.w / t.w), np.log(d.h / t.h)]
        for d, m in zip(found, match(truth, found, any_class=True), strict=True):
            matched += m >= 0
            confused += m >= 0 and truth[m].class_id != d.class_id
            false += m < 0
    recall = {
        name: round(float(found_class[i] / per_class[i]), 4)
        for i, name in enumerate(DETECTOR_CLASSES)
        if per_class[i]
    }
    return ErrorModel(
        tuple(round(float(v), 4) for v in missed / np.maximum(seen, 1)), tuple(int(v) for v in seen),
        round(false / max(len(frames), 1), 4), round(confused / max(matched, 1), 4),
        round(_robust_sigma(center), 4), round(_robust_sigma(size), 4), recall,
    )  # fmt: skip


def _robust_sigma(values: list[float]) -> float:
    """Half the width of the middle 68 %: outliers count as misses elsewhere."""
    if not values:
        return 0.0
    low, high = np.percentile(values, [15.87, 84.13])
    return float(high - low) / 2

"""The detector's errors, applied to truth boxes: misses, false boxes, jitter, confusion. Batch first."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from reprohrl.contracts.vocabulary import NUM_GOALS, OBSTACLE_ID

Array = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class DetectorErrors:
    """Rates per frame; `jitter` is the standard deviation of a box's sides as a fraction of its size."""

    miss: float = 0.10
    false_boxes: float = 0.02
    jitter: float = 0.05
    confusion: float = 0.005
    small_area: float = 0.004
    """Boxes below this fraction of the image are missed three times as often."""


NO_ERRORS = DetectorErrors(0.0, 0.0, 0.0, 0.0, 0.0)
R1_ERRORS = DetectorErrors()


def corrupt(boxes: Array, errors: DetectorErrors, strength: Array, rng: np.random.Generator) -> Array:
    """Return dense detections (N, M + 1, 6) of truth `boxes` (N, M, 6).

    `strength` (N,) scales all error rates per drone. The last row of each drone is its false box, if any.
    """
    n, m, _ = boxes.shape
    out = np.full((n, m + 1, 6), -1.0)
    out[:, :m] = boxes
    out[:, :m, 1] = rng.uniform(0.5, 0.95, (n, m))
    scale = strength[:, None]
    area = boxes[..., 4] * boxes[..., 5]
    hard = np.where((area < errors.small_area) | (boxes[..., 1] < 0.6), 3.0, 1.0)
    out[:, :m, 0][rng.random((n, m)) < errors.miss * scale * hard] = -1.0
    noise = rng.standard_normal((n, m, 4)) * (errors.jitter * scale[..., None])
    size = boxes[..., 4:6]
    out[:, :m, 2:4] += 0.7 * noise[..., :2] * size
    out[:, :m, 4:6] = size * np.clip(1.0 + noise[..., 2:], 0.5, 1.5)
    goals = (out[:, :m, 0] >= 0) & (rng.random((n, m)) < errors.confusion * scale)
    out[:, :m, 0] = np.where(goals, rng.integers(0, OBSTACLE_ID + 1, (n, m)), out[:, :m, 0])
    false = rng.random(n) < errors.false_boxes * strength
    count = int(false.sum())
    if count:
        wh = rng.uniform(0.03, 0.3, (count, 2))
        xy = rng.uniform(wh / 2, 1 - wh / 2)
        classes = rng.integers(0, NUM_GOALS + 1, (count, 1))
        out[false, m] = np.concatenate([classes, rng.uniform(0.4, 0.6, (count, 1)), xy, wh], axis=1)
    return out

"""The detector's errors, applied to truth boxes: misses, false boxes, jitter, confusion. Compiled."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from reprohrl.contracts.vocabulary import NUM_GOALS, OBSTACLE_ID
from sim.dynamics.compiled import kernel
from sim.envs.random import Streams, between, integer, normal, uniform

Array = NDArray[np.float64]


class DetectorErrors(NamedTuple):
    """Rates per frame; `jitter` is the standard deviation of a box's sides as a fraction of its size."""

    miss: float = 0.10
    hard: float = 3.0
    """Boxes that are small or partly hidden are missed this many times as often."""
    small_area: float = 0.004
    """Boxes below this fraction of the image are small."""
    hidden: float = 0.6
    """Objects of which less than this fraction is visible are partly hidden."""
    stay: float = 0.5
    """Chance that a miss lasts another frame."""
    false_boxes: float = 0.02
    jitter: float = 0.05
    confusion: float = 0.005
    look_alike: float = 0.0
    """Share of objects that look like another goal class for a whole episode."""
    mistaken: float = 0.3
    """Chance per frame that such an object is taken for that class."""


NO_ERRORS = DetectorErrors(miss=0.0, stay=0.0, false_boxes=0.0, jitter=0.0, confusion=0.0)
R1_ERRORS = DetectorErrors(stay=0.0)
TRAINING_ERRORS = DetectorErrors(look_alike=0.08)


@kernel
def begin_errors(streams: Streams, i: int, errors: DetectorErrors, missed: Array, alike: Array) -> None:
    """Draw the errors that last an episode: missed (M,) flags, alike (M,) class ids or -1."""
    for k in range(missed.shape[0]):
        missed[k] = 0.0
        alike[k] = -1.0
        if uniform(streams, i) < errors.look_alike:
            alike[k] = float(integer(streams, i, NUM_GOALS))


@kernel
def detect(
    boxes: Array, errors: DetectorErrors, strength: float, streams: Streams, i: int,
    missed: Array, alike: Array, out: Array,
) -> None:  # fmt: skip
    """Write detections (M + 1, 6) of one drone's truth `boxes` (M, 6) into `out`.

    `strength` scales all error rates. The last row is the frame's false box, if any.
    """
    count = boxes.shape[0]
    for k in range(count):
        out[k, 0] = -1.0
        if boxes[k, 0] < 0:
            missed[k] = 0.0
            continue
        small = boxes[k, 4] * boxes[k, 5] < errors.small_area or boxes[k, 1] < errors.hidden
        rate = errors.miss * strength * (errors.hard if small else 1.0)
        if missed[k] > 0 and strength > 0:
            rate = max(rate, errors.stay)
        if uniform(streams, i) < rate:
            missed[k] = 1.0
            continue
        missed[k] = 0.0
        _write(boxes[k], errors, strength, streams, i, alike[k], out[k])
    out[count, 0] = -1.0
    if uniform(streams, i) < errors.false_boxes * strength:
        w, h = between(streams, i, 0.03, 0.3), between(streams, i, 0.03, 0.3)
        out[count, 0] = float(integer(streams, i, NUM_GOALS + 1))
        out[count, 1] = between(streams, i, 0.4, 0.6)
        out[count, 2] = between(streams, i, w / 2, 1 - w / 2)
        out[count, 3] = between(streams, i, h / 2, 1 - h / 2)
        out[count, 4], out[count, 5] = w, h


@kernel
def _write(
    box: Array, errors: DetectorErrors, strength: float, streams: Streams, i: int, alike: float, out: Array
) -> None:
    sigma = errors.jitter * strength
    out[0] = box[0]
    out[1] = between(streams, i, 0.5, 0.95)
    out[2] = box[2] + 0.7 * sigma * normal(streams, i) * box[4]
    out[3] = box[3] + 0.7 * sigma * normal(streams, i) * box[5]
    out[4] = box[4] * min(max(1.0 + sigma * normal(streams, i), 0.5), 1.5)
    out[5] = box[5] * min(max(1.0 + sigma * normal(streams, i), 0.5), 1.5)
    if uniform(streams, i) < errors.confusion * strength:
        out[0] = float(integer(streams, i, OBSTACLE_ID + 1))
    if alike >= 0 and uniform(streams, i) < errors.mistaken * strength:
        out[0], out[1] = alike, between(streams, i, 0.35, 0.7)

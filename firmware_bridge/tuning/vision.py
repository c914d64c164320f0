"""How far the camera turned between two pictures."""

from __future__ import annotations

import math

import cv2
import numpy as np
from numpy.typing import NDArray

from reprohrl.contracts.camera_model import AI_DECK

_BAND = (0.2, 0.8)
_MIN_RESPONSE = 0.05
_MIN_CONTRAST = 2.0
"""Grey levels: below this there is nothing to follow."""


def turn_between(before: NDArray[np.uint8], after: NDArray[np.uint8], fx: float = AI_DECK.fx) -> float | None:
    """Return the turn to the left [rad] from one picture to the next, (H, W[, 3]) both; None when unclear.

    By phase correlation (Kuglin and Hines 1975) of their middle band: turning left moves the picture right.
    """
    if before.shape != after.shape:
        return None
    first, second = _band(before), _band(after)
    if min(first.std(), second.std()) < _MIN_CONTRAST:
        return None
    window = cv2.createHanningWindow((first.shape[1], first.shape[0]), cv2.CV_32F)
    (right, _), response = cv2.phaseCorrelate(first, second, window)
    if not math.isfinite(right) or response < _MIN_RESPONSE or abs(right) > first.shape[1] / 3:
        return None
    return math.atan2(right, fx)


def _band(image: NDArray[np.uint8]) -> NDArray[np.float32]:
    grey = image if image.ndim == 2 else np.asarray(cv2.cvtColor(image, cv2.COLOR_RGB2GRAY), np.uint8)
    low, high = (round(share * grey.shape[0]) for share in _BAND)
    return grey[low:high].astype(np.float32)

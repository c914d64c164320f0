"""Random imperfections of the camera and its link."""

from __future__ import annotations

import math

import cv2
import numpy as np
from numpy.typing import NDArray

from sim.render.sensor import SensorModel


def random_sensor(rng: np.random.Generator) -> SensorModel:
    """Return a sensor of random exposure, gamma, vignette, noise and focus."""
    return SensorModel(
        auto_exposure=float(rng.uniform(0.3, 0.5)) if rng.random() < 0.8 else 0.0,
        exposure=float(np.exp(rng.normal(0.0, 0.2))),
        gamma=float(rng.uniform(0.6, 1.4)),
        vignette=float(rng.uniform(0.0, 0.5)),
        read_noise=float(rng.uniform(0.002, 0.025)),
        shot_noise=float(rng.uniform(0.0, 0.03)),
        softness_px=float(rng.uniform(0.3, 1.1)) if rng.random() < 0.6 else 0.0,
    )


def random_motion(rng: np.random.Generator) -> tuple[float, float]:
    """Return how far (right, down) [px] the image moved in the exposure; mostly sideways, mostly little."""
    if rng.random() < 0.6:
        return 0.0, 0.0
    length, angle = abs(rng.normal(0.0, 3.5)), rng.normal(0.0, 0.5)
    return float(length * math.cos(angle)), float(length * math.sin(angle))


def compress(pixels: NDArray[np.uint8], quality: int) -> NDArray[np.uint8]:
    """Return the picture after a JPEG round trip (RGB or grey in, the same out)."""
    done, data = cv2.imencode(".jpg", pixels, [cv2.IMWRITE_JPEG_QUALITY, quality])
    if not done:
        raise ValueError(f"cannot encode an image of shape {pixels.shape}")
    flag = cv2.IMREAD_GRAYSCALE if pixels.ndim == 2 else cv2.IMREAD_COLOR
    return np.asarray(cv2.imdecode(data, flag), np.uint8)

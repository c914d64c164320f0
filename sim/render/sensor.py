"""From radiance to the bytes a small image sensor delivers."""

from __future__ import annotations

import math
from dataclasses import dataclass

import cv2
import numpy as np
from numba import njit
from numpy.typing import NDArray

_LUMA = (0.299, 0.587, 0.114)


@dataclass(frozen=True, slots=True)
class SensorModel:
    """auto_exposure: mean brightness the exposure control aims at (0 switches it off); exposure: gain on
    top of it; gamma: output = radiance ** gamma; vignette: light lost in the corners.

    `read_noise` and `shot_noise`: standard deviations in units of white, the second at white
    (it grows with the root of the brightness). `softness_px`: sigma of the lens blur.
    """

    auto_exposure: float = 0.4
    exposure: float = 1.0
    gamma: float = 1.0
    vignette: float = 0.25
    read_noise: float = 0.008
    shot_noise: float = 0.015
    softness_px: float = 0.0


def expose(
    radiance: NDArray[np.float32], model: SensorModel, *, grey: bool, seed: int, blur_px: tuple[float, float]
) -> NDArray[np.uint8]:
    """Turn `(H, W, 3)` radiance into `(H, W)` grey or `(H, W, 3)` RGB bytes.

    `blur_px` is how far (right, down) the image moved while the shutter was open. The noise
    depends on `seed` alone.
    """
    image = _blur(radiance, model.softness_px, blur_px)
    height, width = image.shape[:2]
    gain = _gain(height, width, model.exposure * _auto_gain(image, model.auto_exposure), model.vignette)
    if grey:
        pixels = np.empty((height, width, 1), np.uint8)
        image = cv2.transform(image, np.array([_LUMA], np.float32)).reshape(height, width, 1)
    else:
        pixels = np.empty((height, width, 3), np.uint8)
    _digitise(
        image, gain, model.gamma, model.read_noise, model.shot_noise, np.uint32(seed & 0xFFFFFFFF), pixels
    )
    return pixels[..., 0] if grey else pixels


def _auto_gain(image: NDArray[np.float32], target: float) -> float:
    """Gain that brings the mean to `target`, within the reach of the sensor's exposure control."""
    if target <= 0.0:
        return 1.0
    mean = float(image[4::8, 4::8].mean())
    return min(max(target / max(mean, 1e-3), 0.5), 3.0)


def _gain(height: int, width: int, exposure: float, vignette: float) -> NDArray[np.float32]:
    y = (2 * np.arange(height, dtype=np.float32) + 1) / height - 1
    x = (2 * np.arange(width, dtype=np.float32) + 1) / width - 1
    corner = (y[:, None] ** 2 + x[None, :] ** 2) / 2
    return (exposure * (1 - vignette * corner)).astype(np.float32)


def _blur(image: NDArray[np.float32], softness: float, motion: tuple[float, float]) -> NDArray[np.float32]:
    if softness > 0.05:
        image = cv2.GaussianBlur(image, (0, 0), softness)
    length = math.hypot(*motion)
    if length < 0.7:
        return image
    half = math.ceil(length / 2) + 1
    kernel = np.zeros((2 * half + 1, 2 * half + 1), np.float32)
    for s in np.linspace(-0.5, 0.5, 4 * half + 1):
        kernel[round(half + s * motion[1]), round(half + s * motion[0])] += 1
    return np.asarray(
        cv2.filter2D(image, -1, kernel / kernel.sum(), borderType=cv2.BORDER_REPLICATE), np.float32
    )


@njit(cache=True)
def _hash(x: int) -> int:
    """A 32-bit mix (the finaliser of MurmurHash3)."""
    x &= 0xFFFFFFFF
    x = ((x ^ (x >> 16)) * 0x85EBCA6B) & 0xFFFFFFFF
    x = ((x ^ (x >> 13)) * 0xC2B2AE35) & 0xFFFFFFFF
    return x ^ (x >> 16)


@njit(cache=True)
def _digitise(
    image: NDArray[np.float32], gain: NDArray[np.float32], gamma: float, read_noise: float, shot_noise: float,
    seed: int, out: NDArray[np.uint8],
) -> None:  # fmt: skip
    """Gain, nearly Gaussian noise (the sum of four uniform bytes), gamma, rounding."""
    height, width, channels = image.shape
    start = _hash(int(seed) + 0x9E3779B9)
    scale = math.sqrt(3.0 / 65535.0)  # four bytes have variance 4 (256^2 - 1) / 12
    index = 0
    for i in range(height):
        for j in range(width):
            for c in range(channels):
                value = max(image[i, j, c] * gain[i, j], 0.0)
                bits = _hash(start + index)
                index += 1
                total = (bits & 255) + ((bits >> 8) & 255) + ((bits >> 16) & 255) + (bits >> 24) - 510
                sigma = math.sqrt(read_noise * read_noise + shot_noise * shot_noise * value)
                value = min(max(value + sigma * scale * total, 0.0), 1.0)
                if gamma != 1.0:
                    value = value**gamma
                out[i, j, c] = int(value * 255.0 + 0.5)


def frame_seed(seed: int, frame: int) -> int:
    """Return the seed of a frame's noise: the same for the same camera seed and frame number."""
    return seed * 1_000_003 + frame * 7919

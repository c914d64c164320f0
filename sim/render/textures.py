"""Procedural brightness textures, tiling, the same on every machine."""

from __future__ import annotations

from functools import cache

import numpy as np
from numpy.typing import NDArray

from sim.scene import NUM_TEXTURES

TEXTURE_PX = 64
"""Side of one tile, a power of two; a tile covers 1 / texture_scale metres."""


def _smooth_noise(rng: np.random.Generator, cutoff: float) -> NDArray[np.float64]:
    """Unit-variance noise that tiles, low-passed at `cutoff` cycles per pixel."""
    frequency = np.fft.fftfreq(TEXTURE_PX)
    radius = np.hypot(*np.meshgrid(frequency, frequency))
    spectrum = np.fft.fft2(rng.standard_normal((TEXTURE_PX, TEXTURE_PX))) * np.exp(-((radius / cutoff) ** 2))
    noise = np.fft.ifft2(spectrum).real
    return (noise - noise.mean()) / noise.std()


@cache
def texture_atlas() -> NDArray[np.float32]:
    """Return `(NUM_TEXTURES, TEXTURE_PX, TEXTURE_PX)` factors around 1: plain, checks, bricks, waves, ..."""
    rng = np.random.default_rng(7)
    y, x = np.mgrid[0:TEXTURE_PX, 0:TEXTURE_PX]
    grain, clouds = _smooth_noise(rng, 0.25), _smooth_noise(rng, 0.05)
    mortar = (y % 16 < 2) | ((x + 16 * ((y // 16) % 2)) % 32 < 2)
    patterns = [
        np.ones((TEXTURE_PX, TEXTURE_PX)),
        np.where((x // 16 + y // 16) % 2 == 0, 1.0, 0.72),
        np.where(mortar, 0.65, 1.0),
        0.87 + 0.13 * np.sin(2 * np.pi * 4 * x / TEXTURE_PX),
        1.0 + 0.05 * grain,
        1.0 + 0.12 * clouds,
        np.where((x + y) % 32 < 16, 1.0, 0.82),
        0.9 + 0.08 * np.sign(_smooth_noise(rng, 0.08)) + 0.03 * grain,
    ]
    atlas = np.stack([p + 0.015 * _smooth_noise(rng, 0.3) for p in patterns[:NUM_TEXTURES]])
    return np.clip(atlas, 0.3, 1.3).astype(np.float32)

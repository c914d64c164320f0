"""Textures of the second look: drawn by their own recipes, so that no renderer shares them."""

from __future__ import annotations

import tempfile
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from sim.scene import NUM_TEXTURES

SIZE_PX = 128


def load_textures(client: int) -> list[int]:
    """Load one texture per texture number into a Bullet client; return their ids.

    Bullet reads textures from files only, so they pass through a temporary folder.
    """
    import pybullet

    ids = []
    with tempfile.TemporaryDirectory() as folder:
        for number, image in enumerate(texture_images()):
            path = Path(folder) / f"{number}.png"
            cv2.imwrite(str(path), image)
            ids.append(int(pybullet.loadTexture(str(path), physicsClientId=client)))
    return ids


def texture_images() -> list[NDArray[np.uint8]]:
    """Return NUM_TEXTURES grey-level images (SIZE_PX, SIZE_PX, 3), bright enough to be tinted."""
    rng = np.random.default_rng(20)
    y, x = np.mgrid[0:SIZE_PX, 0:SIZE_PX] / SIZE_PX
    speckle = rng.normal(0.0, 0.03, (SIZE_PX, SIZE_PX))
    planks = np.floor(y * 4) * 0.37 % 1.0
    patterns = [
        np.full((SIZE_PX, SIZE_PX), 0.92),
        np.where((np.floor(x * 4) + np.floor(y * 4)) % 2 == 0, 0.95, 0.7),
        np.where(np.minimum(x * 4 % 1.0, y * 4 % 1.0) < 0.06, 0.6, 0.93),
        0.85 + 0.1 * np.sin(2 * np.pi * 6 * y),
        np.where((x * 6 % 1.0 - 0.5) ** 2 + (y * 6 % 1.0 - 0.5) ** 2 < 0.06, 0.68, 0.94),
        0.8 + 0.15 * _clouds(rng),
        0.75 + 0.2 * planks + 0.05 * np.sin(2 * np.pi * 20 * x + 9 * planks),
        np.clip(0.88 + 4 * speckle, 0.6, 1.0),
    ]
    levels = [np.clip(p + 0.5 * speckle, 0.0, 1.0) for p in patterns[:NUM_TEXTURES]]
    return [np.repeat((255 * level).astype(np.uint8)[..., None], 3, axis=2) for level in levels]


def _clouds(rng: np.random.Generator) -> NDArray[np.float64]:
    """Smooth noise in [-1, 1]."""
    coarse = rng.uniform(-1.0, 1.0, (8, 8))
    tiled = np.tile(coarse, (3, 3))
    smooth = cv2.resize(tiled, (3 * SIZE_PX, 3 * SIZE_PX), interpolation=cv2.INTER_CUBIC)
    return np.clip(smooth[SIZE_PX : 2 * SIZE_PX, SIZE_PX : 2 * SIZE_PX], -1.0, 1.0).astype(np.float64)

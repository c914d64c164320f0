"""Small grey frames of every drone of a batch, from the ray-caster: what pixel agents see."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from reprohrl.contracts.camera_model import AI_DECK, CameraModel
from sim.render.camera import RayCamera
from sim.scene import Scene

WIDTH, HEIGHT = 64, 48
SMALL = CameraModel(
    width=WIDTH,
    height=HEIGHT,
    fx=AI_DECK.fx * WIDTH / AI_DECK.width,
    fy=AI_DECK.fy * HEIGHT / AI_DECK.height,
    offset_m=AI_DECK.offset_m,
)
"""The AI-deck's view at a fifth of its resolution."""

Frames = NDArray[np.uint8]


class FrameCamera:
    """Renders the rows of a batched world. A row's noise depends on its scene and its tick alone."""

    def __init__(self, batch: int) -> None:
        self._cameras: list[RayCamera | None] = [None] * batch
        self._scenes: list[Scene | None] = [None] * batch
        self.frames: Frames = np.zeros((batch, HEIGHT, WIDTH), np.uint8)

    def look(self, world: Any, rows: NDArray[np.bool_]) -> Frames:
        """Return (N, HEIGHT, WIDTH) from where the drones truly are; only `rows` (N,) get a new frame."""
        position, attitude, scenes = world.core.position, world.core.attitude, world.scenes
        for i in np.flatnonzero(rows):
            camera = self._cameras[i]
            if camera is None or self._scenes[i] is not scenes[i] or world.time_s[i] <= 0.0:
                camera = self._cameras[i] = RayCamera(scenes[i], SMALL, seed=scenes[i].seed)
                self._scenes[i] = scenes[i]
            shot = camera.render(position[i], attitude[i], time_s=float(world.time_s[i]))
            self.frames[i] = shot.pixels
        return self.frames

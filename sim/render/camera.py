"""`RayCamera`: frames of a scene from the drone's front camera."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from reprohrl.contracts.camera_model import AI_DECK, CameraModel
from reprohrl.contracts.detection import Detection
from sim.attitude import camera_pose
from sim.movers import move
from sim.render.boxes import truth_boxes
from sim.render.sensor import SensorModel, expose, frame_seed
from sim.render.textures import texture_atlas
from sim.render.trace import trace
from sim.scene import Scene

_NEAR_M = 0.02
_MARGIN_PX = 2


@dataclass(frozen=True, slots=True)
class Rendered:
    """One frame. pixels (H, W) or (H, W, 3) uint8; segmentation (H, W) int16, object index + 1, 0 = room."""

    pixels: NDArray[np.uint8]
    segmentation: NDArray[np.int16]
    boxes: tuple[Detection, ...]


class RayCamera:
    """Renders a scene; the same seed and the same calls give the same bytes."""

    def __init__(
        self,
        scene: Scene,
        camera: CameraModel = AI_DECK,
        *,
        grey: bool = True,
        seed: int = 0,
        sensor: SensorModel | None = None,
    ) -> None:
        self.scene, self.camera, self.grey = scene, camera, grey
        self.sensor = SensorModel() if sensor is None else sensor
        self._seed = seed
        self._frames = 0
        self._objects, self._movers = scene.geometry(), scene.mover_rows()
        painted = [*scene.room.surfaces, *scene.objects]
        self._looks = np.array([(*p.color, float(p.texture), p.texture_scale) for p in painted], np.float64)
        self._room = scene.half_room()
        self._light = np.array([*scene.light.position, scene.light.intensity, scene.light.ambient])
        self._focal = np.array([camera.fx, camera.fy, camera.cx, camera.cy], np.float64)
        self._radiance = np.empty((camera.height, camera.width, 3), np.float32)

    def reset(self) -> None:
        """Start the sequence of noise again."""
        self._frames = 0

    def render(
        self,
        position: Sequence[float] | NDArray[np.float64],
        attitude: Sequence[float] | NDArray[np.float64],
        *,
        time_s: float = 0.0,
        blur_px: tuple[float, float] = (0.0, 0.0),
    ) -> Rendered:
        """Render from the drone's body at `position` [m], `attitude` (roll, pitch, yaw) [rad], world frame.

        `time_s` says where moving solids are; `blur_px` (right, down) is the motion of the image during
        the exposure.
        """
        move(self._objects, self._movers, time_s)
        eye, rotation = camera_pose(self.camera, position, attitude)
        segmentation = np.empty((self.camera.height, self.camera.width), np.int16)
        projected = np.zeros(len(self._objects), np.int64)
        trace(
            eye, rotation, self._focal, self._objects, self._windows(eye, rotation), self._looks, self._room,
            self._light, texture_atlas(), self._radiance, segmentation, projected,
        )  # fmt: skip
        noise_seed = frame_seed(self._seed, self._frames)
        self._frames += 1
        pixels = expose(self._radiance, self.sensor, grey=self.grey, seed=noise_seed, blur_px=blur_px)
        return Rendered(pixels, segmentation, truth_boxes(segmentation, self.scene, projected))

    def _windows(self, eye: NDArray[np.float64], rotation: NDArray[np.float64]) -> NDArray[np.int64]:
        """Rows and columns each object's bounding box may cover: (K, 4), past-the-last exclusive."""
        cam, o = self.camera, self._objects
        signs = np.array([[i, j, k] for i in (-1, 1) for j in (-1, 1) for k in (-1, 1)], np.float64)
        local = signs[None] * o[:, None, 3:6]  # (K, 8, 3)
        c, s = o[:, 7, None], o[:, 8, None]
        world = np.stack(
            [c * local[..., 0] - s * local[..., 1], s * local[..., 0] + c * local[..., 1], local[..., 2]], -1
        )
        body = (world + o[:, None, :3] - eye) @ rotation  # (K, 8, 3) forward, left, up
        depth = body[..., 0]
        ahead = np.maximum(depth, _NEAR_M)
        columns = cam.cx - cam.fx * body[..., 1] / ahead
        rows = cam.cy - cam.fy * body[..., 2] / ahead
        windows = np.stack(
            [rows.min(1) - _MARGIN_PX, rows.max(1) + _MARGIN_PX, columns.min(1) - _MARGIN_PX,
             columns.max(1) + _MARGIN_PX], 1
        )  # fmt: skip
        near, behind = depth.min(1) < _NEAR_M, depth.max(1) < _NEAR_M
        windows[near] = (0, cam.height, 0, cam.width)
        windows[behind] = 0
        return np.clip(windows, 0, [cam.height, cam.height, cam.width, cam.width]).astype(np.int64)

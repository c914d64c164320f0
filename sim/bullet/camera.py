"""`BulletCamera`: the second, independent look, drawn by PyBullet's TinyRenderer."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pybullet
from numba import njit
from numpy.typing import NDArray

from reprohrl.contracts.camera_model import AI_DECK, CameraModel
from sim.attitude import camera_pose
from sim.bullet.meshes import Mesh, box_mesh, object_mesh
from sim.bullet.solids import upright
from sim.bullet.textures import load_textures
from sim.geometry import ray_object
from sim.movers import move
from sim.render.boxes import truth_boxes
from sim.render.camera import Rendered
from sim.render.sensor import SensorModel, expose, frame_seed
from sim.scene import Scene, Surface

NEAR_M, FAR_M = 0.02, 12.0
_OFF_PX = (0.5, 0.5)
"""Right and up, measured against ray casts of the same scenes."""

_STRIDE_PX = 3
"""Every third pixel of every third row counts how large an object would be were it alone."""


class BulletCamera:
    """Renders a scene as `sim.render.RayCamera` does, with PyBullet's software renderer in its own client.

    shadows   cast shadows; slower, and TinyRenderer's have hard edges
    """

    def __init__(
        self,
        scene: Scene,
        camera: CameraModel = AI_DECK,
        *,
        grey: bool = True,
        seed: int = 0,
        sensor: SensorModel | None = None,
        shadows: bool = False,
    ) -> None:
        self.scene, self.camera, self.grey = scene, camera, grey
        self.sensor = SensorModel() if sensor is None else sensor
        self._seed, self._shadows, self._frames = seed, shadows, 0
        self._objects, self._movers = scene.geometry(), scene.mover_rows()
        self._client = pybullet.connect(pybullet.DIRECT)
        self._object_of_body, self._bodies = _build(scene, self._client)
        self._projection = _projection(camera)

    def reset(self) -> None:
        """Start the sequence of noise again."""
        self._frames = 0

    def close(self) -> None:
        """Disconnect from Bullet; harmless when done before."""
        if self._client >= 0:
            pybullet.disconnect(physicsClientId=self._client)
            self._client = -1

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
        self._move(time_s)
        eye, rotation = camera_pose(self.camera, position, attitude)
        colour, bodies = self._draw(eye, rotation)
        segmentation = self._object_of_body[np.clip(bodies, -1, None) + 1]
        noise_seed = frame_seed(self._seed, self._frames)
        self._frames += 1
        radiance = np.ascontiguousarray(colour[..., :3], np.float32) / 255.0
        pixels = expose(radiance, self.sensor, grey=self.grey, seed=noise_seed, blur_px=blur_px)
        boxes = truth_boxes(segmentation, self.scene, self._alone(eye, rotation))
        return Rendered(pixels, segmentation, boxes)

    def _move(self, time_s: float) -> None:
        """Put moving solids where they are at `time_s`."""
        move(self._objects, self._movers, time_s)
        for row in self._movers:
            index = int(row[0])
            pybullet.resetBasePositionAndOrientation(
                self._bodies[index], self._objects[index, :3], upright(self.scene.objects[index].yaw),
                physicsClientId=self._client,
            )  # fmt: skip

    def _draw(
        self, eye: NDArray[np.float64], rotation: NDArray[np.float64]
    ) -> tuple[NDArray[np.uint8], NDArray[np.int32]]:
        """Return colours (H, W, 4) and body ids (H, W), -1 where nothing is."""
        cam, light = self.camera, self.scene.light
        view = pybullet.computeViewMatrix(
            eye.tolist(), (eye + rotation[:, 0]).tolist(), rotation[:, 2].tolist()
        )
        width, height, colour, _, bodies = pybullet.getCameraImage(
            cam.width, cam.height, view, self._projection,
            lightDirection=light.position, lightColor=(1.0, 1.0, 1.0), lightDistance=4.0,
            shadow=int(self._shadows),
            lightAmbientCoeff=0.15 + 0.8 * light.ambient, lightDiffuseCoeff=0.75 * light.intensity,
            lightSpecularCoeff=0.05,
            renderer=pybullet.ER_TINY_RENDERER, physicsClientId=self._client,
        )  # fmt: skip
        return (
            np.asarray(colour, np.uint8).reshape(height, width, 4),
            np.asarray(bodies, np.int32).reshape(height, width),
        )

    def _alone(self, eye: NDArray[np.float64], rotation: NDArray[np.float64]) -> NDArray[np.int64]:
        """Pixels (K,) each object would cover were it alone, estimated on a coarse grid."""
        return _count_alone(
            self._objects, eye, rotation, self.camera.fx, self.camera.width, self.camera.height
        )


def _projection(camera: CameraModel) -> tuple[float, ...]:
    """OpenGL projection matrix, moved by the part of a pixel TinyRenderer is off."""
    right, top = NEAR_M * camera.tan_half_h, NEAR_M * camera.tan_half_v
    dx, dy = 2 * right * _OFF_PX[0] / camera.width, 2 * top * _OFF_PX[1] / camera.height
    return tuple(
        pybullet.computeProjectionMatrix(-right + dx, right + dx, -top + dy, top + dy, NEAR_M, FAR_M)
    )


@njit(cache=True)
def _count_alone(
    objects: NDArray[np.float64], eye: NDArray[np.float64], rotation: NDArray[np.float64],
    focal: float, width: int, height: int,
) -> NDArray[np.int64]:  # fmt: skip
    counts = np.zeros(len(objects), np.int64)
    for row in range(_STRIDE_PX // 2, height, _STRIDE_PX):
        for column in range(_STRIDE_PX // 2, width, _STRIDE_PX):
            left, up = (width / 2 - column - 0.5) / focal, (height / 2 - row - 0.5) / focal
            dx = rotation[0, 0] + left * rotation[0, 1] + up * rotation[0, 2]
            dy = rotation[1, 0] + left * rotation[1, 1] + up * rotation[1, 2]
            dz = rotation[2, 0] + left * rotation[2, 1] + up * rotation[2, 2]
            for k in range(len(objects)):
                if ray_object(objects[k], eye[0], eye[1], eye[2], dx, dy, dz, 100.0) < 100.0:
                    counts[k] += _STRIDE_PX * _STRIDE_PX
    return counts


def _build(scene: Scene, client: int) -> tuple[NDArray[np.int16], list[int]]:
    """Add what is visible; return object index + 1 (0: the room) by body id + 1, and each object's body."""
    textures = load_textures(client)
    x, y, height = scene.half_room()
    t = 0.02
    slabs = (
        ((x + t, 0.0, height / 2), (t, y, height / 2)),
        ((-x - t, 0.0, height / 2), (t, y, height / 2)),
        ((0.0, y + t, height / 2), (x, t, height / 2)),
        ((0.0, -y - t, height / 2), (x, t, height / 2)),
        ((0.0, 0.0, height + t), (x, y, t)),
        ((0.0, 0.0, -t), (x, y, t)),
    )
    owner, bodies = [0], []
    for (place, half), surface in zip(slabs, scene.room.surfaces, strict=True):
        _add(box_mesh(*half), place, 0.0, surface, textures, client)
        owner.append(0)
    for index, item in enumerate(scene.objects):
        look = Surface(item.color, item.texture, item.texture_scale)
        bodies.append(_add(object_mesh(item), item.position, item.yaw, look, textures, client))
        owner.append(index + 1)
    return np.array(owner, np.int16), bodies


def _add(
    mesh: Mesh, place: tuple[float, float, float], yaw: float, look: Surface, textures: list[int], client: int
) -> int:
    shape = pybullet.createVisualShape(
        pybullet.GEOM_MESH,
        vertices=mesh.vertices.tolist(), indices=mesh.indices.tolist(), normals=mesh.normals.tolist(),
        uvs=(mesh.uvs * look.texture_scale).tolist(), rgbaColor=(*look.color, 1.0), physicsClientId=client,
    )  # fmt: skip
    body = pybullet.createMultiBody(
        0.0, -1, shape, basePosition=place,
        baseOrientation=upright(yaw), physicsClientId=client,
    )  # fmt: skip
    pybullet.changeVisualShape(
        body, -1, textureUniqueId=textures[look.texture % len(textures)], physicsClientId=client
    )
    return int(body)

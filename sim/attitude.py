"""Rotations, REP-103: x forward, y left, z up; attitude = Rz(yaw) Ry(pitch) Rx(roll)."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
from numba import njit
from numpy.typing import NDArray

from reprohrl.contracts.camera_model import CameraModel


@njit(cache=True)
def quat_to_matrix(q: NDArray[np.float64], out: NDArray[np.float64]) -> None:
    """Write the body-to-world matrix of quaternion `q` (x, y, z, w) into `out` (3, 3)."""
    x, y, z, w = q[0], q[1], q[2], q[3]
    out[0, 0], out[0, 1], out[0, 2] = 1 - 2 * (y * y + z * z), 2 * (x * y - z * w), 2 * (x * z + y * w)
    out[1, 0], out[1, 1], out[1, 2] = 2 * (x * y + z * w), 1 - 2 * (x * x + z * z), 2 * (y * z - x * w)
    out[2, 0], out[2, 1], out[2, 2] = 2 * (x * z - y * w), 2 * (y * z + x * w), 1 - 2 * (x * x + y * y)


def body_to_world(attitude: Sequence[float] | NDArray[np.float64]) -> NDArray[np.float64]:
    """Rotation matrix of (roll, pitch, yaw) [rad], REP-103: Rz(yaw) Ry(pitch) Rx(roll), pitch up negative."""
    (sr, cr), (sp, cp), (sy, cy) = ((math.sin(a), math.cos(a)) for a in attitude)
    return np.array(
        [
            [cy * cp, cy * sp * sr - sy * cr, cy * sp * cr + sy * sr],
            [sy * cp, sy * sp * sr + cy * cr, sy * sp * cr - cy * sr],
            [-sp, cp * sr, cp * cr],
        ]
    )


def camera_pose(
    camera: CameraModel,
    position: Sequence[float] | NDArray[np.float64],
    attitude: Sequence[float] | NDArray[np.float64],
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return the camera's place (3,) [m] and body-to-world matrix (3, 3) for a pose of the drone's body."""
    rotation = body_to_world(attitude)
    return np.asarray(position, np.float64) + rotation @ np.array(camera.offset_m), rotation

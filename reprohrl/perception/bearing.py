"""From boxes to directions and distances: the camera's geometry, batch first."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from reprohrl.contracts.camera_model import CameraModel

Array = NDArray[np.float64]

NOMINAL_WIDTH_M = np.array([0.30, 0.32, 0.28, 0.22, 0.32, 0.46, 0.26])
NOMINAL_HEIGHT_M = np.array([0.30, 0.28, 0.40, 0.40, 0.38, 0.26, 1.85])
"""Typical extents per detector class as seen from the side, over all yaw angles (a cube of 0.28 m is
0.28 to 0.40 m wide). Obstacles stand on the floor; their height says little."""

FRONT_M = np.array([0.01, 0.16, 0.06, 0.105, 0.0, 0.13, 0.0])
"""The box of a thick object is set by its near edges: its centre lies this much deeper than `box_depth`."""

SEEN_FROM_ABOVE = np.array([0.0, 0.6, 0.6, 0.0, 0.0, 1.0, 0.0])
SEEN_FROM_BELOW = np.array([0.0, 0.6, -0.4, 0.0, 0.0, -0.5, 0.0])
"""Further depth [m] per unit of slope of the line of sight: a top or bottom face stretches the box.
Both fitted to exact boxes at 0.45 to 2.5 m and up to 0.35 m above and below."""

EDGE = 0.015
"""A box side nearer than this to the image border is taken as cut off by it."""


def wrap_angle(angle: Array) -> Array:
    """Map angles [rad] into [-pi, pi)."""
    return (angle + np.pi) % (2 * np.pi) - np.pi


def ray_of_pixel(cx: Array, cy: Array, attitude: Array, camera: CameraModel) -> Array:
    """Return (..., 3) rays with unit depth in the yaw-aligned body frame (x ahead, y left, z up).

    `cx, cy` (...,) image fractions; `attitude` (..., 3) roll, pitch, yaw [rad]. Roll and pitch are undone.
    """
    y = (0.5 - cx) * 2 * camera.tan_half_h
    z = (0.5 - cy) * 2 * camera.tan_half_v
    roll, pitch = attitude[..., 0], attitude[..., 1]
    cr, sr, cp, sp = np.cos(roll), np.sin(roll), np.cos(pitch), np.sin(pitch)
    y1, z1 = cr * y - sr * z, sr * y + cr * z
    return np.stack([cp + sp * z1, y1, -sp + cp * z1], axis=-1)


def box_depth(class_id: NDArray[np.int64], boxes: Array, camera: CameraModel) -> Array:
    """Return the depth [m] along the optical axis at which a nominal object fills each box.

    `boxes` (..., 4) are cx, cy, w, h. The height is used unless the image border cuts it, then the
    width; where both are cut, the larger of the two answers (it is the tighter bound from above).
    """
    cx, cy, w, h = (boxes[..., i] for i in range(4))
    by_height = NOMINAL_HEIGHT_M[class_id] / np.maximum(h * 2 * camera.tan_half_v, 1e-3)
    by_width = NOMINAL_WIDTH_M[class_id] / np.maximum(w * 2 * camera.tan_half_h, 1e-3)
    either = np.minimum(by_height, by_width)
    return np.where(~is_cut(cy, h), by_height, np.where(~is_cut(cx, w), by_width, either))


def is_cut(centre: Array, size: Array) -> NDArray[np.bool_]:
    """Return whether the image border cuts a box along this axis."""
    return np.asarray((centre - size / 2 < EDGE) | (centre + size / 2 > 1 - EDGE))


def centre_depth(class_id: NDArray[np.int64], boxes: Array, slope: Array, camera: CameraModel) -> Array:
    """Return the depth [m] of the object's centre: `box_depth` plus what its thickness adds.

    `slope` (...,) is the rise of the line of sight over depth, positive upward.
    """
    above, below = SEEN_FROM_ABOVE[class_id], SEEN_FROM_BELOW[class_id]
    lean = np.where(slope < 0, -above * slope, below * slope) * ~is_cut(boxes[..., 1], boxes[..., 3])
    depth = box_depth(class_id, boxes, camera) + FRONT_M[class_id] + np.clip(lean, -0.08, 0.15)
    return np.asarray(depth, np.float64)


def floor_depth(bottom: Array, height_m: Array, attitude: Array, cx: Array, camera: CameraModel) -> Array:
    """Return the horizontal distance [m] at which the ray through a box's bottom edge meets the floor.

    Infinite where the ray does not go down.
    """
    ray = ray_of_pixel(cx, bottom, attitude, camera)
    down = -ray[..., 2]
    reach = np.hypot(ray[..., 0], ray[..., 1])
    return np.where(down > 0.02, reach * height_m / np.maximum(down, 0.02), np.inf)

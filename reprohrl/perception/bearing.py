"""From boxes to directions and distances: the camera's geometry, compiled.

`lens` is `lens_row(camera)`: the tangents of half the view, and the camera's place in the body.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from reprohrl.contracts.camera_model import CameraModel
from reprohrl.perception.compiled import kernel

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


def lens_row(camera: CameraModel) -> Array:
    """Return (5,): tangents of half the view across and down, then the camera's offset [m] in the body."""
    return np.array([camera.tan_half_h, camera.tan_half_v, *camera.offset_m])


@kernel
def wrap_angle(angle: float) -> float:
    """Map an angle [rad] into [-pi, pi)."""
    return angle - 2 * math.pi * math.floor((angle + math.pi) / (2 * math.pi))


@kernel
def ray_of_pixel(cx: float, cy: float, roll: float, pitch: float, lens: Array) -> tuple[float, float, float]:
    """Return the ray with unit depth through (cx, cy) in [0, 1], in the yaw-aligned body frame
    (x ahead, y left, z up)."""
    y = (0.5 - cx) * 2 * lens[0]
    z = (0.5 - cy) * 2 * lens[1]
    cr, sr, cp, sp = math.cos(roll), math.sin(roll), math.cos(pitch), math.sin(pitch)
    y1, z1 = cr * y - sr * z, sr * y + cr * z
    return cp + sp * z1, y1, -sp + cp * z1


@kernel
def is_cut(centre: float, size: float) -> bool:
    """Return whether the image border cuts a box along this axis."""
    return centre - size / 2 < EDGE or centre + size / 2 > 1 - EDGE


@kernel
def box_depth(class_id: int, cx: float, cy: float, w: float, h: float, lens: Array) -> float:
    """Return the depth [m] along the optical axis at which a nominal object fills the box.

    The height is used unless the image border cuts it, then the width; where both are cut, the nearer of
    the two answers.
    """
    by_height = float(NOMINAL_HEIGHT_M[class_id] / max(h * 2 * lens[1], 1e-3))
    by_width = float(NOMINAL_WIDTH_M[class_id] / max(w * 2 * lens[0], 1e-3))
    if not is_cut(cy, h):
        return by_height
    if not is_cut(cx, w):
        return by_width
    return min(by_height, by_width)


@kernel
def centre_depth(class_id: int, cx: float, cy: float, w: float, h: float, slope: float, lens: Array) -> float:
    """Return the depth [m] of the object's centre: `box_depth` plus what its thickness adds.

    `slope` is the rise of the line of sight over depth, positive upward.
    """
    lean = 0.0
    if not is_cut(cy, h):
        lean = -SEEN_FROM_ABOVE[class_id] * slope if slope < 0 else SEEN_FROM_BELOW[class_id] * slope
    thick = float(FRONT_M[class_id])
    return box_depth(class_id, cx, cy, w, h, lens) + thick + min(max(lean, -0.08), 0.15)


@kernel
def floor_distance(
    cx: float, bottom: float, height_m: float, roll: float, pitch: float, lens: Array
) -> float:
    """Return the horizontal distance [m] at which the ray through a box's bottom edge meets the floor.

    1e9 where the ray does not go down.
    """
    x, y, z = ray_of_pixel(cx, bottom, roll, pitch, lens)
    return math.sqrt(x * x + y * y) * height_m / -z if z < -0.02 else 1e9

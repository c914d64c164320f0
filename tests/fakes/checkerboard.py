"""Images of a checkerboard by a known camera: every pixel's ray through the distortion onto the board."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache

import cv2
import numpy as np
from numpy.typing import NDArray

from firmware_bridge.aideck.calibration import CameraCalibration
from firmware_bridge.aideck.checkerboard import Board

CAMERA = CameraCalibration(324, 244, 181.9, 182.6, 162.5, 120.8, (-0.0704, -0.0064, -0.0027, -0.0020, 0.0))
"""The published calibration of an AI-deck (crazyswarm2), its principal point moved to 324x244."""

SAMPLES = 3  # each way in a pixel
Vector = tuple[float, float, float]


def picture(
    board: Board,
    tilt: Vector,
    at: Vector,
    camera: CameraCalibration = CAMERA,
) -> NDArray[np.uint8]:
    """Return (H, W) uint8: the board turned by the rotation vector `tilt` [rad], its middle `at` [m]."""
    directions = _rays(camera)
    turn, _ = cv2.Rodrigues(np.array(tilt))
    where = np.array(at)
    distance = (where @ turn[:, 2]) / (directions @ turn[:, 2])
    on_board = (directions * distance[:, None] - where) @ turn  # (N, 3), z is 0
    u = on_board[:, 0] / board.square_m + (board.columns + 1) / 2
    v = on_board[:, 1] / board.square_m + (board.rows + 1) / 2
    inside = (u >= 0) & (u < board.columns + 1) & (v >= 0) & (v < board.rows + 1) & (distance > 0)
    dark = (np.floor(u) + np.floor(v)) % 2 == 0
    margin = (u > -0.7) & (u < board.columns + 1.7) & (v > -0.7) & (v < board.rows + 1.7)
    value = np.where(inside, np.where(dark, 35.0, 215.0), np.where(margin, 215.0, 120.0))
    grid = value.reshape(camera.height, SAMPLES, camera.width, SAMPLES).mean(axis=(1, 3))
    noise = np.random.default_rng(int(1e6 * abs(sum(tilt) + sum(at)))).normal(0, 2.0, grid.shape)
    return np.asarray(np.clip(grid + noise, 0, 255), np.uint8)


@cache
def _rays(camera: CameraCalibration) -> NDArray[np.float64]:
    """Return a direction for each sample, (N, 3), with z = 1: x to the right, y down."""
    step = np.arange(SAMPLES) / SAMPLES - 0.5 + 0.5 / SAMPLES
    xs = (np.arange(camera.width)[:, None] + step).ravel()
    ys = (np.arange(camera.height)[:, None] + step).ravel()
    pixels = np.stack(np.meshgrid(xs, ys), axis=-1).reshape(-1, 1, 2)
    rays = cv2.undistortPoints(pixels, camera.matrix, np.array(camera.distortion)).reshape(-1, 2)
    return np.column_stack([rays, np.ones(len(rays))])


def poses(board: Board, count: int) -> Iterator[tuple[Vector, Vector]]:
    """Yield tilts and places that show the whole board all over the image, as a person would hold it."""
    side = board.square_m * (board.columns + 1)
    dice = np.random.default_rng(8)
    for k in range(count):
        z = side * (1.05, 1.2, 1.45)[k // 2 % 3]
        x = (k % 3 - 1) * (0.82 * z - 0.55 * side)
        y = (k // 3 % 3 - 1) * (0.60 * z - 0.40 * side)
        a, b, c = dice.normal(0, 0.05, 3)
        yield ((0.4 * (k // 2 % 3 - 1) + a, 0.4 * (k // 3 % 3 - 1) * (-1) ** k + b, 0.1 + c), (x, y, z))

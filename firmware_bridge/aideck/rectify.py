"""Frames of a calibrated camera as the pinhole camera of `reprohrl.contracts` would see them."""

from __future__ import annotations

import logging
from typing import Protocol

import cv2
import numpy as np
from numpy.typing import NDArray

from firmware_bridge.aideck.calibration import CameraCalibration
from firmware_bridge.aideck.newest import CameraHealth
from firmware_bridge.aideck.stream import PosedFrame
from reprohrl.contracts.camera_model import AI_DECK, CameraModel
from reprohrl.contracts.drone import Frame
from reprohrl.contracts.errors import UserError

_LOG = logging.getLogger(__name__)
_MUCH = 0.9


class OpenCamera(Protocol):
    """A camera with a beginning and an end: `AiDeckCamera`, `LinkCamera`."""

    def open(self, timeout_s: float = 10.0) -> None: ...

    def read(self, timeout_s: float) -> Frame | None: ...

    def health(self) -> CameraHealth: ...

    def close(self) -> None: ...


class Rectifier:
    """Straightens images of `calibration` into the view of `model`, on which perception was trained.

    `seen` is the share of that view the camera covers; the rest repeats the border.
    """

    def __init__(self, calibration: CameraCalibration, model: CameraModel = AI_DECK) -> None:
        self._size = (calibration.height, calibration.width)
        # The model counts pixels from the corner of the first one, OpenCV from its centre.
        ideal = np.array([[model.fx, 0, model.cx - 0.5], [0, model.fy, model.cy - 0.5], [0, 0, 1.0]])
        self._map_x, self._map_y = cv2.initUndistortRectifyMap(
            calibration.matrix, np.array(calibration.distortion), np.eye(3), ideal,
            (model.width, model.height), cv2.CV_32FC1,
        )  # fmt: skip
        inside = (
            (self._map_x >= -0.5)
            & (self._map_x <= calibration.width - 0.5)
            & (self._map_y >= -0.5)
            & (self._map_y <= calibration.height - 0.5)
        )
        self.seen = float(inside.mean())

    def __call__(self, image: NDArray[np.uint8]) -> NDArray[np.uint8]:
        """Return (H, W[, 3]) of the model. Raises `UserError` for an image of another mode."""
        if image.shape[:2] != self._size:
            height, width = self._size
            raise UserError(
                f"the camera sends {image.shape[1]}x{image.shape[0]} images",
                why=f"its calibration was made at {width}x{height}",
                fix="calibrate in this mode: reprohrl calibrate camera",
            )
        straight = cv2.remap(
            image, self._map_x, self._map_y, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE
        )
        return np.asarray(straight, np.uint8)


class RectifiedCamera:
    """A `Camera` whose frames are straightened; stamps, metadata and health are those of `camera`."""

    def __init__(
        self, camera: OpenCamera, calibration: CameraCalibration, model: CameraModel = AI_DECK
    ) -> None:
        self._camera = camera
        self._rectify = Rectifier(calibration, model)
        if self._rectify.seen < _MUCH:
            _LOG.warning(
                "the camera sees %.0f %% of what the detector expects; the rest repeats the border",
                100 * self._rectify.seen,
            )

    def open(self, timeout_s: float = 10.0) -> None:
        self._camera.open(timeout_s)

    def read(self, timeout_s: float) -> Frame | None:
        """Return the newest frame not yet returned, straightened, or None when none came in time."""
        frame = self._camera.read(timeout_s)
        if frame is None:
            return None
        pixels = self._rectify(frame.pixels)
        if isinstance(frame, PosedFrame):
            return PosedFrame(pixels, frame.stamp, frame.metadata)
        return Frame(pixels, frame.stamp)

    def health(self) -> CameraHealth:
        return self._camera.health()

    def close(self) -> None:
        self._camera.close()

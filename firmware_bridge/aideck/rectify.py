"""Frames of a calibrated camera as the pinhole camera of `reprohrl.contracts` would see them."""

from __future__ import annotations

import logging
from types import TracebackType
from typing import Protocol, Self

import cv2
import numpy as np
from numpy.typing import NDArray

from firmware_bridge.aideck.calibration import CameraCalibration
from firmware_bridge.aideck.modes import BINNING, nominal
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
        self.check(image)
        straight = cv2.remap(
            image, self._map_x, self._map_y, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE
        )
        return np.asarray(straight, np.uint8)

    def check(self, image: NDArray[np.uint8]) -> None:
        """Raise `UserError` for an image of another size than the calibration's."""
        if image.shape[:2] != self._size:
            height, width = self._size
            raise UserError(
                f"the camera sends {image.shape[1]}x{image.shape[0]} images",
                why=f"its calibration was made at {width}x{height}",
                fix="calibrate in this mode: reprohrl calibrate camera",
            )


class RectifiedCamera:
    """A `Camera` whose frames are straightened; stamps, metadata and health are those of `camera`.

    Without a calibration, frames of the model's own size pass as they are, and those of the deck's other
    modes are fitted with its nominal lens.
    """

    def __init__(
        self, camera: OpenCamera, calibration: CameraCalibration | None = None, model: CameraModel = AI_DECK
    ) -> None:
        self._camera, self._calibration, self._model = camera, calibration, model
        self._size: tuple[int, ...] | None = None
        self._rectify: Rectifier | None = None

    def open(self, timeout_s: float = 10.0) -> None:
        """Open the camera. Raises `LinkError` without frames, `UserError` for a mode that is not known."""
        self._camera.open(timeout_s)
        frame = self._camera.read(timeout_s)
        if frame is not None:
            self._prepare(frame.pixels)

    def read(self, timeout_s: float) -> Frame | None:
        """Return the newest frame not yet returned, straightened, or None when none came in time.

        A camera that changes its mode in flight is one without frames.
        """
        frame = self._camera.read(timeout_s)
        if frame is None:
            return None
        try:
            self._prepare(frame.pixels)
        except UserError as error:
            _LOG.error("%s", error)
            return None
        pixels = frame.pixels if self._rectify is None else self._rectify(frame.pixels)
        if isinstance(frame, PosedFrame):
            return PosedFrame(pixels, frame.stamp, frame.metadata)
        return Frame(pixels, frame.stamp)

    def health(self) -> CameraHealth:
        return self._camera.health()

    def close(self) -> None:
        self._camera.close()

    def __enter__(self) -> Self:
        self.open()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _prepare(self, image: NDArray[np.uint8]) -> None:
        """Have the map for this image's size. Raises `UserError` where there is none."""
        size = image.shape[:2]
        if size == self._size:
            return
        height, width = size
        lens = self._calibration or (
            None if size == (self._model.height, self._model.width) else _lens(image)
        )
        rectify = None if lens is None else Rectifier(lens, self._model)
        if rectify is not None:
            rectify.check(image)
            if rectify.seen < _MUCH:
                _LOG.warning(
                    "%dx%d frames show %.0f %% of what the detector expects; the rest repeats the border",
                    width, height, 100 * rectify.seen,
                )  # fmt: skip
        self._rectify, self._size = rectify, size


def _lens(image: NDArray[np.uint8]) -> CameraCalibration:
    """Return the nominal lens of a mode. Raises `UserError` for an unknown one."""
    height, width = image.shape[:2]
    lens = nominal(width, height)
    if lens is None:
        known = ", ".join(f"{w}x{h}" for w, h in BINNING)
        raise UserError(
            f"the camera sends {width}x{height} images",
            why=f"the AI-deck's known modes are {known}",
            fix="calibrate this one: reprohrl calibrate camera, and pass the file",
        )
    return lens

"""The camera's modes: sizes of the frames, and the lens as it is on average."""

from __future__ import annotations

from firmware_bridge.aideck.calibration import CameraCalibration
from reprohrl.contracts.camera_model import AI_DECK

BINNING = {
    (324, 324): 1, (324, 244): 1,  # stock streamer: the whole sensor, or its middle rows
    (320, 320): 1, (320, 240): 1, (160, 160): 2, (160, 120): 2,  # nanocockpit, which crops the border
    (162, 162): 2, (162, 122): 2,
}  # fmt: skip
"""Sensor pixels to a frame's pixel, each way, by (width, height); every mode is about the same middle."""


def nominal(width: int, height: int) -> CameraCalibration | None:
    """Return an AI-deck's camera without distortion in the mode of this size, None for an unknown one."""
    binning = BINNING.get((width, height))
    if binning is None:
        return None
    return CameraCalibration(
        width, height, AI_DECK.fx / binning, AI_DECK.fy / binning, width / 2 - 0.5, height / 2 - 0.5,
        camera="nominal",
    )  # fmt: skip

"""The pinhole model of the front camera."""

from __future__ import annotations

import math
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class CameraModel:
    """A pinhole camera looking along the body's x axis.

    Optical frame: x right, y down, z forward (REP-103 `*_optical`). `offset_m` is the camera's
    place in the body frame (forward, left, up).
    """

    width: int = 324
    height: int = 244
    fx: float = 182.2  # [px], mean of fx, fy of crazyswarm2's aideck_streamer.yaml calibration
    fy: float = 182.2
    offset_m: tuple[float, float, float] = (0.03, 0.0, 0.0)

    @property
    def cx(self) -> float:
        return self.width / 2

    @property
    def cy(self) -> float:
        return self.height / 2

    @property
    def tan_half_h(self) -> float:
        """Half the image width over the focal length; atan of it is half the field of view."""
        return self.width / (2 * self.fx)

    @property
    def tan_half_v(self) -> float:
        return self.height / (2 * self.fy)

    @property
    def hfov_rad(self) -> float:
        return 2 * math.atan(self.tan_half_h)


AI_DECK = CameraModel()
"""Himax HM01B0 on the AI-deck, 324x244, horizontal field of view 83 deg."""

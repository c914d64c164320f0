"""Where a drone's frames come from: its link, or a socket of the AI-deck's own."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from firmware_bridge.aideck.calibration import CameraCalibration
from firmware_bridge.aideck.link_camera import LinkCamera
from firmware_bridge.aideck.reader import AiDeckCamera
from firmware_bridge.aideck.rectify import OpenCamera, RectifiedCamera

if TYPE_CHECKING:
    from firmware_bridge.drone import CrazyflieDrone


def camera_of(
    drone: CrazyflieDrone,
    host: str,
    port: int,
    *,
    calibration: CameraCalibration | None = None,
    latency_s: float = 0.0,
) -> RectifiedCamera:
    """Return the camera of a connected drone, not yet opened. `latency_s`: from exposure to the last byte.

    The deck serves one connection: a `tcp://` link is that one, and `host` and `port` do not matter then.
    """
    source: OpenCamera = (
        LinkCamera(drone.subscribe_cpx, latency_s=latency_s)
        if drone.uri.startswith("tcp://")
        else AiDeckCamera(host, port, latency_s=latency_s)
    )
    return RectifiedCamera(source, calibration)


def read_calibration(path: str) -> CameraCalibration | None:
    """Return the calibration of a file, None for an empty name. Raises `UserError` for a damaged one."""
    return CameraCalibration.read(Path(path).expanduser()) if path else None

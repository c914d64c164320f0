"""`measure_camera`: what a camera's health counters say after some frames."""

from __future__ import annotations

from typing import Protocol

from firmware_bridge.aideck.newest import CameraHealth
from reprohrl.contracts.drone import Camera, Frame
from reprohrl.preflight.readings import CameraReadings


class HealthyCamera(Camera, Protocol):
    """A camera that counts."""

    def health(self) -> CameraHealth: ...


def measure_camera(camera: HealthyCamera, address: str, *, wait_s: float = 1.0) -> CameraReadings:
    """Read a frame for its size, and the counters. Gives a camera without frames `wait_s` to deliver one."""
    frame: Frame | None = camera.read(wait_s)
    h = camera.health()
    size = (frame.pixels.shape[1], frame.pixels.shape[0]) if frame is not None else (0, 0)
    return CameraReadings(
        address=address, frames=h.frames, fps=h.fps, age_s=h.age_s, gap_s=h.gap_s,
        damaged=h.torn + h.corrupt, missed=h.missed, reconnects=h.reconnects, size=size, trouble=h.trouble,
    )  # fmt: skip

"""`require_ready`: no take-off past a failed check."""

from __future__ import annotations

from collections.abc import Callable

from firmware_bridge.doctor.camera import HealthyCamera, measure_camera
from firmware_bridge.doctor.measure import SECONDS, Measurable, measure_drone
from reprohrl.contracts.clock import Clock
from reprohrl.preflight.camera import judge_camera
from reprohrl.preflight.drone import judge_drone
from reprohrl.preflight.finding import Finding, require
from reprohrl.preflight.limits import PreflightLimits


def look(
    drone: Measurable,
    camera: HealthyCamera | None,
    clock: Clock,
    *,
    camera_address: str = "the camera",
    seconds: float = SECONDS,
    limits: PreflightLimits | None = None,
    progress: Callable[[str], None] = lambda _: None,
) -> list[Finding]:
    """Measure a connected drone and its camera, and judge both. Raises `LinkError` when the link is lost."""
    readings = measure_drone(drone, clock, seconds=seconds, limits=limits, progress=progress)
    findings = judge_drone(readings, limits)
    if camera is not None:
        findings.append(judge_camera(measure_camera(camera, camera_address), limits))
    return findings


def require_ready(
    drone: Measurable,
    camera: HealthyCamera | None,
    clock: Clock,
    *,
    override: str,
    camera_address: str = "the camera",
    progress: Callable[[str], None] = lambda _: None,
) -> list[Finding]:
    """Return the findings; raises `NotReadyError`, naming what failed and `override`, when one did."""
    findings = look(drone, camera, clock, camera_address=camera_address, progress=progress)
    require(findings, override=override)
    return findings

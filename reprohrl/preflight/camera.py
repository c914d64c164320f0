"""The finding about the camera's stream."""

from __future__ import annotations

from reprohrl.preflight.finding import Finding, State
from reprohrl.preflight.limits import PreflightLimits
from reprohrl.preflight.readings import CameraReadings

_FIX = "join the AI-deck's WiFi, close other viewers (it serves one), power-cycle the drone if frames stopped"


def judge_camera(r: CameraReadings, limits: PreflightLimits | None = None) -> Finding:
    """Judge the rate, the age and the damage of the frames."""
    limits = limits or PreflightLimits()
    if not r.frames:
        why = r.trouble or "connected, but none came"
        return Finding("Camera", State.FAILED, f"no frames from {r.address}: {why}", _FIX)
    width, height = r.size
    evidence = f"{width}x{height} at {r.fps:.1f}/s, newest {r.age_s:.2f} s old, longest gap {r.gap_s:.2f} s"
    faults = [(r.damaged, "damaged"), (r.missed, "missed"), (r.reconnects, "reconnections")]
    evidence += "".join(f", {count} {name}" for count, name in faults if count)
    if r.trouble or not r.age_s <= limits.camera_age_fail_s or r.fps < limits.fps_fail:
        said = f"; {r.trouble}" if r.trouble else f"; {limits.fps_fail:g}/s and fresh ones are needed"
        return Finding("Camera", State.FAILED, evidence + said, _FIX)
    if r.fps < limits.fps_note or r.gap_s > limits.gap_note_s or r.damaged or r.reconnects:
        fix = "a clear WiFi channel away from the radio's; the flight hovers through gaps"
        return Finding("Camera", State.NOTE, evidence, fix)
    return Finding("Camera", State.OK, evidence)

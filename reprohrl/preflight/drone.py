"""Findings about a connected drone, one function each."""

from __future__ import annotations

import math
from collections.abc import Callable

from reprohrl.preflight.finding import Finding, State
from reprohrl.preflight.limits import PreflightLimits
from reprohrl.preflight.readings import DroneReadings

BITS = (
    "can arm", "armed", "arms itself", "can fly", "flying", "tumbled", "locked", "crashed",
    "high-level commander active", "its plan finished", "high-level commander off", "deck fault",
)  # fmt: skip
"""Names of the bits of `supervisor.info`, lowest first."""

CAN_ARM, ARMED, CAN_FLY, FLYING, TUMBLED, LOCKED, CRASHED = 1, 2, 8, 16, 32, 64, 128
DECK_FAULT = 1 << 11

POSITION_DECKS = ("bcFlow2", "bcFlow", "bcLighthouse4", "bcLoco", "bcDWM1000")
RANGER_DECK, CAMERA_DECK = "bcMultiranger", "bcAI"

Judge = Callable[[DroneReadings, PreflightLimits], Finding]


def link(r: DroneReadings, limits: PreflightLimits) -> Finding:
    """Latency, loss and the rate of states."""
    s = r.link
    evidence = (
        f"there and back {1e3 * s.latency_median_s:.0f} ms, 95 % within {1e3 * s.latency_p95_s:.0f} ms; "
        f"{100 * s.ping_loss:.1f} % of pings lost; {r.log_rate_hz:.0f} states/s"
    )
    if s.rssi_dbm:
        evidence += f"; {s.rssi_dbm:.0f} dBm, {100 * s.quality:.0f} % acknowledged"
    if s.ping_loss >= 1.0:
        return Finding("Link", State.FAILED, "no ping came back", "move closer; try another radio channel")
    bad, poor = _compare(
        (s.latency_p95_s, limits.latency_note_s, limits.latency_fail_s),
        (s.ping_loss, limits.loss_note, limits.loss_fail),
        (-r.log_rate_hz, -limits.log_rate_note_hz, -limits.log_rate_fail_hz),
        (r.state_age_s, limits.state_age_fail_s, limits.state_age_fail_s),
    )
    if not bad and not poor:
        return Finding("Link", State.OK, evidence)
    wants = (
        f"wanted: {1e3 * limits.latency_note_s:.0f} ms, {100 * limits.loss_note:.0f} %, "
        f"{limits.log_rate_note_hz:.0f} states/s"
    )
    fix = "move closer, use 2M and a channel above 80 (away from WiFi), end other programs on the radio"
    return Finding("Link", State.FAILED if bad else State.NOTE, f"{evidence} ({wants})", fix)


def firmware(r: DroneReadings, limits: PreflightLimits) -> Finding:
    evidence = f"CRTP protocol {r.protocol}" + (f", revision {r.firmware}" if r.firmware else "")
    fix = "update with cfclient: Connect, Bootloader"
    if 0 <= r.protocol < limits.protocol_oldest:
        return Finding(
            "Firmware", State.FAILED, f"{evidence}; {limits.protocol_oldest} or newer is needed", fix
        )
    if r.protocol < limits.protocol:
        return Finding(
            "Firmware", State.NOTE, f"{evidence}; made for {limits.protocol}: flown with legacy commands", fix
        )
    return Finding("Firmware", State.OK, evidence)


def decks(r: DroneReadings, limits: PreflightLimits) -> Finding:
    """A position source and the multi-ranger are flown with; the camera has a finding of its own."""
    present = [name for name, there in r.decks.items() if there]
    evidence = ", ".join(present) or "none"
    bits = r.supervisor or 0
    if bits & DECK_FAULT:
        return Finding(
            "Decks", State.FAILED, f"{evidence}; the drone reports a deck fault", "reseat the decks, restart"
        )
    if RANGER_DECK not in present:
        return Finding(
            "Decks", State.FAILED, f"{evidence}; no multi-ranger: the policies would see no obstacle",
            "mount the multi-ranger deck, restart",
        )  # fmt: skip
    if not any(name in present for name in POSITION_DECKS):
        settled = bool(r.variances) and all(v < limits.variance_max for v in r.variances[-1])
        return Finding(
            "Decks", State.NOTE if settled else State.FAILED, f"{evidence}; none that measures where it is",
            "harmless with motion capture; else mount a flow or lighthouse deck, restart",
        )  # fmt: skip
    if CAMERA_DECK not in present:
        return Finding(
            "Decks", State.NOTE, f"{evidence}; the AI-deck does not report itself", "harmless if frames come"
        )
    return Finding("Decks", State.OK, evidence)


def battery(r: DroneReadings, limits: PreflightLimits) -> Finding:
    evidence = f"{r.battery_v:.2f} V"
    if not math.isfinite(r.battery_v) or r.battery_v < 0.0:
        return Finding("Battery", State.FAILED, f"it says {r.battery_v} V", "restart the drone")
    if r.battery_v == 0.0:  # a firmware that runs on a computer
        return Finding(
            "Battery", State.NOTE, "its voltage is not reported", "watch the time: nothing else will"
        )
    if r.battery_v < limits.battery_fail_v:
        return Finding(
            "Battery", State.FAILED, f"{evidence}, take-off needs {limits.battery_fail_v} V", "charge it"
        )
    if r.battery_v < limits.battery_note_v:
        return Finding(
            "Battery", State.NOTE, f"{evidence}, {limits.battery_note_v} V make a whole flight", "charge it"
        )
    return Finding("Battery", State.OK, evidence)


def supervisor(r: DroneReadings, _: PreflightLimits) -> Finding:
    """The drone's own word on whether it may fly."""
    bits = r.supervisor
    if bits is None:
        return Finding(
            "Supervisor", State.NOTE, "this firmware does not say", "update the firmware when you can"
        )
    evidence = (
        f"0x{bits:04x}: {', '.join(name for i, name in enumerate(BITS) if bits >> i & 1) or 'nothing set'}"
    )
    for bit, fix in (
        (LOCKED, "restart the drone: it was stopped by a watchdog or an emergency stop"),
        (TUMBLED, "put it upright"),
        (CRASHED, "put it upright and restart it"),
    ):
        if bits & bit:
            return Finding("Supervisor", State.FAILED, evidence, fix)
    if bits & FLYING:
        return Finding("Supervisor", State.NOTE, f"{evidence}; it is in the air", "land it before a take-off")
    if not bits & (CAN_FLY | CAN_ARM | ARMED):
        return Finding(
            "Supervisor", State.FAILED, f"{evidence}; it can neither arm nor fly",
            "put it level on the floor and look at its console messages",
        )  # fmt: skip
    return Finding("Supervisor", State.OK, evidence)


def estimator(r: DroneReadings, limits: PreflightLimits) -> Finding:
    """The variances must stand still, and be small."""
    if not r.variances:
        return Finding("Estimator", State.NOTE, "its variances are not logged", "use the Kalman estimator")
    columns = list(zip(*r.variances, strict=True))
    if not all(math.isfinite(v) for column in columns for v in column):
        return Finding("Estimator", State.FAILED, "a variance is no number", "restart the drone")
    spread = max(max(c) - min(c) for c in columns)
    largest = max(max(c) for c in columns)
    evidence = f"variances up to {largest:.2g} (m/s)^2, moving by {spread:.2g} in {len(r.variances)} samples"
    fix = "keep it still on the floor; flow deck: texture and light, lighthouse: base stations in view"
    if largest > limits.variance_max:
        return Finding("Estimator", State.FAILED, f"{evidence}; {limits.variance_max:g} is allowed", fix)
    if spread > limits.variance_spread:
        return Finding(
            "Estimator",
            State.NOTE,
            f"{evidence}; {limits.variance_spread:g} is settled. Take-off resets it and waits",
            fix,
        )
    return Finding("Estimator", State.OK, evidence)


def parameters(r: DroneReadings, limits: PreflightLimits) -> Finding:
    """What flight sets before take-off, and whether it can."""
    shown, other, absent = [], [], []
    for name, wanted in limits.parameters.items():
        value = r.parameters.get(name)
        if value is None:
            absent.append(name)
            continue
        shown.append(f"{name} = {value:g}")
        if value != wanted:
            other.append(f"{name} to {wanted:g}")
    evidence = ", ".join(shown) or "none of those that flight needs"
    if absent:
        return Finding(
            "Parameters",
            State.NOTE,
            f"{evidence}; the drone has no {', '.join(absent)}",
            "update the firmware",
        )
    if other:
        return Finding("Parameters", State.NOTE, evidence, f"nothing to do: take-off sets {', '.join(other)}")
    return Finding("Parameters", State.OK, evidence)


JUDGES: tuple[Judge, ...] = (link, firmware, decks, battery, supervisor, estimator, parameters)


def judge_drone(readings: DroneReadings, limits: PreflightLimits | None = None) -> list[Finding]:
    """Return a finding for each thing looked at, in a fixed order."""
    limits = limits or PreflightLimits()
    return [judge(readings, limits) for judge in JUDGES]


def _compare(*readings: tuple[float, float, float]) -> tuple[bool, bool]:
    """Return whether any (value, note, fail) is past fail, and past note. What is no number is past all."""
    bad = any(not value <= fail for value, _, fail in readings)
    return bad, any(not value <= note for value, note, _ in readings)

"""The checks before a flight as a table, from the limits that judge them."""

from __future__ import annotations

from typing import NamedTuple

from reprohrl.preflight.limits import PreflightLimits


class Check(NamedTuple):
    """One line: what is looked at, from where on it is noted, and from where on flight is refused."""

    name: str
    looks_at: str
    noted: str
    refused: str


def checklist(limits: PreflightLimits | None = None) -> list[Check]:
    """Return the checks in the order in which they are made."""
    m = limits or PreflightLimits()
    set_before = ", ".join(f"{name} = {value:g}" for name, value in m.parameters.items())
    return [
        Check("Radio", "a Crazyradio or a Crazyflie on USB that this user may open", "none, for other links",
              "none or not permitted, for radio:// and usb://"),
        Check("Models", "SHA-256, layout and example output of detector, navigator and selector", "",
              "any that does not match its manifest"),
        Check("ROS 2", "rclpy, the built messages, domain and discovery", "something is missing", ""),
        Check("Connection", "the whole handshake, within the deadline", "", "it fails, with its stage"),
        Check("Link", "pings there and back, states per second",
              f"p95 above {1e3 * m.latency_note_s:.0f} ms, {100 * m.loss_note:.0f} % lost, "
              f"fewer than {m.log_rate_note_hz:.0f} states/s",
              f"p95 above {1e3 * m.latency_fail_s:.0f} ms, {100 * m.loss_fail:.0f} % lost, "
              f"fewer than {m.log_rate_fail_hz:.0f} states/s"),
        Check("Firmware", "CRTP protocol and revision", f"protocol below {m.protocol}",
              f"protocol below {m.protocol_oldest}"),
        Check("Decks", "a deck that measures position, the multi-ranger, the AI-deck, deck faults",
              "no position deck though the estimator is sure; no AI-deck reports itself",
              "no multi-ranger, no position deck, a deck fault"),
        Check("Battery", "voltage at rest", f"below {m.battery_note_v} V, or not reported",
              f"below {m.battery_fail_v} V"),
        Check("Supervisor", "the bits of supervisor.info", "in the air already",
              "locked, tumbled, crashed, or can neither arm nor fly"),
        Check("Estimator", "variances of the velocity over the samples",
              f"moving by more than {m.variance_spread:g} (m/s)^2", f"above {m.variance_max:g} (m/s)^2"),
        Check("Parameters", "what take-off sets by itself", f"other than {set_before}", ""),
        Check("Camera", "frames per second, age, gaps, damage",
              f"below {m.fps_note:g}/s, gaps above {m.gap_note_s} s, damaged frames, reconnections",
              f"none, below {m.fps_fail:g}/s, older than {m.camera_age_fail_s:g} s"),
    ]  # fmt: skip


def checklist_markdown(checks: list[Check] | None = None) -> str:
    """Return the checklist as a Markdown table."""
    rows = ["| line | looks at | noted | flight refused |", "|---|---|---|---|"]
    for check in checks if checks is not None else checklist():
        rows.append(f"| {check.name} | {check.looks_at} | {check.noted or '–'} | {check.refused or '–'} |")
    return "\n".join(rows) + "\n"

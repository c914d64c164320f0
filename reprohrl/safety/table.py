"""The failsafe table as data: every layer's conditions, severity, reaction, delay and recovery.

The documentation, the flight-test checklist and the safety suite are made from it.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import Any

from reprohrl.safety.bridge import BridgeConfig, bridge_rules
from reprohrl.safety.conditions import Condition, Reaction, Rule, rules
from reprohrl.safety.config import SafetyConfig
from reprohrl.safety.firmware import FIRMWARE_REACTIONS


class Layer(StrEnum):
    """Who reacts. Each layer works without the ones above it."""

    SUPERVISOR = "supervisor"  # beside the policy, in `reprohrl.safety.supervisor`
    BRIDGE = "bridge"  # beside the radio, in `firmware_bridge`
    FIRMWARE = "firmware"  # on the drone


class Severity(StrEnum):
    """What it means for the flight."""

    NOTICE = "notice"  # it is told, nothing is done
    CAUTION = "caution"  # the flight goes on, slower or standing
    ENDS_FLIGHT = "ends the flight"
    LOSES_DRONE = "drops the drone"


@dataclass(frozen=True, slots=True)
class Row:
    """`reaction` after the condition lasted `after_s`; `recovery` says what brings the flight back."""

    layer: Layer
    condition: str
    meaning: str
    severity: Severity
    reaction: str
    after_s: float
    recovery: str

    def to_dict(self) -> dict[str, Any]:
        return {k: str(v) if isinstance(v, StrEnum) else v for k, v in asdict(self).items()}


_SEVERITY = {
    Reaction.PASS: Severity.NOTICE,
    Reaction.LIMIT: Severity.CAUTION,
    Reaction.HOVER: Severity.CAUTION,
    Reaction.LAND: Severity.ENDS_FLIGHT,
    Reaction.CUT: Severity.LOSES_DRONE,
}


def table(safety: SafetyConfig | None = None, bridge: BridgeConfig | None = None) -> tuple[Row, ...]:
    """Return all rows under a configuration: the supervisor's, the bridge's, the firmware's."""
    safety, bridge = safety or SafetyConfig(), bridge or BridgeConfig()
    return (
        *_rows(Layer.SUPERVISOR, rules(safety), safety),
        *_rows(Layer.BRIDGE, bridge_rules(bridge), safety),
        *_firmware(),
    )


def markdown(rows: Iterable[Row]) -> str:
    """Return the rows as a Markdown table."""
    lines = [
        "| layer | condition | which means | reaction | after | then |",
        "|---|---|---|---|---|---|",
    ]
    for r in rows:
        after = f"{r.after_s:g} s" if r.after_s else "at once"
        lines.append(
            f"| {r.layer} | {r.condition} | {r.meaning} | **{r.reaction}** ({r.severity}) | {after} "
            f"| {r.recovery} |"
        )
    return "\n".join(lines) + "\n"


def meaning(condition: Condition, c: SafetyConfig) -> str:
    """Return in words when a condition holds, with the numbers of the configuration."""
    low, high = c.fence.low, c.fence.high
    box = " x ".join(f"{a:g}..{b:g}" for a, b in zip(low, high, strict=True))
    return {
        Condition.OUT_OF_RANGE: "a command beyond its limits: it is scaled to them",
        Condition.FENCE_NEAR: f"toward a face of {box} m: at most {c.fence_gain_per_s:g}/s x distance",
        Condition.HEIGHT_LIMIT: f"outside {c.min_height_m:g}..{c.max_height_m:g} m above the floor",
        Condition.OBSTACLE_CLOSE: f"toward something: stops {c.obstacle_stop_m:g} m before it",
        Condition.BATTERY_WARNING: f"below {c.battery_warn_v:g} V under load",
        Condition.INVALID_COMMAND: f"not a number, or {c.absurd_factor:g} times its limit",
        Condition.STALE_COMMAND: "no new command from the policy",
        Condition.SILENT_POLICY: "no new command although frames come",
        Condition.STALE_CAMERA: "no new frame",
        Condition.STALE_STATE: "no new state, or one that is no number",
        Condition.LOST_LINK: f"link quality below {c.link_min:g}",
        Condition.FENCE_OUTSIDE: "outside the fence: it returns inward",
        Condition.FENCE_FAR_OUTSIDE: f"more than {c.fence_land_m:g} m outside the fence",
        Condition.OVERSPEED: f"faster than {c.overspeed_mps:g} m/s",
        Condition.ESTIMATE_JUMPED: f"the position moved {c.jump_m:g} m more than the speed explains",
        Condition.ESTIMATE_UNSURE: f"the estimator doubts its velocity by {c.estimate_std_mps:g} m/s",
        Condition.LOW_BATTERY: f"below {c.battery_low_v:g} V under load",
        Condition.CRITICAL_BATTERY: f"below {c.battery_critical_v:g} V under load",
        Condition.TUMBLE: f"tilted more than {c.tilt_cut_rad:.2f} rad",
        Condition.SILENT_PILOT: "nobody sends commands to the bridge",
        Condition.NO_FIRST_COMMAND: "nobody sends a command after take-off",
        Condition.DRONE_STOPPED: "its supervisor says tumbled, locked or crashed",
        Condition.DEAD_MAN: f"the operator's signal is gone for {c.dead_man_s:g} s, where one is asked for",
        Condition.PILOT_GONE: "the pilot's process ended",
        Condition.OPERATOR: "the operator presses stop (key, service, call); landing can be asked for, too",
    }[condition]


def _rows(layer: Layer, of: Iterable[Rule], safety: SafetyConfig) -> Iterable[Row]:
    for rule in of:
        final = rule.reaction >= Reaction.LAND
        back = f"gone for {rule.recovery_s:g} s" if rule.recovery_s else "gone"
        yield Row(
            layer, str(rule.condition), meaning(rule.condition, safety), _SEVERITY[rule.reaction],
            rule.reaction.word, rule.after_s, "final for this flight" if final else back,
        )  # fmt: skip


def _firmware() -> Iterable[Row]:
    for f in FIRMWARE_REACTIONS:
        drops = "cuts" in f.reaction or "reboots" in f.reaction
        severity = Severity.LOSES_DRONE if drops else Severity.NOTICE
        yield Row(Layer.FIRMWARE, f.condition, f.source, severity, f.reaction, f.after_s, f.recovery)

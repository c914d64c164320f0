"""What can be wrong in flight, and what is done about it: one row per reaction."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum, StrEnum

from reprohrl.contracts.command import VelocityCommand
from reprohrl.safety.config import SafetyConfig


class Reaction(IntEnum):
    """What the supervisor does, by severity; the most severe wins. LAND and CUT are final."""

    PASS = 0
    LIMIT = 1
    HOVER = 2
    LAND = 3
    CUT = 4

    @property
    def word(self) -> str:
        return self.name.lower()


class Condition(StrEnum):
    """What is wrong; the value is the word in logs and messages."""

    OUT_OF_RANGE = "out-of-range command"
    FENCE_NEAR = "geofence near"
    HEIGHT_LIMIT = "height limit"
    OBSTACLE_CLOSE = "obstacle close"
    BATTERY_WARNING = "battery warning"
    INVALID_COMMAND = "invalid command"
    STALE_COMMAND = "stale command"
    SILENT_POLICY = "silent policy"
    STALE_CAMERA = "stale camera"
    STALE_STATE = "stale state"
    LOST_LINK = "lost link"
    FENCE_OUTSIDE = "outside the geofence"
    FENCE_FAR_OUTSIDE = "far outside the geofence"
    OVERSPEED = "overspeed"
    ESTIMATE_JUMPED = "estimate jumped"
    ESTIMATE_UNSURE = "estimator unsure"
    LOW_BATTERY = "low battery"
    CRITICAL_BATTERY = "critical battery"
    TUMBLE = "tumble"
    SILENT_PILOT = "silent pilot"
    NO_FIRST_COMMAND = "no first command"
    PILOT_GONE = "pilot gone"
    DRONE_STOPPED = "drone stopped itself"
    DEAD_MAN = "dead-man signal gone"
    OPERATOR = "operator"


@dataclass(frozen=True, slots=True)
class Rule:
    """`condition` lasting `after_s` brings `reaction`; gone for `recovery_s`, it ends.

    Rules of LAND and CUT never end: only `Supervisor.reset` ends them.
    """

    condition: Condition
    reaction: Reaction
    after_s: float = 0.0
    recovery_s: float = 0.0


@dataclass(frozen=True, slots=True)
class SafetyEvent:
    """A rule began to act, or stopped (`reaction` PASS). `value` is in the unit the message names."""

    stamp: float
    condition: Condition
    reaction: Reaction
    value: float
    message: str


@dataclass(frozen=True, slots=True)
class Verdict:
    """What goes to the drone, why, and what has changed since the last check."""

    command: VelocityCommand
    reaction: Reaction
    events: tuple[SafetyEvent, ...] = ()
    active: tuple[Condition, ...] = ()


def rules(c: SafetyConfig) -> tuple[Rule, ...]:
    """Return the table of reactions under a configuration."""
    r, back = Reaction, c.recovery_s
    return (
        Rule(Condition.OUT_OF_RANGE, r.LIMIT, 0.0, back),
        Rule(Condition.FENCE_NEAR, r.LIMIT, 0.0, back),
        Rule(Condition.HEIGHT_LIMIT, r.LIMIT, 0.0, back),
        Rule(Condition.OBSTACLE_CLOSE, r.LIMIT, 0.0, back),
        Rule(Condition.BATTERY_WARNING, r.PASS, 2.0, 5.0),
        Rule(Condition.INVALID_COMMAND, r.HOVER, 0.0, back),
        Rule(Condition.INVALID_COMMAND, r.LAND, c.invalid_command_land_s),
        Rule(Condition.STALE_COMMAND, r.HOVER, c.command_hover_s),
        Rule(Condition.SILENT_POLICY, r.LAND, c.command_land_s),
        Rule(Condition.STALE_CAMERA, r.HOVER, c.camera_hover_s),
        Rule(Condition.STALE_CAMERA, r.LAND, c.camera_land_s),
        Rule(Condition.STALE_STATE, r.HOVER, c.state_hover_s),
        Rule(Condition.STALE_STATE, r.LAND, c.state_land_s),
        Rule(Condition.LOST_LINK, r.HOVER, c.link_hover_s, back),
        Rule(Condition.LOST_LINK, r.LAND, c.link_land_s),
        Rule(Condition.FENCE_OUTSIDE, r.HOVER, 0.0, back),
        Rule(Condition.FENCE_FAR_OUTSIDE, r.LAND, 0.2),
        Rule(Condition.OVERSPEED, r.HOVER, c.overspeed_hover_s, back),
        Rule(Condition.OVERSPEED, r.LAND, c.overspeed_land_s),
        Rule(Condition.ESTIMATE_JUMPED, r.HOVER, 0.0, c.jump_hover_s),
        Rule(Condition.ESTIMATE_UNSURE, r.HOVER, 0.0, back),
        Rule(Condition.ESTIMATE_UNSURE, r.LAND, c.estimate_land_s),
        Rule(Condition.LOW_BATTERY, r.LAND, c.battery_low_s),
        Rule(Condition.CRITICAL_BATTERY, r.LAND, c.battery_critical_s),
        Rule(Condition.TUMBLE, r.CUT, c.tilt_cut_s),
    )

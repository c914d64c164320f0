"""What a Crazyflie's firmware does by itself (2026.08): facts the other layers are built around.

Times are those of its sources, named in each row.
"""

from __future__ import annotations

from dataclasses import dataclass

LEVEL_OUT_S = 0.5
"""COMMANDER_WDT_TIMEOUT_STABILIZE"""

SHUTDOWN_S = 2.0
"""COMMANDER_WDT_TIMEOUT_SHUTDOWN: everything else here must be over before it."""


@dataclass(frozen=True, slots=True)
class FirmwareReaction:
    """One row: after `after_s` of `condition` it does `reaction`; `recovery` is what people do then."""

    condition: str
    reaction: str
    after_s: float
    recovery: str
    source: str


FIRMWARE_REACTIONS = (
    FirmwareReaction(
        "no setpoint", "levels out: height held, x and y drift", LEVEL_OUT_S, "the next setpoint",
        "supervisor.c COMMANDER_WDT_TIMEOUT_STABILIZE",
    ),
    FirmwareReaction(
        "no setpoint", "cuts the motors and locks", SHUTDOWN_S, "restart the drone",
        "supervisor.c COMMANDER_WDT_TIMEOUT_SHUTDOWN",
    ),
    FirmwareReaction(
        "link lost on the high-level commander", "finishes its plan and hovers for ever", 0.0,
        "connect again: the bridge takes over a flying drone", "commander.c: that priority has no watchdog",
    ),
    FirmwareReaction(
        "notify_setpoint_stop without a high-level plan", "cuts the motors", 0.06, "none is needed",
        "crtp_commander_high_level.c: a stopped planner",
    ),
    FirmwareReaction(
        "emergency stop", "cuts the motors and locks", 0.0, "restart the drone", "supervisor.c"
    ),
    FirmwareReaction(
        "emergency stop watchdog not fed (off until first fed)", "cuts the motors and locks", 1.0,
        "restart the drone", "supervisor.c",
    ),
    FirmwareReaction(
        "upside down", "tumbled: cuts the motors", 0.1, "put it upright, ask for recovery",
        "platform_defaults.h supervisor.tmblChckEn",
    ),
    FirmwareReaction(
        "on its side", "tumbled: cuts the motors", 1.0, "put it upright, ask for recovery",
        "platform_defaults.h supervisor.tmblChckEn",
    ),
    FirmwareReaction(
        "setpoint of the wrong length", "assertion: reboots in the air", 0.0, "none",
        "crtp_commander_generic.c",
    ),
    FirmwareReaction(
        "armed and not flown (where arming is required)", "disarms", 30.0, "arm again",
        "platform_defaults.h supervisor.prefltTimeout",
    ),
    FirmwareReaction(
        "landed (where arming is required)", "disarms", 3.0, "arm again",
        "platform_defaults.h supervisor.landedTimeout",
    ),
    FirmwareReaction(
        "estimate beyond 100 m or 10 m/s", "resets the estimator in flight", 0.0, "none",
        "kalman_supervisor.c",
    ),
    FirmwareReaction(
        "low battery", "lamp and sound only: it never lands by itself", 5.0, "charge it", "pm_stm32f4.c"
    ),
)  # fmt: skip

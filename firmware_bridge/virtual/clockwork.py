"""Times of the firmware 2026.08, in seconds, each with the file it is from."""

from __future__ import annotations

TICK_S = 1.0 / 120.0
"""The virtual firmware decides this often; the firmware's high-level and position loops run at 100 Hz."""

SUPERVISOR_S = 1.0 / 25.0
"""RATE_SUPERVISOR, stabilizer_types.h: each change of the supervisor's state takes one such period."""

LEVEL_OUT_S = 0.5  # COMMANDER_WDT_TIMEOUT_STABILIZE, supervisor.c
SHUTDOWN_S = 2.0  # COMMANDER_WDT_TIMEOUT_SHUTDOWN, supervisor.c
EMERGENCY_WATCHDOG_S = 1.0  # DEFAULT_EMERGENCY_STOP_WATCHDOG_TIMEOUT, supervisor.c
FLYING_HYSTERESIS_S = 2.0  # IS_FLYING_HYSTERESIS_THRESHOLD, supervisor.c
TUMBLE_TILT_S = 1.0  # SUPERVISOR_TUMBLE_CHECK_ACCEPTED_TILT_TIME, platform_defaults.h
TUMBLE_UPSIDE_DOWN_S = 0.1  # SUPERVISOR_TUMBLE_CHECK_ACCEPTED_UPSIDEDOWN_TIME, platform_defaults.h
PREFLIGHT_S = 30.0  # PREFLIGHT_TIMEOUT_MS, platform_defaults.h; supervisor.prefltTimeout
LANDED_S = 3.0  # LANDING_TIMEOUT_MS, platform_defaults.h; supervisor.landedTimeout
SPIN_UP_S = 2.0  # ARMING_SPINUP_TIMEOUT_MS, platform_defaults.h; supervisor.spinupTimeout
RPM_VALID_S = 0.2  # MOTORS_ARMING_RPM_DURATION_MS, src/modules/src/Kconfig
BATTERY_LOW_S = 5.0  # DEFAULT_BAT_LOW_DURATION_TO_TRIGGER_SEC, platform_defaults_cf2.h
LINK_TIMEOUT_S = 1.0  # radiolink.c: without packets for this long the firmware resets its log blocks

MOTOR_START_S = 0.1
"""From arming to motors that turn at a valid idle speed: an estimate for the Brushless, not from a source."""

TILT_G, UPSIDE_DOWN_G, FREE_FALL_G = 0.5, -0.2, 0.1
"""Accelerations along body z below which the drone is tilted or on its back, and below which on all axes it
falls freely, which is no tumbling [g]: platform_defaults.h, supervisor.c."""

IDLE_THRUST = 7000
"""MOTORS_DEFAULT_IDLE_THRUST of a drone that needs arming, src/modules/src/Kconfig; else 0."""

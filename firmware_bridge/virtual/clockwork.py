"""Times of the firmware (supervisor.c, commander.h, platform_defaults.h), in seconds."""

from __future__ import annotations

TICK_S = 1.0 / 120.0
"""The virtual firmware decides this often; the firmware's high-level and position loops run at 100 Hz."""

LEVEL_OUT_S = 0.5  # COMMANDER_WDT_TIMEOUT_STABILIZE
SHUTDOWN_S = 2.0  # COMMANDER_WDT_TIMEOUT_SHUTDOWN
EMERGENCY_WATCHDOG_S = 1.0
FLYING_HYSTERESIS_S = 2.0
TUMBLE_SIDE_S = 1.0  # less than half a g along body z
TUMBLE_UPSIDE_DOWN_S = 0.1
LINK_TIMEOUT_S = 1.0  # without packets the firmware resets its log blocks

"""The heartbeat of the stack, in one place."""

TICK_HZ = 10.0
"""Frames, features and navigator decisions per second."""

TICK_S = 1.0 / TICK_HZ

SELECTOR_EVERY = 5
"""The goal selector decides on every fifth frame: 2 Hz."""

SETPOINT_HZ = 25.0
"""Setpoints per second sent to a Crazyflie, whatever the policy does."""

"""The quality of service of every topic, by what travels on it."""

from __future__ import annotations

from rclpy.qos import DurabilityPolicy, HistoryPolicy, QoSProfile, ReliabilityPolicy


def _profile(reliability: ReliabilityPolicy, durability: DurabilityPolicy, depth: int) -> QoSProfile:
    return QoSProfile(
        history=HistoryPolicy.KEEP_LAST, depth=depth, reliability=reliability, durability=durability
    )


FRAMES = _profile(ReliabilityPolicy.BEST_EFFORT, DurabilityPolicy.VOLATILE, 1)
"""Sensor data: the newest frame, never an old one again."""

STAGES = _profile(ReliabilityPolicy.RELIABLE, DurabilityPolicy.VOLATILE, 10)
"""What one stage tells the next: every message counts, for it is answered once."""

COMMANDS = _profile(ReliabilityPolicy.RELIABLE, DurabilityPolicy.VOLATILE, 1)
LATCHED = _profile(ReliabilityPolicy.RELIABLE, DurabilityPolicy.TRANSIENT_LOCAL, 1)
"""State that a late subscriber must see at once."""

EVENTS = _profile(ReliabilityPolicy.RELIABLE, DurabilityPolicy.TRANSIENT_LOCAL, 50)
CLOCK = _profile(ReliabilityPolicy.BEST_EFFORT, DurabilityPolicy.VOLATILE, 1)


def deep(profile: QoSProfile, depth: int) -> QoSProfile:
    """Return `profile` with a longer queue, for a reader that wants every message."""
    return _profile(profile.reliability, profile.durability, depth)

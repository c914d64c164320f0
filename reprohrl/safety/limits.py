"""Shaping a velocity so that it stays within its limits, the fence, the heights and off obstacles.

All functions are pure; commands are in the yaw-aligned body frame.
"""

from __future__ import annotations

import math
from dataclasses import replace

from reprohrl.contracts.command import VelocityCommand
from reprohrl.contracts.state import MAX_RANGE_M, DroneState
from reprohrl.safety.config import Fence, SafetyConfig

NEGLIGIBLE = 1e-3
"""Changes of a command up to this [m/s, rad/s] are rounding, not limiting."""


def excess(command: VelocityCommand, config: SafetyConfig) -> float:
    """Return the largest component over its limit; above 1 is out of range, NaN counts as infinite."""
    limits = (*config.max_velocity_mps, config.max_yaw_rate_radps)
    values = (command.vx, command.vy, command.vz, command.yaw_rate)
    worst = max(abs(v) / limit for v, limit in zip(values, limits, strict=True))
    return worst if command.is_finite() else math.inf


def clamp(command: VelocityCommand, config: SafetyConfig) -> VelocityCommand:
    """Scale the horizontal velocity to fit its limits, keeping its direction; clip the others."""
    lx, ly, lz = config.max_velocity_mps
    factor = 1.0 / max(1.0, abs(command.vx) / lx, abs(command.vy) / ly)
    return replace(
        command,
        vx=_clip(command.vx * factor, lx),
        vy=_clip(command.vy * factor, ly),
        vz=_clip(command.vz, lz),
        yaw_rate=_clip(command.yaw_rate, config.max_yaw_rate_radps),
    )


def keep_in_fence(command: VelocityCommand, state: DroneState, config: SafetyConfig) -> VelocityCommand:
    """Bound the speed toward each face by the distance to it; outside, return inward."""
    low, high = config.fence.low, config.fence.high
    c, s = math.cos(state.yaw), math.sin(state.yaw)
    odom = [c * command.vx - s * command.vy, s * command.vx + c * command.vy, command.vz]
    for i in range(3):
        odom[i] = _between(odom[i], state.position[i] - low[i], high[i] - state.position[i], config)
    x, y, z = odom
    return clamp(replace(command, vx=c * x + s * y, vy=-s * x + c * y, vz=z), config)


def keep_height(command: VelocityCommand, state: DroneState, config: SafetyConfig) -> VelocityCommand:
    """Bound the climb rate by the distance to the lowest and highest height above the floor."""
    below, above = state.height - config.min_height_m, config.max_height_m - state.height
    return clamp(replace(command, vz=_between(command.vz, below, above, config)), config)


def keep_off_obstacles(command: VelocityCommand, state: DroneState, config: SafetyConfig) -> VelocityCommand:
    """Bound the speed toward each measured obstacle by its distance; slide along it, never push away."""
    front, back, left, right, up = (_toward(r, config) for r in state.ranges)
    return replace(
        command,
        vx=min(max(command.vx, -back), front),
        vy=min(max(command.vy, -right), left),
        vz=min(command.vz, up),
    )


def slow_for_obstacles(command: VelocityCommand, state: DroneState, config: SafetyConfig) -> VelocityCommand:
    """Bound the speed toward obstacles without turning the velocity, so that no other bound breaks."""
    kept = keep_off_obstacles(command, state, config)
    pairs = ((kept.vx, command.vx), (kept.vy, command.vy))
    factor = min(1.0, *(k / v if abs(v) > 0.0 else 1.0 for k, v in pairs))
    return replace(command, vx=command.vx * factor, vy=command.vy * factor, vz=kept.vz)


def outside(position: tuple[float, float, float], fence: Fence) -> float:
    """Return how far [m] a position is outside the fence, 0 inside."""
    beyond = (max(a - p, p - b, 0.0) for p, a, b in zip(position, fence.low, fence.high, strict=True))
    return math.hypot(*beyond)


def differ(a: VelocityCommand, b: VelocityCommand) -> float:
    """Return the largest difference of any component."""
    return max(abs(a.vx - b.vx), abs(a.vy - b.vy), abs(a.vz - b.vz), abs(a.yaw_rate - b.yaw_rate))


def _between(speed: float, to_low: float, to_high: float, config: SafetyConfig) -> float:
    """Bound a speed by the distances [m] to the two faces, negative when beyond one."""
    gain, back = config.fence_gain_per_s, config.fence_return_mps
    speed = min(speed, max(to_high * gain, -back))
    return max(speed, -max(to_low * gain, -back))


def _toward(distance: float, config: SafetyConfig) -> float:
    """Return the speed allowed toward something `distance` [m] away; no limit without a reading."""
    if not 0.0 < distance < MAX_RANGE_M:  # also a NaN
        return math.inf
    return max(0.0, distance - config.obstacle_stop_m) * config.obstacle_gain_per_s


def _clip(value: float, limit: float) -> float:
    return min(max(value, -limit), limit)

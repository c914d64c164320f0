"""From a setpoint to what the body's inner loops take: the position loop of the firmware.

As with the firmware's PID, a position is followed without feed-forward of its velocity.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from firmware_bridge.virtual.body import BodyState, VehicleBody
from firmware_bridge.virtual.setpoint import Mode, Setpoint

HOVER_THRUST = 42_600
"""PWM at which a 2.1+ with AI-deck hovers, about 0.65 of 65535."""

CLIMB_PER_THRUST = 2.0 / (65535 - HOVER_THRUST)
"""Raw thrust becomes a climb rate [m/s]: the body's thrust loop is closed, so this is only a likeness."""

YAW_KP = 3.0  # [1/s]


@dataclass(frozen=True, slots=True)
class PositionGains:
    """posCtlPid.* parameters: gains [1/s] and speed limits [m/s]."""

    kp_xy: float = 2.0
    kp_z: float = 2.0
    limit_xy: float = 1.0
    limit_z: float = 1.0


def drive(body: VehicleBody, state: BodyState, setpoint: Setpoint, gains: PositionGains) -> None:
    """Pass `setpoint` on to the body's inner loops."""
    if not setpoint.runs_motors:
        body.cut()
        return
    yaw_rate = _yaw_rate(state, setpoint)
    climb = setpoint.velocity[2]
    if setpoint.hold_z or setpoint.mode is Mode.POSITION:
        climb = _clip(gains.kp_z * (setpoint.position[2] - state.position[2]), gains.limit_z)
    if setpoint.mode is Mode.ATTITUDE:
        if not setpoint.hold_z:
            by_thrust = (setpoint.thrust - HOVER_THRUST) * CLIMB_PER_THRUST
            climb = by_thrust if setpoint.climb is None else _clip(setpoint.climb, gains.limit_z)
        body.track_attitude(setpoint.roll, setpoint.pitch, yaw_rate, climb)
        return
    vx, vy = setpoint.velocity[:2]
    if setpoint.mode is Mode.POSITION:
        vx = _clip(gains.kp_xy * (setpoint.position[0] - state.position[0]), gains.limit_xy)
        vy = _clip(gains.kp_xy * (setpoint.position[1] - state.position[1]), gains.limit_xy)
    if not setpoint.body_frame:
        c, s = math.cos(state.attitude[2]), math.sin(state.attitude[2])
        vx, vy = c * vx + s * vy, c * vy - s * vx
    body.track_velocity(vx, vy, _clip(climb, gains.limit_z), yaw_rate)


def _yaw_rate(state: BodyState, setpoint: Setpoint) -> float:
    if setpoint.yaw is None:
        return setpoint.yaw_rate
    error = math.remainder(setpoint.yaw - state.attitude[2], 2 * math.pi)
    return setpoint.yaw_rate + YAW_KP * error


def _clip(value: float, limit: float) -> float:
    return min(max(value, -limit), limit)

"""What the drone was last told to follow: a velocity, an attitude, or nothing."""

from __future__ import annotations

import math
from enum import IntEnum

from sim.dynamics.compiled import kernel
from sim.dynamics.control import control_attitude, control_velocity
from sim.dynamics.layout import Row, S
from sim.dynamics.rigid_body import integrate
from sim.dynamics.rotors import step_rotors, wrench


class Mode(IntEnum):
    OFF = 0  # motors stopped
    VELOCITY = 1  # setpoint: vx, vy, vz [m/s] in the yaw-aligned body frame, yaw rate [rad/s]
    ATTITUDE = 2  # setpoint: roll, pitch [rad], yaw rate [rad/s], climb rate [m/s]


@kernel
def control(s: Row, mode: int, setpoint: Row, p: Row, dt: float) -> None:
    """Set the thrust setpoints of state row `s` for a mode and its setpoint (4,)."""
    if mode == Mode.VELOCITY:
        control_velocity(s, setpoint[0], setpoint[1], setpoint[2], setpoint[3], p, dt)
    elif mode == Mode.ATTITUDE:
        control_attitude(s, setpoint[0], setpoint[1], setpoint[2], setpoint[3], p, dt)
    else:
        _stop(s)


@kernel
def _stop(s: Row) -> None:
    """Ask for no thrust and forget every integral; the yaw setpoint follows the drone."""
    for i in range(4):
        s[S.SETPOINT + i] = 0.0
    for i in range(3):
        s[S.VEL_I + i] = 0.0
        s[S.RATE_I + i] = 0.0
    s[S.RATE_PREV], s[S.RATE_PREV + 1] = s[S.RATE], s[S.RATE + 1]
    qx, qy, qz, qw = s[S.QUAT], s[S.QUAT + 1], s[S.QUAT + 2], s[S.QUAT + 3]
    s[S.YAW_SP] = math.atan2(2 * (qx * qy + qz * qw), 1 - 2 * (qy * qy + qz * qz))


@kernel
def drive(s: Row, mode: int, setpoint: Row, p: Row, dt: float, out: Row) -> None:
    """Control and rotors alone, for another integrator: fills `out` (6,) with the world-frame force [N]
    (gravity left out) and torque [N m] on the body.
    """
    control(s, mode, setpoint, p, dt)
    step_rotors(s, p, dt)
    fx, fy, fz, tx, ty, tz = wrench(s, p)
    out[0], out[1], out[2] = _to_world(s, fx, fy, fz)
    out[3], out[4], out[5] = _to_world(s, tx, ty, tz)


@kernel
def advance(s: Row, mode: int, setpoint: Row, p: Row, dt: float) -> None:
    """One sub-step of control, rotors and rigid body in any mode."""
    control(s, mode, setpoint, p, dt)
    step_rotors(s, p, dt)
    fx, fy, fz, tx, ty, tz = wrench(s, p)
    integrate(s, fx, fy, fz, tx, ty, tz, p, dt)


@kernel
def _to_world(s: Row, x: float, y: float, z: float) -> tuple[float, float, float]:
    """Rotate a body-frame vector into the world frame."""
    qx, qy, qz, qw = s[S.QUAT], s[S.QUAT + 1], s[S.QUAT + 2], s[S.QUAT + 3]
    ax = 2 * (qy * z - qz * y)
    ay = 2 * (qz * x - qx * z)
    az = 2 * (qx * y - qy * x)
    return x + qw * ax + qy * az - qz * ay, y + qw * ay + qz * ax - qx * az, z + qw * az + qx * ay - qy * ax

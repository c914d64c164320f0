"""One control and physics sub-step of one drone, and its hovering start state."""

from __future__ import annotations

import math

from sim.dynamics.battery import drain
from sim.dynamics.compiled import kernel
from sim.dynamics.control import CLIMB_KI, GRAVITY, control_attitude, control_velocity
from sim.dynamics.layout import P, Row, S
from sim.dynamics.rigid_body import integrate
from sim.dynamics.rotors import step_rotors, wrench

PHYSICS_HZ = 240
PHYSICS_DT_S = 1.0 / PHYSICS_HZ


@kernel
def hover_state(s: Row, x: float, y: float, z: float, yaw: float, charge: float, p: Row) -> None:
    """Fill a state row with a trimmed hover at (x, y, z) [m], `yaw` [rad], battery `charge` in [0, 1]."""
    s[:] = 0.0
    s[S.POS], s[S.POS + 1], s[S.POS + 2] = x, y, z
    s[S.QUAT + 2], s[S.QUAT + 3] = math.sin(0.5 * yaw), math.cos(0.5 * yaw)
    s[S.YAW_SP] = yaw
    thrust = 0.25 * p[P.MASS] * GRAVITY
    setpoint = thrust / p[P.THRUST_GAIN]
    for i in range(4):
        s[S.THRUST + i] = thrust
        s[S.SETPOINT + i] = setpoint
    s[S.VEL_I + 2] = (4 * setpoint / p[P.CTRL_MASS] - GRAVITY) / CLIMB_KI
    s[S.CHARGE] = charge
    drain(s, p, 0.0)


@kernel
def step_drone(s: Row, command: Row, p: Row, dt: float) -> None:
    """Advance one drone by `dt` [s] under `command` (4,): vx, vy, vz [m/s] in the yaw-aligned body frame
    and the yaw rate [rad/s]. `s` (S.SIZE,) is changed in place; `p` is a (P.SIZE,) parameter row.
    """
    control_velocity(s, command[0], command[1], command[2], command[3], p, dt)
    _step_body(s, p, dt)


@kernel
def step_drone_attitude(s: Row, setpoint: Row, p: Row, dt: float) -> None:
    """The same with `setpoint` (4,): roll, pitch [rad], yaw rate [rad/s], climb rate [m/s]."""
    control_attitude(s, setpoint[0], setpoint[1], setpoint[2], setpoint[3], p, dt)
    _step_body(s, p, dt)


@kernel
def _step_body(s: Row, p: Row, dt: float) -> None:
    step_rotors(s, p, dt)
    fx, fy, fz, tx, ty, tz = wrench(s, p)
    integrate(s, fx, fy, fz, tx, ty, tz, p, dt)


@kernel
def run_drone(s: Row, command: Row, p: Row, dt: float, steps: int) -> None:
    """Do `steps` sub-steps under one command."""
    for _ in range(steps):
        step_drone(s, command, p, dt)

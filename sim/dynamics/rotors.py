"""Rotors: first-order thrust lag, and the force and torque that thrust and drag put on the body."""

from __future__ import annotations

from sim.dynamics.battery import drain
from sim.dynamics.compiled import kernel
from sim.dynamics.layout import P, Row, S


@kernel
def step_rotors(s: Row, p: Row, dt: float) -> None:
    """Move THRUST toward SETPOINT over `dt` [s] and drain the battery."""
    gain = p[P.THRUST_GAIN]
    x = dt / p[P.ROTOR_TAU]
    follow = x / (1.0 + x * (0.5 + x / 12.0))  # 1 - exp(-x) to 1e-5 for x below 0.4
    for i in range(4):
        s[S.THRUST + i] += follow * (gain * s[S.SETPOINT + i] - s[S.THRUST + i])
    drain(s, p, dt)


@kernel
def wrench(s: Row, p: Row) -> tuple[float, float, float, float, float, float]:
    """Return force (fx, fy, fz) [N] and torque (tx, ty, tz) [N m] in the body frame, gravity left out."""
    qx, qy, qz, qw = s[S.QUAT], s[S.QUAT + 1], s[S.QUAT + 2], s[S.QUAT + 3]
    vx, vy, vz = s[S.VEL], s[S.VEL + 1], s[S.VEL + 2]
    # world velocity into the body frame: v + 2 w (q* x v) + 2 q* x (q* x v)
    ax = 2 * (qz * vy - qy * vz)
    ay = 2 * (qx * vz - qz * vx)
    az = 2 * (qy * vx - qx * vy)
    bx = vx + qw * ax - qy * az + qz * ay
    by = vy + qw * ay - qz * ax + qx * az
    bz = vz + qw * az - qx * ay + qy * ax
    f0, f1, f2, f3 = s[S.THRUST], s[S.THRUST + 1], s[S.THRUST + 2], s[S.THRUST + 3]
    tx = p[P.ARM] * (-f0 - f1 + f2 + f3)
    ty = p[P.ARM] * (-f0 + f1 + f2 - f3)
    tz = p[P.KAPPA] * (-f0 + f1 - f2 + f3)
    return -p[P.DRAG_XY] * bx, -p[P.DRAG_XY] * by, f0 + f1 + f2 + f3 - p[P.DRAG_Z] * bz, tx, ty, tz

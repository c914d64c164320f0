"""The rigid body driven by rotor speeds, without controller, lag, drag or battery: what integrators share.

Two integrators: ours, and Bullet's own with the lag of its link frames (`bullet_compat`).
"""

from __future__ import annotations

import math

import numpy as np
from numba import njit
from numpy.typing import NDArray

from sim.dynamics.compiled import kernel
from sim.dynamics.control import GRAVITY
from sim.dynamics.layout import P, Row, S
from sim.dynamics.params import BARE, drone_params
from sim.dynamics.rigid_body import integrate
from sim.dynamics.step import PHYSICS_DT_S

Array = NDArray[np.float64]

CF2X_THRUST = 3.16e-10
"""[N / rpm^2] of one rotor of the CF2X model (cf2x.urdf of gym-pybullet-drones: kf)."""

CF2X_TORQUE = 7.94e-12
"""[N m / rpm^2], km of the same file."""


def cf2x_params() -> Array:
    """Return the parameter row of the CF2X model: 27 g, rotors 28 mm from both axes, no drag."""
    row = drone_params(BARE)
    row[P.ARM], row[P.KAPPA] = 0.028, CF2X_TORQUE / CF2X_THRUST
    row[P.DRAG_XY] = row[P.DRAG_Z] = 0.0
    return row


def hover_rpm(p: Array) -> float:
    """Rotor speed [rpm] that carries the weight."""
    return math.sqrt(p[P.MASS] * GRAVITY / (4 * CF2X_THRUST))


@njit(cache=True, nogil=True)
def fly_rotor_speeds(s: Row, rpm: Array, p: Row, bullet_compat: bool) -> Array:
    """Advance state row `s` by a 240 Hz sub-step per row of `rpm` (T, 4); return positions (T, 3) [m]."""
    path = np.empty((rpm.shape[0], 3))
    before = s[S.QUAT : S.QUAT + 4].copy()
    thrust = np.empty(4)
    for step in range(rpm.shape[0]):
        for i in range(4):
            thrust[i] = CF2X_THRUST * rpm[step, i] ** 2
        if bullet_compat:
            _step_as_bullet(s, thrust, before, p, PHYSICS_DT_S)
        else:
            f0, f1, f2, f3 = thrust[0], thrust[1], thrust[2], thrust[3]
            tx, ty = p[P.ARM] * (-f0 - f1 + f2 + f3), p[P.ARM] * (-f0 + f1 + f2 - f3)
            tz = p[P.KAPPA] * (-f0 + f1 - f2 + f3)
            integrate(s, 0.0, 0.0, f0 + f1 + f2 + f3, tx, ty, tz, p, PHYSICS_DT_S)
        path[step] = s[S.POS : S.POS + 3]
    return path


@kernel
def _step_as_bullet(s: Row, thrust: Row, before: Row, p: Row, dt: float) -> None:
    """One step of Bullet's multi-body: forces in the link frame of the step before act at today's rotors.

    `before` (4,) is the orientation one step ago; it becomes the one this step began with.
    """
    qx, qy, qz, qw = s[S.QUAT], s[S.QUAT + 1], s[S.QUAT + 2], s[S.QUAT + 3]
    bx, by, bz, bw = before[0], before[1], before[2], before[3]
    # direction of the thrust in the world: the z axis of the frame one step ago
    wx, wy, wz = 2 * (bx * bz + by * bw), 2 * (by * bz - bx * bw), 1 - 2 * (bx * bx + by * by)
    # and in today's body frame
    r00, r01, r02 = 1 - 2 * (qy * qy + qz * qz), 2 * (qx * qy - qz * qw), 2 * (qx * qz + qy * qw)
    r10, r11, r12 = 2 * (qx * qy + qz * qw), 1 - 2 * (qx * qx + qz * qz), 2 * (qy * qz - qx * qw)
    r20, r21, r22 = 2 * (qx * qz - qy * qw), 2 * (qy * qz + qx * qw), 1 - 2 * (qx * qx + qy * qy)
    ex, ey, ez = (
        r00 * wx + r10 * wy + r20 * wz,
        r01 * wx + r11 * wy + r21 * wz,
        r02 * wx + r12 * wy + r22 * wz,
    )
    f0, f1, f2, f3 = thrust[0], thrust[1], thrust[2], thrust[3]
    total, arm = f0 + f1 + f2 + f3, p[P.ARM]
    ahead, left = arm * (f0 - f1 - f2 + f3), arm * (-f0 - f1 + f2 + f3)  # first moments of the thrust
    spin = p[P.KAPPA] * (-f0 + f1 - f2 + f3)
    tx, ty, tz = left * ez + spin * ex, -ahead * ez + spin * ey, ahead * ey - left * ex + spin * ez
    a, b, c = s[S.RATE], s[S.RATE + 1], s[S.RATE + 2]
    jx, jy, jz = p[P.JX], p[P.JY], p[P.JZ]
    a2 = a + dt * (tx - (jz - jy) * b * c) / jx
    b2 = b + dt * (ty - (jx - jz) * a * c) / jy
    c2 = c + dt * (tz - (jy - jx) * a * b) / jz
    k = total * dt / p[P.MASS]
    s[S.VEL] += k * wx
    s[S.VEL + 1] += k * wy
    s[S.VEL + 2] += k * wz - GRAVITY * dt
    for i in range(3):
        s[S.POS + i] += s[S.VEL + i] * dt
    # Bullet keeps the angular velocity in the world frame and turns the body about it
    ox, oy, oz = (
        r00 * a2 + r01 * b2 + r02 * c2,
        r10 * a2 + r11 * b2 + r12 * c2,
        r20 * a2 + r21 * b2 + r22 * c2,
    )
    rate = math.sqrt(ox * ox + oy * oy + oz * oz)
    half = 0.5 * rate * dt
    k = math.sin(half) / rate if rate > 1e-9 else 0.5 * dt
    x, y, z, w = ox * k, oy * k, oz * k, math.cos(half)
    before[0], before[1], before[2], before[3] = qx, qy, qz, qw
    nx, ny = w * qx + x * qw + y * qz - z * qy, w * qy - x * qz + y * qw + z * qx
    nz, nw = w * qz + x * qy - y * qx + z * qw, w * qw - x * qx - y * qy - z * qz
    n = 1.0 / math.sqrt(nx * nx + ny * ny + nz * nz + nw * nw)
    nx, ny, nz, nw = nx * n, ny * n, nz * n, nw * n
    s[S.QUAT], s[S.QUAT + 1], s[S.QUAT + 2], s[S.QUAT + 3] = nx, ny, nz, nw
    # body rates are those of the new attitude
    px, py, pz = nx, ny, nz
    ux, uy, uz = 2 * (pz * oy - py * oz), 2 * (px * oz - pz * ox), 2 * (py * ox - px * oy)
    s[S.RATE] = ox + nw * ux - py * uz + pz * uy
    s[S.RATE + 1] = oy + nw * uy - pz * ux + px * uz
    s[S.RATE + 2] = oz + nw * uz - px * uy + py * ux

"""The cascade of the firmware: velocity PID, attitude P, rate PID, mixer with attitude priority.

Structure, velocity gains, attitude gain, rate D and the ratio I/P of the rate loop are those of
crazyflie-firmware (platform_defaults_cf2.h), converted to SI. The P gain of the roll and pitch rate loop is
lowered from 101 to 35 1/s, which at 240 Hz and with this rotor lag gives the closed attitude loop that
drone-models identified in flight (natural frequency 17.9 rad/s, damping 0.59). Unlike the firmware's, the
collective thrust is divided by the cosine of the tilt, so that level flight holds its height.
"""

from __future__ import annotations

import math

from sim.dynamics.battery import max_thrust
from sim.dynamics.compiled import kernel
from sim.dynamics.layout import P, Row, S

GRAVITY = 9.81
MAX_TILT = math.radians(20.0)
MAX_SPEED = 1.0  # [m/s], per axis
VEL_KP = math.radians(25.0)  # tilt [rad] per velocity error [m/s]
VEL_KI = math.radians(7.0)  # tilt [rad] per integral [m]; the firmware has 1: too slow against the drag
VEL_I_LIMIT = 0.6  # [m]
CLIMB_KP = 5.0  # [1/s]; the firmware's 22000/65535 of 0.48 N on 31.9 g
CLIMB_KI = 3.4  # [1/s^2]; its 15000/65535
CLIMB_I_LIMIT = 1.2  # [m], allows 40 % of error in mass or thrust
MIN_COLLECTIVE = 20000.0 / 65535.0  # of full thrust, thrustMin
MIN_ROTOR = 0.0128  # [N], least usable thrust
ATT_KP = 6.0  # [1/s]
MAX_RATE_SP = 8.0  # [rad/s]
RATE_KP = 35.0  # [1/s]
RATE_KI = 70.0  # [1/s^2]
RATE_KD = 1.0
RATE_I_LIMIT = 0.6  # [rad]; 33.3 deg
YAW_KP = 6.0  # [1/s]
YAW_KD = 0.35
YAW_RATE_KP = 11.8  # [1/s]
YAW_RATE_KI = 1.6  # [1/s^2]
MAX_YAW_LAG = 1.0  # [rad], how far the yaw setpoint may run ahead
ATAN = (
    0.999999999553536, -0.333333224888929, 0.199995580998813, -0.142785760194718, 0.110507712441561,
    -0.0878504317055744, 0.0668528127274096, -0.043928407362149, 0.0219129430386767, -0.00703066814987158,
    0.00105760717468167,
)  # fmt: skip
"""Coefficients of atan(r) / r in r^2 on [0, 1]: interpolation at Chebyshev's points."""


@kernel
def clip(x: float, limit: float) -> float:
    return min(max(x, -limit), limit)


@kernel
def arcsine(x: float) -> float:
    """Arcsine by its series: within 0.4 mrad up to 30 deg, short of it but growing beyond."""
    y = x * x
    return x * (1.0 + y * (1 / 6 + y * 3 / 40))


@kernel
def arctangent(y: float, x: float) -> float:
    """Angle of (x, y) within 3e-10: a polynomial, for a library call in the middle spills every register."""
    a, b = abs(y), abs(x)
    r = min(a, b) / max(max(a, b), 1e-12)
    w = r * r
    w2, w4 = w * w, w * w * w * w
    low = (ATAN[0] + w * ATAN[1]) + w2 * (ATAN[2] + w * ATAN[3])
    high = (ATAN[4] + w * ATAN[5]) + w2 * (ATAN[6] + w * ATAN[7])
    top = (ATAN[8] + w * ATAN[9]) + w2 * ATAN[10]
    angle = r * (low + w4 * (high + w4 * top))
    angle = 0.5 * math.pi - angle if a > b else angle
    angle = math.pi - angle if x < 0.0 else angle
    return -angle if y < 0.0 else angle


@kernel
def control_velocity(s: Row, vx: float, vy: float, vz: float, yaw_rate: float, p: Row, dt: float) -> None:
    """Set the thrust setpoints for a velocity [m/s] in the yaw-aligned body frame and a yaw rate [rad/s]."""
    qx, qy, qz, qw = s[S.QUAT], s[S.QUAT + 1], s[S.QUAT + 2], s[S.QUAT + 3]
    c = 1 - 2 * (qy * qy + qz * qz)
    d = 2 * (qx * qy + qz * qw)
    n = 1.0 / math.sqrt(c * c + d * d + 1e-12)
    c, d = c * n, d * n
    ex = clip(vx, MAX_SPEED) - (c * s[S.VEL] + d * s[S.VEL + 1])
    ey = clip(vy, MAX_SPEED) - (c * s[S.VEL + 1] - d * s[S.VEL])
    s[S.VEL_I] = clip(s[S.VEL_I] + ex * dt, VEL_I_LIMIT)
    s[S.VEL_I + 1] = clip(s[S.VEL_I + 1] + ey * dt, VEL_I_LIMIT)
    pitch = clip(VEL_KP * ex + VEL_KI * s[S.VEL_I], MAX_TILT)
    roll = -clip(VEL_KP * ey + VEL_KI * s[S.VEL_I + 1], MAX_TILT)
    control_attitude(s, roll, pitch, yaw_rate, vz, p, dt)


@kernel
def control_attitude(
    s: Row, roll_sp: float, pitch_sp: float, yaw_rate: float, vz: float, p: Row, dt: float
) -> None:
    """Set the thrust setpoints for a roll and pitch [rad], a yaw rate [rad/s] and a climb rate [m/s]."""
    qx, qy, qz, qw = s[S.QUAT], s[S.QUAT + 1], s[S.QUAT + 2], s[S.QUAT + 3]
    r22 = 1 - 2 * (qx * qx + qy * qy)
    sin_pitch = 2 * (qy * qw - qx * qz)
    cos_pitch = math.sqrt(max(1.0 - sin_pitch * sin_pitch, 1e-6))
    pitch = arcsine(sin_pitch)
    roll = arcsine(2 * (qy * qz + qx * qw) / cos_pitch)
    if r22 < 0:
        roll = math.copysign(2.0, roll)
    yaw = arctangent(2 * (qx * qy + qz * qw), 1 - 2 * (qy * qy + qz * qz))
    top = max_thrust(s, p)
    collective = _climb(s, vz, r22, top, p, dt)
    rate_x = clip(ATT_KP * (roll_sp - roll), MAX_RATE_SP)
    rate_y = clip(ATT_KP * (pitch_sp - pitch), MAX_RATE_SP)
    acc_x = _rate_loop(s, 0, rate_x, dt)
    acc_y = _rate_loop(s, 1, rate_y, dt)
    acc_z = _yaw_loop(s, yaw, yaw_rate, dt)
    _mix(s, collective, p[P.CTRL_JXY] * acc_x, p[P.CTRL_JXY] * acc_y, p[P.CTRL_JZ] * acc_z, top, p)


@kernel
def _climb(s: Row, vz: float, cos_tilt: float, top: float, p: Row, dt: float) -> float:
    """Collective thrust [N] per rotor of the vertical velocity loop; no windup while it saturates."""
    ez = clip(vz, MAX_SPEED) - s[S.VEL + 2]
    integral = clip(s[S.VEL_I + 2] + ez * dt, CLIMB_I_LIMIT)
    acc = GRAVITY + CLIMB_KP * ez + CLIMB_KI * integral
    wanted = 0.25 * p[P.CTRL_MASS] * acc / max(cos_tilt, 0.7)
    low = min(MIN_COLLECTIVE * p[P.THRUST_CAP], top)
    if (wanted < top or ez < 0) and (wanted > low or ez > 0):
        s[S.VEL_I + 2] = integral
    return min(max(wanted, low), top)


@kernel
def _rate_loop(s: Row, axis: int, setpoint: float, dt: float) -> float:
    """Angular acceleration [rad/s^2] asked for about body x (0) or y (1)."""
    rate = s[S.RATE + axis]
    error = setpoint - rate
    s[S.RATE_I + axis] = clip(s[S.RATE_I + axis] + error * dt, RATE_I_LIMIT)
    slope = (rate - s[S.RATE_PREV + axis]) / dt
    s[S.RATE_PREV + axis] = rate
    return RATE_KP * error + RATE_KI * s[S.RATE_I + axis] - RATE_KD * slope


@kernel
def _yaw_loop(s: Row, yaw: float, yaw_rate: float, dt: float) -> float:
    """Angular acceleration [rad/s^2] asked for about body z; the yaw setpoint integrates the yaw rate."""
    lag = s[S.YAW_SP] + yaw_rate * dt - yaw
    lag -= 2 * math.pi * math.floor((lag + math.pi) / (2 * math.pi))
    lag = clip(lag, MAX_YAW_LAG)
    s[S.YAW_SP] = yaw + lag
    rate = s[S.RATE + 2]
    error = YAW_KP * lag + YAW_KD * (yaw_rate - rate) - rate
    s[S.RATE_I + 2] = clip(s[S.RATE_I + 2] + error * dt, 3.0)
    return YAW_RATE_KP * error + YAW_RATE_KI * s[S.RATE_I + 2]


@kernel
def _mix(s: Row, collective: float, tx: float, ty: float, tz: float, top: float, p: Row) -> None:
    """Spread a collective thrust [N] per rotor and body torques [N m] over the rotors.

    Rotors: front right, back right, back left, front left; the first and third turn counter-clockwise.
    When one would exceed its limit all give up collective thrust, so attitude keeps its authority.
    """
    r = 0.25 * tx / p[P.ARM]
    q = 0.25 * ty / p[P.ARM]
    y = clip(0.25 * tz / p[P.KAPPA], 0.25 * top)
    f0 = collective - r - q - y
    f1 = collective - r + q + y
    f2 = collective + r + q - y
    f3 = collective + r - q + y
    over = max(max(f0, f1), max(f2, f3)) - top
    if over < 0:
        over = 0.0
    s[S.SETPOINT] = min(max(f0 - over, MIN_ROTOR), top)
    s[S.SETPOINT + 1] = min(max(f1 - over, MIN_ROTOR), top)
    s[S.SETPOINT + 2] = min(max(f2 - over, MIN_ROTOR), top)
    s[S.SETPOINT + 3] = min(max(f3 - over, MIN_ROTOR), top)

"""Columns of the two flat float64 rows that describe one drone."""

from __future__ import annotations

from enum import IntEnum

import numpy as np
from numpy.typing import NDArray

Row = NDArray[np.float64]
"""A state row `(S.SIZE,)` or a parameter row `(P.SIZE,)`."""


class S(IntEnum):
    """First column of each part of a state row, and its `SIZE`."""

    POS = 0  # x, y, z [m], world frame
    QUAT = 3  # x, y, z, w, body to world
    VEL = 7  # vx, vy, vz [m/s], world frame
    RATE = 10  # p, q, r [rad/s], body frame
    THRUST = 13  # four rotor thrusts [N]: front right, back right, back left, front left
    SETPOINT = 17  # four thrust setpoints [N], what the mixer asked for
    VEL_I = 21  # integrals of the velocity errors [m]: forward, left, up
    RATE_I = 24  # integrals of the rate errors [rad]: roll, pitch, yaw
    RATE_PREV = 27  # roll and pitch rate of the step before [rad/s]
    YAW_SP = 29  # yaw setpoint [rad], unwrapped
    CHARGE = 30  # battery charge in [0, 1]
    VOLTAGE = 31  # battery voltage under load [V]
    SIZE = 32


class P(IntEnum):
    """Columns of a parameter row, and its `SIZE`."""

    MASS = 0  # [kg]
    JX = 1  # [kg m^2], about the body axes
    JY = 2
    JZ = 3
    ARM = 4  # [m], distance of each rotor from the x and from the y axis
    KAPPA = 5  # [m], reaction torque per thrust
    THRUST_GAIN = 6  # thrust produced over thrust asked for
    THRUST_CAP = 7  # [N] per rotor on a full battery
    ROTOR_TAU = 8  # [s], first-order lag of the thrust
    DRAG_XY = 9  # [N s/m], along body x and y
    DRAG_Z = 10  # [N s/m], along body z
    CAPACITY = 11  # [C], battery charge when full
    RESISTANCE = 12  # [ohm], battery and wiring
    IDLE_CURRENT = 13  # [A], electronics, camera deck included
    CTRL_MASS = 14  # [kg], what the controller believes
    CTRL_JXY = 15  # [kg m^2]
    CTRL_JZ = 16  # [kg m^2]
    SIZE = 17

"""One lithium cell: rest voltage by charge, sag by current, and the thrust it still allows."""

from __future__ import annotations

import numpy as np

from sim.dynamics.compiled import kernel
from sim.dynamics.layout import P, Row, S

CHARGE_CURVE_V = np.array([3.00, 3.78, 3.83, 3.87, 3.89, 3.92, 3.96, 4.00, 4.04, 4.10, 4.18])
"""Rest voltage at 0, 10, ... 100 % charge: crazyflie-firmware pm_stm32f4.c, its last step extended."""

CURRENT_PER_THRUST = 7.6
"""[A/N]: Bitcraze's bench of 2015, 24.4 g at 1.83 A to 57.9 g at 4.44 A."""


@kernel
def rest_voltage(charge: float) -> float:
    """Open-circuit voltage [V] at a charge in [0, 1], linear between the points of the curve."""
    place = min(max(charge, 0.0), 1.0) * 10.0
    i = min(int(place), 9)
    low = CHARGE_CURVE_V[i]
    return low + (CHARGE_CURVE_V[i + 1] - low) * (place - i)


@kernel
def thrust_at_voltage(v: float) -> float:
    """Thrust [N] of one rotor at motor voltage `v` [V] (2.1+ props, platform_defaults_cf2.h)."""
    return max(-0.024765 + v * (0.065238 + v * (-0.026793 + v * 0.0067768)), 0.0)


@kernel
def max_thrust(s: Row, p: Row) -> float:
    """Highest thrust [N] one rotor can be asked for on the present voltage.

    The firmware compensates the battery: thrust follows its setpoint until the duty cycle saturates.
    """
    return min(p[P.THRUST_CAP], thrust_at_voltage(s[S.VOLTAGE]))


@kernel
def drain(s: Row, p: Row, dt: float) -> None:
    """Take `dt` seconds of the present current out of the battery; updates CHARGE and VOLTAGE."""
    thrust = s[S.THRUST] + s[S.THRUST + 1] + s[S.THRUST + 2] + s[S.THRUST + 3]
    current = p[P.IDLE_CURRENT] + CURRENT_PER_THRUST * thrust
    charge = max(s[S.CHARGE] - current * dt / p[P.CAPACITY], 0.0)
    s[S.CHARGE] = charge
    s[S.VOLTAGE] = rest_voltage(charge) - p[P.RESISTANCE] * current

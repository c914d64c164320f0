"""How full the battery is, from its voltage."""

from __future__ import annotations

from bisect import bisect_right

CHARGE_CURVE_V = (3.00, 3.78, 3.83, 3.87, 3.89, 3.92, 3.96, 4.00, 4.04, 4.10, 4.18)
"""Rest voltage at 0, 10, ... 100 % charge: crazyflie-firmware pm_stm32f4.c, its last step extended."""

HOVER_SAG_V = 0.38
"""What the motors of a hovering Crazyflie take off the rest voltage: 2.4 A through 0.157 ohm."""


def battery_percent(volts: float, *, flying: bool = True) -> float:
    """Return the charge left [%] at a voltage; `flying`: read under the load of hovering.

    Good to about 10 % in the middle of the curve, where 1 % of charge is 4 mV.
    """
    rest = volts + (HOVER_SAG_V if flying else 0.0)
    if rest <= CHARGE_CURVE_V[0]:
        return 0.0
    if rest >= CHARGE_CURVE_V[-1]:
        return 100.0
    i = bisect_right(CHARGE_CURVE_V, rest) - 1
    low, high = CHARGE_CURVE_V[i], CHARGE_CURVE_V[i + 1]
    return 10.0 * (i + (rest - low) / (high - low))

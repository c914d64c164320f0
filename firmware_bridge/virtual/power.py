"""Power management: battery states, and no reaction to them but their telling (pm_stm32f4.c)."""

from __future__ import annotations

from collections.abc import Callable
from enum import IntEnum

from firmware_bridge.virtual.clockwork import BATTERY_LOW_S

_CURVE = (3.00, 3.78, 3.83, 3.87, 3.89, 3.92, 3.96, 4.00, 4.04, 4.10)


class PowerState(IntEnum):
    """`pm.state`."""

    BATTERY = 0
    CHARGING = 1
    CHARGED = 2
    LOW_POWER = 3
    SHUT_DOWN = 4


class Power:
    """Low for 5 s is `LOW_POWER`: lamps and sounds on a real drone, which flies on until it sinks."""

    def __init__(self, now: Callable[[], float]) -> None:
        self._now = now
        self._fine_at = now()

    def update(self, volts: float, low_v: float) -> None:
        if volts > low_v:
            self._fine_at = self._now()

    @property
    def state(self) -> PowerState:
        low = self._now() - self._fine_at > BATTERY_LOW_S
        return PowerState.LOW_POWER if low else PowerState.BATTERY


def battery_percent(volts: float) -> int:
    """Charge [%] by the firmware's discharge curve, in tens."""
    return 10 * sum(volts > v for v in _CURVE[1:])

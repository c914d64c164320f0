"""Angles that carry their unit: setpoints take degrees, the high-level commander takes radians."""

from __future__ import annotations

import math
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Degrees:
    """An angle [deg], or a rate [deg/s], as ports 3 and 7 take it. No number: ask for `value`."""

    value: float

    def to_radians(self) -> Radians:
        return Radians(math.radians(self.value))


@dataclass(frozen=True, slots=True)
class Radians:
    """An angle [rad], or a rate [rad/s], as port 8 and the rest of this software take it."""

    value: float

    def to_degrees(self) -> Degrees:
        return Degrees(math.degrees(self.value))


def degrees_of(angle: Degrees) -> float:
    """Return the number. Raises `TypeError` for anything but `Degrees`."""
    if not isinstance(angle, Degrees):
        raise TypeError(f"{angle!r} is not in Degrees: this commander takes degrees")
    return angle.value


def radians_of(angle: Radians) -> float:
    """Return the number. Raises `TypeError` for anything but `Radians`."""
    if not isinstance(angle, Radians):
        raise TypeError(f"{angle!r} is not in Radians: the high-level commander takes radians")
    return angle.value

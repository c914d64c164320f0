"""When a condition of the mission comes true: battery and time, with the way home kept in hand."""

from __future__ import annotations

from collections.abc import Sequence

from reprohrl.contracts.battery import battery_percent
from reprohrl.contracts.features import HOME_ROUTE, MAX_ROUTE_M, ObjectFeatures, R
from reprohrl.contracts.orders import Condition, Quantity

SMOOTH_S = 3.0
"""Time constant of the battery reading: a burst of thrust sags the voltage, and is soon over."""

HOMEWARD_MPS, HOMEWARD_S = 0.25, 4.0
"""Speed of a way home through a room, and what turning and stopping take."""

DRAIN_PER_S = 0.3
"""Charge [%/s] that a hovering Crazyflie takes: 250 mAh in five and a half minutes."""


class Conditions:
    """Watches the conditions of one mission."""

    def __init__(self, conditions: Sequence[Condition]) -> None:
        self._conditions = tuple(conditions)
        self.reset()

    def reset(self) -> None:
        self.percent: float | None = None

    def update(
        self, features: ObjectFeatures, away_m: float, elapsed_s: float, dt: float
    ) -> tuple[Condition, str] | None:
        """Return the first condition that is true, with the reason in words.

        away_m     horizontal distance to where the flight began [m]
        elapsed_s  time since the mission began
        """
        if not self._conditions:
            return None
        now = battery_percent(features.state.battery_v, flying=features.state.flying)
        share = 1.0 if self.percent is None else min(1.0, dt / SMOOTH_S)
        self.percent = now if self.percent is None else self.percent + share * (now - self.percent)
        for condition in self._conditions:
            reserve_s = homeward_s(features, away_m) if condition.by else 0.0
            said = _true(condition, self.percent, elapsed_s, reserve_s)
            if said:
                return condition, said
        return None


def homeward_s(features: ObjectFeatures, away_m: float) -> float:
    """Return the time [s] the way home takes: over the map where it knows one, else in a straight line."""
    mapped = float(features.routes[HOME_ROUTE, R.LENGTH])
    way = away_m if mapped >= MAX_ROUTE_M else max(mapped, away_m)
    return HOMEWARD_S + way / HOMEWARD_MPS


def _true(condition: Condition, percent: float, elapsed_s: float, reserve_s: float) -> str:
    """Return why the condition is true, "" when it is not."""
    way = " and the way home" if condition.by else ""
    if condition.quantity is Quantity.BATTERY:
        if percent <= condition.value + DRAIN_PER_S * reserve_s:
            return f"battery at {percent:.0f} %: {condition.value:g} %{way} is the limit"
        return ""
    if elapsed_s >= condition.value - reserve_s:
        return f"{elapsed_s:.0f} s are over: {condition.value:g} s{way} is the limit"
    return ""

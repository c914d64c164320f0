"""The commander: the newest setpoint, its priority and its age (commander.c of the firmware)."""

from __future__ import annotations

from collections.abc import Callable

from firmware_bridge.virtual.setpoint import OFF, Priority, Setpoint


class Commander:
    """Keeps one setpoint. One of lower priority than the newest is ignored until priority is relaxed."""

    def __init__(self, now: Callable[[], float], on_low_level: Callable[[], None]) -> None:
        """`on_low_level` is called for each setpoint from outside: it stops the high-level planner."""
        self._now = now
        self._on_low_level = on_low_level
        self.setpoint: Setpoint = OFF
        self.priority = Priority.DISABLE
        self.thrust_locked = True
        self._stamp = now()

    @property
    def age(self) -> float:
        """Seconds since the newest accepted setpoint."""
        return self._now() - self._stamp

    def offer(self, setpoint: Setpoint, priority: Priority) -> bool:
        """Take a setpoint; False when a higher priority holds."""
        if priority < self.priority:
            return False
        if priority > Priority.HIGH_LEVEL:
            self._on_low_level()
        self.setpoint, self.priority, self._stamp = setpoint, priority, self._now()
        return True

    def offer_thrust(self, setpoint: Setpoint) -> None:
        """Take a roll-pitch-yaw-thrust setpoint: motors stay off until one with zero thrust was seen."""
        if self.priority < Priority.CRTP:
            self.thrust_locked = True
        if setpoint.thrust == 0:
            self.thrust_locked = False
        self.offer(OFF if self.thrust_locked or setpoint.thrust == 0 else setpoint, Priority.CRTP)

    def relax(self) -> None:
        """What notify_setpoints_stop does: whoever speaks next is heard."""
        self.priority = Priority.HIGH_LEVEL
        self.thrust_locked = True

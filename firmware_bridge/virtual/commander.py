"""The commander: the newest setpoint, its priority and its age (commander.c of the firmware)."""

from __future__ import annotations

from collections.abc import Callable

from firmware_bridge.virtual.setpoint import OFF, Priority, Setpoint


class Commander:
    """Keeps one setpoint. One of lower priority than the newest is ignored until priority is relaxed."""

    def __init__(
        self,
        now: Callable[[], float],
        on_low_level: Callable[[], None],
        on_relax: Callable[[], None] = lambda: None,
    ) -> None:
        """`on_low_level` is called for each setpoint from outside: it stops the high-level planner;
        `on_relax` tells that planner where the drone is."""
        self._now = now
        self._on_low_level = on_low_level
        self._on_relax = on_relax
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

    def unlock_thrust(self, thrust: int) -> bool:
        """True when roll-pitch-yaw-thrust setpoints may turn motors: once a zero thrust was seen.

        Locked again whenever this priority was lost, as pilots expect it; the firmware itself locks again
        only after a reboot.
        """
        if self.priority < Priority.CRTP:
            self.thrust_locked = True
        if thrust == 0:
            self.thrust_locked = False
        return not self.thrust_locked

    def relax(self) -> None:
        """What notify_setpoints_stop does: whoever speaks next is heard."""
        self._on_relax()
        self.priority = Priority.HIGH_LEVEL
        self.thrust_locked = True

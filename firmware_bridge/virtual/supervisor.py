"""The supervisor: arming, flying, tumbled, locked, and when motors may turn (supervisor.c)."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from enum import IntFlag

from firmware_bridge.virtual import clockwork as t
from firmware_bridge.virtual.body import BodyState
from firmware_bridge.virtual.setpoint import Mode, Priority, Setpoint


class Info(IntFlag):
    """Bits of `supervisor.info`."""

    CAN_ARM = 1 << 0
    ARMED = 1 << 1
    AUTO_ARM = 1 << 2
    CAN_FLY = 1 << 3
    FLYING = 1 << 4
    TUMBLED = 1 << 5
    LOCKED = 1 << 6
    CRASHED = 1 << 7
    HL_ACTIVE = 1 << 8
    HL_FINISHED = 1 << 9
    HL_DISABLED = 1 << 10


@dataclass(slots=True)
class Timeouts:
    """supervisor.* parameters [s]."""

    preflight: float = 30.0
    landed: float = 3.0
    tumble_check: bool = True


class Supervisor:
    """Decides, tick by tick, whether a setpoint reaches the motors."""

    def __init__(
        self, now: Callable[[], float], *, require_arming: bool, console: Callable[[str], None]
    ) -> None:
        self._now = now
        self._console = console
        self.require_arming = require_arming
        self.timeouts = Timeouts()
        self.armed = not require_arming
        self.locked = False
        self.crashed = False
        self.tumbled = False
        self._thrust_at = -math.inf
        self._armed_at = now()
        self._side_since: float | None = None
        self._upside_since: float | None = None
        self._watchdog_at: float | None = None

    @property
    def can_fly(self) -> bool:
        return self.armed and not (self.locked or self.crashed or self.tumbled)

    @property
    def flying(self) -> bool:
        """Motors turned within the last 2 s."""
        return self._now() - self._thrust_at < t.FLYING_HYSTERESIS_S

    def arm(self, wanted: bool) -> bool:
        """Arm or disarm; a disarm in flight cuts at once. Return whether it was accepted."""
        if wanted and (self.locked or self.crashed or self.tumbled):
            return False
        if wanted and not self.armed:
            self._armed_at = self._now()
        self.armed = wanted
        return True

    def recover(self) -> bool:
        """Leave `crashed`; refused while upside down or locked."""
        if self.tumbled or self.locked:
            return False
        self.crashed = False
        return True

    def emergency_stop(self) -> None:
        self._lock("emergency stop")

    def feed_watchdog(self) -> None:
        """Start or feed the emergency stop watchdog: off until first fed."""
        self._watchdog_at = self._now()

    def gate(self, setpoint: Setpoint, *, age: float, priority: Priority, body: BodyState) -> Setpoint | None:
        """Return what may reach the motors this tick; None means motors off."""
        self._check_tumble(body)
        if self._watchdog_at is not None and self._now() - self._watchdog_at >= t.EMERGENCY_WATCHDOG_S:
            self._lock("emergency stop watchdog")
        if priority is Priority.CRTP and age >= t.SHUTDOWN_S and self.flying:
            self._lock("no setpoint for 2 s")
        self._disarm_when_idle()
        if not self.can_fly or setpoint.mode is Mode.OFF:
            return None
        self._thrust_at = self._now()
        return setpoint.levelled(body.position[2]) if age >= t.LEVEL_OUT_S else setpoint

    def info(self, *, hl_active: bool, hl_finished: bool, hl_disabled: bool) -> int:
        """Return the bitfield of `supervisor.info`."""
        bits = {
            Info.CAN_ARM: not (self.locked or self.crashed or self.tumbled),
            Info.ARMED: self.armed,
            Info.AUTO_ARM: not self.require_arming,
            Info.CAN_FLY: self.can_fly,
            Info.FLYING: self.flying,
            Info.TUMBLED: self.tumbled,
            Info.LOCKED: self.locked,
            Info.CRASHED: self.crashed,
            Info.HL_ACTIVE: hl_active,
            Info.HL_FINISHED: hl_finished,
            Info.HL_DISABLED: hl_disabled,
        }
        return int(sum(bit for bit, on in bits.items() if on))

    def _lock(self, why: str) -> None:
        if not self.locked:
            self.locked = True
            self._console(f"SUP: Locked, reboot required ({why})\n")

    def _check_tumble(self, body: BodyState) -> None:
        upright = math.cos(body.attitude[0]) * math.cos(body.attitude[1])
        now = self._now()
        self._side_since = (self._side_since or now) if upright < 0.5 else None
        self._upside_since = (self._upside_since or now) if upright < -0.2 else None
        on_side = self._side_since is not None and now - self._side_since >= t.TUMBLE_SIDE_S
        upside = self._upside_since is not None and now - self._upside_since >= t.TUMBLE_UPSIDE_DOWN_S
        was = self.tumbled
        self.tumbled = self.timeouts.tumble_check and (on_side or upside)
        if self.tumbled and not was:
            self.crashed = self.crashed or self.flying
            self._console("SUP: Tumbled\n")

    def _disarm_when_idle(self) -> None:
        """A drone that needs arming loses it 3 s after landing, or 30 s after arming without a flight."""
        if not (self.require_arming and self.armed):
            return
        if self._thrust_at > self._armed_at:
            if not self.flying and self._now() - self._thrust_at >= self.timeouts.landed:
                self.armed = False
        elif self._now() - self._armed_at > self.timeouts.preflight:
            self.armed = False

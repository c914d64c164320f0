"""The supervisor: armed, flying, tumbled, locked, and when motors may turn (supervisor.c)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import IntFlag

from firmware_bridge.virtual import clockwork as t
from firmware_bridge.virtual.setpoint import Setpoint
from firmware_bridge.virtual.supervisor_states import CAN_FLY, MOTORS_MAY_RUN, Condition, State, follow

Vector = tuple[float, float, float]
_KEEPS_ARMED = MOTORS_MAY_RUN
_EPS = 1e-9


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
    DECK_FAULT = 1 << 11


@dataclass(slots=True)
class Limits:
    """supervisor.* parameters; times in [s], `crash_g` 0 switches the crash detection off."""

    preflight: float = t.PREFLIGHT_S
    landed: float = t.LANDED_S
    spin_up: float = t.SPIN_UP_S
    tumble_check: bool = True
    crash_g: float = 0.0


@dataclass(slots=True)
class Faults:
    """What a test or a drill may break: a deck that reports a fault, a motor (1..4) that does not turn."""

    deck: bool = False
    blocked_motor: int | None = None


class Supervisor:
    """Sees the conditions 25 times a second and lets setpoints pass, or not.

    A new one has come up as far as it can: ready to fly, or ready to be armed.
    """

    def __init__(
        self, now: Callable[[], float], *, require_arming: bool, console: Callable[[str], None]
    ) -> None:
        self._now = now
        self._console = console
        self.require_arming = require_arming
        self.limits = Limits()
        self.faults = Faults()
        self.state = State.NOT_INITIALIZED
        self.conditions = Condition.NONE
        self.armed = False
        self.crashed = False
        self.tumbled = False
        self.acceleration_norm = 1.0  # [g]
        self._stop_asked = False
        self._watchdog_at: float | None = None
        self._tumble_at: float | None = None
        self._thrust_at: float | None = None
        self._ready_at = self._landed_at = self._arming_at = now()
        for _ in range(5):
            self._decide(0.0, (0.0, 0.0, 1.0), thrust=False)

    @property
    def can_fly(self) -> bool:
        return self.state in CAN_FLY

    @property
    def can_arm(self) -> bool:
        return self.state is State.CHECKS_PASSED

    @property
    def flying(self) -> bool:
        return self.state in (State.FLYING, State.LEVEL_OUT)

    @property
    def locked(self) -> bool:
        return self.state is State.LOCKED

    @property
    def motors_may_run(self) -> bool:
        return self.state in MOTORS_MAY_RUN

    def arm(self, wanted: bool) -> bool:
        """Arm or disarm; return whether it was accepted. Takes effect at the next decision."""
        if wanted and not self.armed and not self.can_arm:
            return False
        self.armed = wanted
        return True

    def recover(self) -> bool:
        """Forget a crash; refused while tumbled. True, too, when there was none."""
        if self.crashed and self.tumbled:
            return False
        self.crashed = False
        return True

    def emergency_stop(self) -> None:
        """Stop the motors and lock, at the next decision."""
        self._stop_asked = True

    def feed_watchdog(self) -> None:
        """Start or feed the emergency stop watchdog: off until first fed."""
        self._watchdog_at = self._now()

    def update(self, *, age: float, force: Vector, thrust: bool) -> None:
        """Decide; to be called every `SUPERVISOR_S`.

        age     of the newest setpoint [s]
        force   what the accelerometer says, body frame [g]
        thrust  whether a motor runs above idle
        """
        self._decide(age, force, thrust=thrust)

    def override(self, setpoint: Setpoint) -> Setpoint | None:
        """Return what may reach the motors; None stops them."""
        if not self.motors_may_run:
            return None
        return setpoint.levelled() if self.state is State.LEVEL_OUT else setpoint

    def info(self, *, hl_active: bool, hl_finished: bool, hl_disabled: bool) -> int:
        """Return the bitfield of `supervisor.info`."""
        bits = {
            Info.CAN_ARM: self.can_arm,
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
            Info.DECK_FAULT: self.faults.deck,
        }
        return int(sum(bit for bit, on in bits.items() if on))

    def _decide(self, age: float, force: Vector, *, thrust: bool) -> None:
        if thrust:
            self._thrust_at = self._now()
        self.conditions = now = self._conditions(age, force)
        self.tumbled = bool(now & Condition.TUMBLED)
        before, self.state = self.state, follow(self.state, now)
        if self.state is not before:
            self._entered(before)

    def _conditions(self, age: float, force: Vector) -> Condition:
        now, limits = self._now(), self.limits
        stopped = self._watchdog_at is not None and now - self._watchdog_at >= t.EMERGENCY_WATCHDOG_S - _EPS
        flying = self._thrust_at is not None and now - self._thrust_at < t.FLYING_HYSTERESIS_S - _EPS
        arming = now - self._arming_at
        spun_up = not self.require_arming or arming >= t.MOTOR_START_S + t.RPM_VALID_S - _EPS
        stuck = self.faults.blocked_motor is not None and self.require_arming
        cases = {
            Condition.ARMED: self.armed,
            Condition.FLYING: flying,
            Condition.TUMBLED: self._tumbling(force) and limits.tumble_check,
            Condition.SETPOINT_OLD: age > t.LEVEL_OUT_S + _EPS,
            Condition.SETPOINT_DEAD: age > t.SHUTDOWN_S + _EPS,
            Condition.EMERGENCY_STOP: self._stop_asked or stopped,
            Condition.CRASHED: self.crashed,
            Condition.PREFLIGHT_TIMEOUT: self.state is State.READY
            and now - self._ready_at > limits.preflight + _EPS,
            Condition.LANDED_TIMEOUT: now - self._landed_at > limits.landed + _EPS,
            Condition.DECK_FAULT: self.faults.deck,
            Condition.MOTORS_READY: spun_up and not stuck,
            Condition.SPIN_UP_TIMEOUT: self.state is State.ARMING and arming > limits.spin_up + _EPS,
            Condition.MOTORS_STUCK: stuck and self.can_fly,
        }
        return Condition(sum(c for c, on in cases.items() if on))

    def _tumbling(self, force: Vector) -> bool:
        """True on the side for 1 s or on the back for 0.1 s; falling freely is no tumbling."""
        now = self._now()
        self.acceleration_norm = sum(v * v for v in force) ** 0.5
        if 0 < self.limits.crash_g < abs(self.acceleration_norm - 1.0):
            self._console(f"SUP: Crash detected @ {self.acceleration_norm:.2f} Gs\n")
            return True
        if all(abs(v) < t.FREE_FALL_G for v in force) or force[2] >= t.TILT_G:
            self._tumble_at = None
        if force[2] >= t.TILT_G:
            return False
        if self._tumble_at is None:
            self._tumble_at = now
        since = now - self._tumble_at
        on_its_back = force[2] < t.UPSIDE_DOWN_G and since > t.TUMBLE_UPSIDE_DOWN_S + _EPS
        return on_its_back or since > t.TUMBLE_TILT_S + _EPS

    def _entered(self, before: State) -> None:
        """Do what comes with entering the present state."""
        state, now = self.state, self._now()
        if state is State.ARMING:
            self._arming_at = now
        if state is State.READY:
            self._ready_at = now
            if self.require_arming:
                self._console("SUP: Ready to fly\n")
        if state is State.LANDED:
            self._landed_at = now
        if state is State.FREE_FALL:
            if self.faults.blocked_motor is not None:
                self._console(f"SUP: M{self.faults.blocked_motor} blocked or not responding [FAIL]\n")
            self._console("SUP: free falling!\n")
        if state is State.LOCKED:
            self._console("SUP: Locked, reboot required\n")
        if state is State.CRASHED:
            self._console("SUP: Crashed, recovery required\n")
            self.crashed = True
        if state is State.CHECKS_FAILED and before is State.ARMING and self.faults.blocked_motor is not None:
            self._console(f"SUP: M{self.faults.blocked_motor} arming RPM check [FAIL]\n")
        if state not in _KEEPS_ARMED:
            if self.armed and self.require_arming:
                self._console("SUP: Disarming\n")
            self.armed = False
        if state is State.CHECKS_PASSED and not self.require_arming:
            self.armed = True

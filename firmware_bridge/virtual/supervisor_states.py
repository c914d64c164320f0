"""The states of the firmware's supervisor and what leads from one to another (supervisor_state_machine.c)."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum, IntFlag


class State(IntEnum):
    """Numbered as in the firmware."""

    NOT_INITIALIZED = 0
    CHECKS_FAILED = 1
    CHECKS_PASSED = 2
    ARMING = 3
    READY = 4
    FLYING = 5
    LANDED = 6
    RESET = 7
    LEVEL_OUT = 8
    FREE_FALL = 9
    LOCKED = 10
    CRASHED = 11


class Condition(IntFlag):
    """What is the case."""

    NONE = 0
    ARMED = 1 << 0
    FLYING = 1 << 1
    TUMBLED = 1 << 2
    SETPOINT_OLD = 1 << 3
    SETPOINT_DEAD = 1 << 4
    EMERGENCY_STOP = 1 << 5
    CRASHED = 1 << 6
    PREFLIGHT_TIMEOUT = 1 << 7
    LANDED_TIMEOUT = 1 << 8
    DECK_FAULT = 1 << 9
    MOTORS_READY = 1 << 10
    SPIN_UP_TIMEOUT = 1 << 11
    MOTORS_STUCK = 1 << 12


@dataclass(frozen=True, slots=True)
class Rule:
    """Go to `to` when one of `any_of` is the case, or one of `unless` is not; or when all of `all_of` are
    and none of `none_of` is. A rule that names no condition always holds."""

    to: State
    any_of: Condition = Condition.NONE
    unless: Condition = Condition.NONE
    all_of: Condition = Condition.NONE
    none_of: Condition = Condition.NONE

    def holds(self, now: Condition) -> bool:
        if self.any_of or self.unless:
            return bool(now & self.any_of) or (now & self.unless) != self.unless
        return (now & self.all_of) == self.all_of and not now & self.none_of


C = Condition
RULES: dict[State, tuple[Rule, ...]] = {
    State.NOT_INITIALIZED: (Rule(State.CHECKS_FAILED),),
    State.CHECKS_FAILED: (
        Rule(State.FREE_FALL, any_of=C.EMERGENCY_STOP),
        Rule(State.CHECKS_PASSED, none_of=C.TUMBLED | C.DECK_FAULT),
    ),
    State.CHECKS_PASSED: (
        Rule(State.FREE_FALL, any_of=C.EMERGENCY_STOP),
        Rule(State.CHECKS_FAILED, any_of=C.TUMBLED | C.DECK_FAULT),
        Rule(State.ARMING, all_of=C.ARMED),
    ),
    State.ARMING: (
        Rule(State.FREE_FALL, any_of=C.EMERGENCY_STOP),
        Rule(State.CHECKS_FAILED, any_of=C.TUMBLED | C.SPIN_UP_TIMEOUT, unless=C.ARMED),
        Rule(State.READY, all_of=C.MOTORS_READY),
    ),
    State.READY: (
        Rule(State.FREE_FALL, any_of=C.EMERGENCY_STOP | C.MOTORS_STUCK),
        Rule(State.CHECKS_FAILED, any_of=C.TUMBLED | C.PREFLIGHT_TIMEOUT | C.DECK_FAULT, unless=C.ARMED),
        Rule(State.FLYING, all_of=C.FLYING),
    ),
    State.FLYING: (
        Rule(State.FREE_FALL, any_of=C.SETPOINT_DEAD | C.EMERGENCY_STOP | C.DECK_FAULT | C.MOTORS_STUCK),
        Rule(State.CRASHED, any_of=C.TUMBLED),
        Rule(State.RESET, none_of=C.ARMED),
        Rule(State.LEVEL_OUT, all_of=C.SETPOINT_OLD),
        Rule(State.LANDED, none_of=C.FLYING),
    ),
    State.LANDED: (
        Rule(State.RESET, any_of=C.LANDED_TIMEOUT, unless=C.ARMED),
        Rule(State.FREE_FALL, all_of=C.MOTORS_STUCK),
        Rule(State.FLYING, all_of=C.FLYING),
    ),
    State.RESET: (Rule(State.CHECKS_FAILED),),
    State.LEVEL_OUT: (
        Rule(
            State.FREE_FALL,
            any_of=C.SETPOINT_DEAD | C.TUMBLED | C.EMERGENCY_STOP | C.DECK_FAULT | C.MOTORS_STUCK,
        ),
        Rule(State.FLYING, none_of=C.SETPOINT_OLD | C.SETPOINT_DEAD),
    ),
    State.FREE_FALL: (Rule(State.LOCKED),),
    State.LOCKED: (),
    State.CRASHED: (
        Rule(State.CHECKS_FAILED, none_of=C.CRASHED | C.TUMBLED),
        Rule(State.LOCKED, all_of=C.EMERGENCY_STOP),
    ),
}

CAN_FLY = frozenset({State.READY, State.FLYING, State.LEVEL_OUT, State.LANDED})
MOTORS_MAY_RUN = CAN_FLY | {State.ARMING}


def follow(state: State, now: Condition) -> State:
    """Return the state after `state`: the first rule that holds decides."""
    return next((rule.to for rule in RULES[state] if rule.holds(now)), state)

"""What a mission may say beyond goals in order: steps, what to avoid, and what ends it early."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from reprohrl.contracts.errors import UserError
from reprohrl.contracts.vocabulary import DETECTOR_CLASSES, GOAL_CLASSES, NUM_GOALS


class StepKind(StrEnum):
    """What a step asks for."""

    VISIT = "visit"  # `count` goals, in whichever order
    PASS = "pass"  # go on through the next doorway
    FIND = "find"  # go on until a goal object not known before is found, and visit that
    HOLD = "hold"  # hover for `seconds`
    RETURN = "return"  # fly home


@dataclass(frozen=True, slots=True)
class Step:
    """One thing done in its turn. `count` is of VISIT alone, `seconds` [s] of HOLD alone."""

    kind: StepKind
    count: int = 1
    seconds: float = 0.0


@dataclass(frozen=True, slots=True)
class Avoid:
    """Keep the drone's hull at least `distance_m` [m] from every known thing of a class.

    `what` is a class id of `DETECTOR_CLASSES`: a goal class, or obstacles, of which people are some.
    """

    what: int
    distance_m: float = 0.8

    @property
    def name(self) -> str:
        return DETECTOR_CLASSES[self.what]


class Quantity(StrEnum):
    """What a condition looks at."""

    BATTERY = "battery"  # percent left, falling
    TIME = "time"  # seconds since the mission began, rising


class Ending(StrEnum):
    """What a condition that came true asks for."""

    RETURN = "return"
    LAND = "land"


@dataclass(frozen=True, slots=True)
class Condition:
    """At `value` [%, s] of `quantity` the mission turns to its `ending`.

    With `by`, the drone is to be home by then: it turns round as much earlier as the way takes.
    """

    quantity: Quantity
    value: float
    ending: Ending = Ending.RETURN
    by: bool = False


AVOID_M = (0.2, 3.0)
"""Distances [m] that can be kept: nearer is the supervisor's business, farther leaves no room to fly."""

MAX_ROUNDS = 50


def default_steps(goals: Sequence[int]) -> tuple[Step, ...]:
    """Return the steps of the plain form: each goal in its place."""
    return (Step(StepKind.VISIT),) * len(goals)


def check_orders(
    goals: Sequence[int],
    steps: Sequence[Step],
    avoid: Sequence[Avoid],
    conditions: Sequence[Condition],
    repeat: int,
) -> None:
    """Raise `UserError` for what cannot be flown or contradicts itself."""
    for goal in goals:
        if not 0 <= goal < NUM_GOALS:
            raise UserError(f"there is no goal class {goal}", why=f"they are 0 to {NUM_GOALS - 1}")
    for step in steps:
        _check_step(step)
    visits = sum(s.count for s in steps if s.kind is StepKind.VISIT)
    if steps and visits != len(goals):
        raise UserError(f"the steps visit {visits} goals, but {len(goals)} are given")
    for a in avoid:
        _check_avoid(a, goals)
    kinds = [c.quantity for c in conditions]
    for c in conditions:
        _check_condition(c)
        if kinds.count(c.quantity) > 1:
            raise UserError(f"there are two conditions on {c.quantity}", fix="keep one of them")
    if not 0 <= repeat <= MAX_ROUNDS:
        raise UserError(f"{repeat} rounds cannot be flown", why=f"there are at most {MAX_ROUNDS}")
    if repeat == 0 and not conditions:
        raise UserError("the mission never ends", fix='say when: "until the battery is at 40 %"')


def _check_step(step: Step) -> None:
    if step.kind is StepKind.VISIT and step.count < 1:
        raise UserError(f"a step visits {step.count} goals", fix="visit at least one")
    if step.kind is StepKind.HOLD and not 0.0 < step.seconds <= 300.0:
        raise UserError(
            f"the drone cannot hover for {step.seconds:g} s", why="it flies for five minutes at most"
        )


def _check_avoid(avoid: Avoid, goals: Sequence[int]) -> None:
    if not 0 <= avoid.what < len(DETECTOR_CLASSES):
        raise UserError(f"there is no class {avoid.what} to avoid")
    if avoid.what in goals:
        raise UserError(
            f"the {GOAL_CLASSES[avoid.what]} is to be visited and to be avoided", fix="leave out one of them"
        )
    low, high = AVOID_M
    if not low <= avoid.distance_m <= high:
        raise UserError(
            f"a distance of {avoid.distance_m:g} m to the {avoid.name} cannot be kept",
            why=f"it has to be from {low:g} to {high:g} m",
        )


def _check_condition(c: Condition) -> None:
    if c.by and c.ending is not Ending.RETURN:
        raise UserError("a mission that lands where it is cannot be home by a deadline")
    if c.quantity is Quantity.BATTERY and not 0.0 < c.value < 95.0:
        raise UserError(
            f"a battery of {c.value:g} % cannot be a condition",
            why="it must be between 0 and 95 %: a full battery under load reads no more",
        )
    if c.quantity is Quantity.TIME and not (math.isfinite(c.value) and c.value > 0.0):
        raise UserError(f"{c.value:g} s cannot be a condition", why="a time limit is longer than nothing")

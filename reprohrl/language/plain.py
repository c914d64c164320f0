"""A mission as plain data, and back: what models answer with, logs keep and graphs carry. Always checked."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from reprohrl.contracts.errors import UserError
from reprohrl.contracts.mission import Mission
from reprohrl.contracts.orders import Avoid, Condition, Ending, Quantity, Step, StepKind
from reprohrl.contracts.vocabulary import DETECTOR_CLASSES, GOAL_CLASSES, did_you_mean, goal_class_id

_KEYS = ("steps", "avoid", "battery", "time", "repeat", "time_per_goal_s")
_WORDS = {kind.value: kind for kind in (StepKind.PASS, StepKind.FIND, StepKind.RETURN)}
MOST_STEPS = 100


def mission_to_plain(mission: Mission) -> dict[str, Any]:
    """Return JSON-ready data; only what differs from the plain form is in it."""
    goals = list(mission.goals)
    steps: list[Any] = []
    for step in mission.plan:
        if step.kind is StepKind.VISIT:
            names = [GOAL_CLASSES[goals.pop(0)] for _ in range(step.count)]
            steps.append(names if len(names) > 1 else names[0])
        else:
            steps.append({"hold": step.seconds} if step.kind is StepKind.HOLD else step.kind.value)
    plain: dict[str, Any] = {"steps": steps}
    if mission.avoid:
        plain["avoid"] = {a.name: a.distance_m for a in mission.avoid}
    for c in mission.conditions:
        plain[c.quantity.value] = {"at": c.value, "then": c.ending.value, "by": c.by}
    if mission.repeat != 1:
        plain["repeat"] = mission.repeat
    if mission.time_limit_per_goal_s != 60.0:
        plain["time_per_goal_s"] = mission.time_limit_per_goal_s
    return plain


def mission_from_plain(plain: Any) -> Mission:
    """Undo `mission_to_plain`. Raises `UserError` for anything else, naming what is wrong."""
    if not isinstance(plain, Mapping):
        raise UserError(f"a mission is an object with steps, not {_short(plain)}")
    for key in plain:
        if key not in _KEYS:
            raise UserError(
                f"a mission has no {_short(key)}",
                why=f"it has {', '.join(_KEYS)}",
                fix=did_you_mean(str(key), _KEYS) or "leave it out",
            )
    goals, steps = _steps(plain.get("steps"))
    avoid = plain.get("avoid", {})
    if not isinstance(avoid, Mapping):
        raise UserError(f'avoid is an object like {{"cube": 0.8}}, not {_short(avoid)}')
    limit = _number("time_per_goal_s", plain.get("time_per_goal_s", 60.0))
    if limit <= 0.0:
        raise UserError(f"{limit:g} s are no time for a goal")
    repeat = plain.get("repeat", 1)
    if not isinstance(repeat, int) or isinstance(repeat, bool):
        raise UserError(f"repeat is a whole number, not {_short(repeat)}")
    mission = Mission(
        goals,
        limit,
        steps,
        tuple(Avoid(_class(name), _number("a distance", d)) for name, d in avoid.items()),
        tuple(_condition(q, plain[q.value]) for q in Quantity if q.value in plain),
        repeat,
    )
    return plainer(mission)


def plainer(mission: Mission) -> Mission:
    """Return the mission without steps that say no more than its goals do."""
    needless = all(s == Step(StepKind.VISIT) for s in mission.steps)
    return replace(mission, steps=()) if needless else mission


def _steps(given: Any) -> tuple[tuple[int, ...], tuple[Step, ...]]:
    if not isinstance(given, list) or not given:
        raise UserError(f'steps are a list like ["sphere", "return"], not {_short(given)}')
    if len(given) > MOST_STEPS:
        raise UserError(f"{len(given)} steps are too many", why=f"there may be {MOST_STEPS}")
    goals: list[int] = []
    steps: list[Step] = []
    for one in given:
        if isinstance(one, str) and one in _WORDS:
            steps.append(Step(_WORDS[one]))
        elif isinstance(one, str):
            goals.append(goal_class_id(one))
            steps.append(Step(StepKind.VISIT))
        elif isinstance(one, list) and one and all(isinstance(name, str) for name in one):
            if len(set(one)) < len(one):
                raise UserError(f"a goal is twice in {_short(one)}", why="their order is free")
            goals += [goal_class_id(name) for name in one]
            steps.append(Step(StepKind.VISIT, len(one)))
        elif isinstance(one, Mapping) and set(one) == {"hold"}:
            steps.append(Step(StepKind.HOLD, seconds=_number("hold", one["hold"])))
        else:
            raise UserError(f"{_short(one)} is no step", fix='a goal, a list of goals, {"hold": 5}, "return"')
    return tuple(goals), tuple(steps)


def _condition(quantity: Quantity, given: Any) -> Condition:
    if not isinstance(given, Mapping) or "at" not in given or set(given) - {"at", "then", "by"}:
        raise UserError(f'{quantity} is an object like {{"at": 30, "then": "return"}}, not {_short(given)}')
    then, by = given.get("then", "return"), given.get("by", False)
    if then not in [e.value for e in Ending] or not isinstance(by, bool):
        raise UserError(
            f"{quantity} ends with {_short(then)}", fix='then: "return" or "land"; by: true or false'
        )
    return Condition(quantity, _number(f"at of {quantity}", given["at"]), Ending(then), by)


def _class(name: Any) -> int:
    known = DETECTOR_CLASSES
    if name in known:
        return known.index(name)
    fix = did_you_mean(str(name), known) or f"there are {', '.join(known)}"
    raise UserError(f"there is no {_short(name)} to avoid", fix=fix)


def _number(what: str, given: Any) -> float:
    if isinstance(given, bool) or not isinstance(given, int | float) or not math.isfinite(given):
        raise UserError(f"{what} is a number, not {_short(given)}")
    return float(given)


def _short(given: Any) -> str:
    text = repr(given)
    return text if len(text) <= 60 else text[:57] + "..."

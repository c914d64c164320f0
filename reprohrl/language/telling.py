"""A mission back in words: what is shown to the person who asked for it, and to the agents that read."""

from __future__ import annotations

from reprohrl.contracts.mission import Mission
from reprohrl.contracts.orders import Avoid, Condition, Ending, Quantity, Step, StepKind
from reprohrl.contracts.vocabulary import GOAL_CLASSES, NUM_GOALS
from reprohrl.language.words import listed

_GERMAN = {
    "sphere": "Kugel", "cube": "Würfel", "cone": "Kegel", "cylinder": "Zylinder", "torus": "Torus",
    "pyramid": "Pyramide", "obstacle": "Hindernissen und Personen",
}  # fmt: skip
_ARTICLE = {"Kugel": "die", "Pyramide": "die"}
_DATIVE = {"Kugel": "der", "Pyramide": "der"}


def tell_mission(mission: Mission, language: str = "en") -> tuple[str, ...]:
    """Return the mission as numbered sentences, then what holds throughout. Language "en" or "de"."""
    german = language == "de"
    lines, goals = [], list(mission.goals)
    for number, step in enumerate(mission.plan, 1):
        taken = [goals.pop(0) for _ in range(step.count)] if step.kind is StepKind.VISIT else []
        lines.append(f"{number}. {_step_de(step, taken) if german else _step_en(step, taken)}")
    lines += [_avoid_de(a) if german else _avoid_en(a) for a in mission.avoid]
    lines += [_condition_de(c) if german else _condition_en(c) for c in mission.conditions]
    if mission.repeat != 1:
        lines.append(_repeat(mission.repeat, german))
    if mission.time_limit_per_goal_s != 60.0:
        limit = f"{mission.time_limit_per_goal_s:g} s"
        lines.append(f"höchstens {limit} je Ziel" if german else f"at most {limit} for each goal")
    return tuple(lines)


def mission_line(mission: Mission, start: int = 0) -> str:
    """Return what is left of a mission on one line, from goal `start` on: what a text agent is shown."""
    parts, at = [], 0
    for step in mission.plan:
        if step.kind is StepKind.VISIT:
            names = [GOAL_CLASSES[g] for g in mission.goals[max(at, start) : at + step.count]]
            at += step.count
            if names:
                parts.append(f"visit {', '.join(names)}" + (" in any order" if len(names) > 1 else ""))
        elif at >= start:
            parts.append(_step_en(step, []))
    keep = [f"keep {a.distance_m:g} m from {a.name}" for a in mission.avoid]
    return "; ".join([" then ".join(parts) or "nothing", *keep, *map(_condition_en, mission.conditions)])


def _step_en(step: Step, goals: list[int]) -> str:
    if step.kind is StepKind.VISIT:
        names = [f"the {GOAL_CLASSES[g]}" for g in goals]
        return f"visit {listed(names)}" + (" in any order" if len(names) > 1 else "")
    return {
        StepKind.PASS: "go on through the doorway",
        StepKind.FIND: "visit the first new object found there",
        StepKind.HOLD: f"hover for {step.seconds:g} s",
        StepKind.RETURN: "return home",
    }[step.kind]


def _step_de(step: Step, goals: list[int]) -> str:
    if step.kind is StepKind.VISIT:
        names = [_GERMAN[GOAL_CLASSES[g]] for g in goals]
        said = [f"{_ARTICLE.get(n, 'den')} {n}" for n in names]
        joined = " und ".join([", ".join(said[:-1]), said[-1]]) if len(said) > 1 else "".join(said)
        return f"{joined} besuchen" + (" in beliebiger Reihenfolge" if len(names) > 1 else "")
    return {
        StepKind.PASS: "durch die Tür weiterfliegen",
        StepKind.FIND: "das erste neue Objekt dort besuchen",
        StepKind.HOLD: f"{step.seconds:g} s schweben",
        StepKind.RETURN: "nach Hause fliegen",
    }[step.kind]


def _avoid_en(avoid: Avoid) -> str:
    what = f"the {avoid.name}" if avoid.what < NUM_GOALS else "people and other obstacles"
    return f"keep {avoid.distance_m:g} m away from {what}"


def _avoid_de(avoid: Avoid) -> str:
    name = _GERMAN[avoid.name]
    what = f"{_DATIVE.get(name, 'dem')} {name}" if avoid.what < NUM_GOALS else name
    return f"{avoid.distance_m:g} m Abstand von {what} halten"


def _condition_en(c: Condition) -> str:
    end = "return home" if c.ending is Ending.RETURN else "land"
    if c.quantity is Quantity.BATTERY:
        return f"be home before the battery is at {c.value:g} %" if c.by else (
            f"when the battery falls to {c.value:g} %, {end}"
        )  # fmt: skip
    return f"be home within {c.value:g} s" if c.by else f"after {c.value:g} s, {end}"


def _condition_de(c: Condition) -> str:
    end = "nach Hause fliegen" if c.ending is Ending.RETURN else "landen"
    if c.quantity is Quantity.BATTERY:
        return f"zu Hause sein, bevor der Akku bei {c.value:g} % ist" if c.by else (
            f"wenn der Akku auf {c.value:g} % fällt, {end}"
        )  # fmt: skip
    return f"innerhalb von {c.value:g} s zu Hause sein" if c.by else f"nach {c.value:g} s {end}"


def _repeat(rounds: int, german: bool) -> str:
    if rounds == 0:
        return "immer wieder, bis dahin" if german else "again and again until then"
    return f"das Ganze {rounds}-mal" if german else f"all of it {rounds} times"

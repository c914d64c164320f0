"""`Watch`: how long each condition has lasted, and which rules act because of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from reprohrl.safety.conditions import Condition, Reaction, Rule, SafetyEvent

_TIE_S = 1e-6


@dataclass(frozen=True, slots=True)
class Reading:
    """A condition that holds now. `value` and its `unit` are for people.

    `lasting_s` is how long it has held where the measurement itself says so (a silence), else None.
    """

    value: float
    unit: str = ""
    lasting_s: float | None = None


class Watch:
    """Turns momentary readings into acting rules and edge-triggered events."""

    def __init__(self, rules: tuple[Rule, ...]) -> None:
        self._rules = rules
        self._since: dict[Condition, float] = {}
        self._acting: dict[Rule, float] = {}  # rule -> when its condition was last seen

    @property
    def acting(self) -> tuple[Rule, ...]:
        return tuple(self._acting)

    def update(self, now: float, readings: Mapping[Condition, Reading]) -> list[SafetyEvent]:
        """Take this moment's readings into account; return what began or ended."""
        self._since = {c: self._since.get(c, now) for c in readings}
        events = []
        for rule in self._rules:
            reading = readings.get(rule.condition)
            if reading is not None and self._lasted(now, rule, reading) >= rule.after_s - _TIE_S:
                if rule not in self._acting:
                    events.append(_began(now, rule, reading))
                self._acting[rule] = now
            elif self._over(now, rule):
                del self._acting[rule]
                text = f"{rule.condition}: over"
                events.append(SafetyEvent(now, rule.condition, Reaction.PASS, 0.0, text))
        return events

    def pause(self) -> None:
        """Forget what was not final: on the ground nothing lasts."""
        self._since.clear()
        self._acting = {r: t for r, t in self._acting.items() if r.reaction >= Reaction.LAND}

    def latch(self, now: float, rule: Rule) -> bool:
        """Let a rule act from outside the table; return whether it is new."""
        new = rule not in self._acting
        self._acting[rule] = now
        return new

    def _lasted(self, now: float, rule: Rule, reading: Reading) -> float:
        return now - self._since[rule.condition] if reading.lasting_s is None else reading.lasting_s

    def _over(self, now: float, rule: Rule) -> bool:
        seen = self._acting.get(rule)
        return seen is not None and rule.reaction < Reaction.LAND and now - seen >= rule.recovery_s - _TIE_S


def _began(now: float, rule: Rule, reading: Reading) -> SafetyEvent:
    text = f"{rule.condition} ({reading.value:.2f} {reading.unit}): {rule.reaction.word}".replace(" )", ")")
    return SafetyEvent(now, rule.condition, rule.reaction, reading.value, text)

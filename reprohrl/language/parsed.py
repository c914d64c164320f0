"""`Parsed`: what came of reading a mission: the mission, or a question, or a refusal; never silence."""

from __future__ import annotations

from dataclasses import dataclass

from reprohrl.contracts.errors import UserError
from reprohrl.contracts.mission import Mission


@dataclass(frozen=True, slots=True)
class Remark:
    """A sentence about the characters [start, end) of the text. `choices`: answers to a question."""

    text: str
    start: int = 0
    end: int = 0
    choices: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Parsed:
    """What was read from `text`. `mission` is None where there is a question or a refusal.

    understood  the mission back in sentences
    notes       what was taken for granted: a typo read as a word, a colour left aside
    questions   what has to be answered before there is a mission
    refusals    what is not possible, and why
    language    "en" or "de"
    source      "grammar", or the name of the model that read it
    """

    text: str
    mission: Mission | None = None
    understood: tuple[str, ...] = ()
    notes: tuple[Remark, ...] = ()
    questions: tuple[Remark, ...] = ()
    refusals: tuple[Remark, ...] = ()
    language: str = "en"
    source: str = "grammar"

    @property
    def ok(self) -> bool:
        return self.mission is not None

    def demand(self) -> Mission:
        """Return the mission. Raises `UserError` with the question or the refusal."""
        if self.mission is not None:
            return self.mission
        first = (*self.refusals, *self.questions)[0]
        place = self.text[first.start : first.end]
        what = f'the mission is not clear at "{place}"' if place else "the mission is not clear"
        fix = f"say which: {', '.join(first.choices)}" if first.choices else "say it in other words"
        raise UserError(what, why=first.text, fix=fix)

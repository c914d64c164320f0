"""Folding lexemes into larger parts, rule by rule: regular expressions over their kinds.

Each kind is one letter (`reprohrl.language.lexicon.T`), so a list of lexemes is a word, and a rule is a
pattern with what it makes of a match. Cascades of such rules are an old way of reading text reliably
(Hobbs et al. 1996, "FASTUS").
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from reprohrl.language.lexemes import Lexeme
from reprohrl.language.parsed import Remark


@dataclass(frozen=True, slots=True)
class Part:
    """A lexeme, or what a rule made of several. Kinds beyond the lexicon's are in `KINDS`."""

    kind: str
    start: int
    end: int
    value: float = 0.0
    text: str = ""
    data: tuple[Any, ...] = ()


KINDS = {
    "1": "a duration [s]",
    "3": "a length [m]",
    "4": "percent",
    "5": "hovering for `value` seconds",
    "6": "a time limit for each goal",
    "C": "a condition: `text` is quantity and mode, `data` its ending",
    "Z": "what to avoid: `data` are (class, distance or None, start, end)",
    "F": "whatever is found; `value` 1 where it is said to be behind the doorway",
}


@dataclass(slots=True)
class Folding:
    """The parts so far, and what there is to say about them."""

    parts: list[Part]
    language: str
    notes: list[Remark] = field(default_factory=list)
    questions: list[Remark] = field(default_factory=list)
    refusals: list[Remark] = field(default_factory=list)

    @property
    def kinds(self) -> str:
        return "".join(p.kind for p in self.parts)

    def fold(self, pattern: str, make: Callable[[list[Part]], Part | list[Part] | None]) -> None:
        """Put what `make` says in the place of each match, once from left to right."""
        at = 0
        while match := re.compile(pattern).search(self.kinds, at):
            low, high = match.span()
            made = make(self.parts[low:high])
            new = [] if made is None else made if isinstance(made, list) else [made]
            self.parts[low:high] = new
            at = low + len(new) if new and high > low else low + (high == low)

    def drop(self, pattern: str) -> None:
        self.fold(pattern, lambda _: None)

    def ask(self, part: Part, english: str, german: str, choices: tuple[str, ...] = ()) -> None:
        said = german if self.language == "de" else english
        self.questions.append(Remark(said, part.start, part.end, choices))

    def refuse(self, part: Part, english: str, german: str) -> None:
        self.refusals.append(Remark(german if self.language == "de" else english, part.start, part.end))

    def note(self, part: Part, english: str, german: str) -> None:
        self.notes.append(Remark(german if self.language == "de" else english, part.start, part.end))


def parts_of(lexemes: Sequence[Lexeme]) -> list[Part]:
    """Return the parts to begin with: each lexeme that says something."""
    return [Part(x.kind, x.start, x.end, x.value, x.text) for x in lexemes if x.kind != "-"]


def spanned(
    kind: str, parts: Sequence[Part], value: float = 0.0, text: str = "", data: tuple[Any, ...] = ()
) -> Part:
    """Return a part over all of `parts`."""
    return Part(kind, min(p.start for p in parts), max(p.end for p in parts), value, text, data)


def first_of(parts: Sequence[Part], kinds: str) -> Part | None:
    return next((p for p in parts if p.kind in kinds), None)

"""In which order things are to be done: before, after, first, last, then, in any order."""

from __future__ import annotations

from dataclasses import replace

from reprohrl.contracts.vocabulary import NUM_GOALS
from reprohrl.language.cascade import Folding, Part
from reprohrl.language.sequence import Item, in_sequence

_ITEMS = "OAUF5hD"


class Reader:
    """Walks over the folded parts once, and keeps a list of items in the order meant."""

    def __init__(self, folding: Folding) -> None:
        self.f = folding
        self.items: list[Item] = []
        self.rounds: Part | None = None
        self.patrol: Part | None = None
        self._clause = self._scope = self._sentence = 0  # where in `items` each begins
        self._ordered = self._ordered_before = False  # the sentence (the last one) says an order
        self._previous = 0  # where the clause before began
        self._flag, self._said, self._then = "", -1, False
        self._flag_at = self._insert_at = 0
        self._pending: list[Item] = []  # told by "before X, ...": they come after the sentence
        self._groups = 0
        self._next_any = False
        self._last_sentence = 0

    def read(self) -> list[Item]:
        """Return the items in order."""
        parts, at = self.f.parts, 0
        while at < len(parts):
            at = self._one(parts, at)
        self._end_sentence()
        return in_sequence(self.f, self.items, self._insert_at)

    def _one(self, parts: list[Part], at: int) -> int:
        """Read the part at an index; return the index of the next one to read."""
        part = parts[at]
        before = parts[at - 1].kind if at else ""
        after = parts[at + 1].kind if at + 1 < len(parts) else ""
        ends = after == "" or after in ",&.k"
        kind = part.kind
        if kind in _ITEMS:
            self._add(part)
        elif kind == "V":
            self._new_clause()
        elif kind == "t":
            self._then, self._ordered = True, True
            self._flag = ""
            self._new_clause()
            self._scope = len(self.items)
            self._next_any = False
        elif kind == ".":
            self._end_sentence()
        elif kind == "k":
            self._new_clause()
            self._scope = len(self.items)
        elif kind in "flM":
            self._ordered = True
            self._mark(
                kind, part, suffix=before in ("O", "h", "A") and ends and not self._is_prefix(parts, at)
            )
        elif kind == "d":
            self._ordered = True
            self._before_that(prefix=not ends)
        elif kind in "ba":
            self._ordered = True
            return self._relate(parts, at, kind, ends, infix=before in ("O", "h", "5", "A"))
        elif kind == "y":
            rest = self.f.kinds[at + 1 :].split(".")[0]
            self._any_order(part, comes="O" in rest or "A" in rest)
        elif kind == "w":
            self._times(parts, at)
        elif kind in "pr":
            if kind == "p" or not any(p.kind == "w" for p in parts):
                self.patrol = part
            self._new_clause()
        return at + 1

    def _is_prefix(self, parts: list[Part], at: int) -> bool:
        return at == 0 or parts[at - 1].kind in ",&.kt"

    def _new_clause(self) -> None:
        if len(self.items) > self._clause:
            self._previous = self._clause
        self._clause = len(self.items)
        if len(self.items) > self._flag_at:
            self._flag = ""

    def _end_sentence(self) -> None:
        self.items += self._pending
        self._pending = []
        self._new_clause()
        self._flag, self._then = "", False
        if len(self.items) > self._sentence:
            self._last_sentence, self._ordered_before = self._sentence, self._ordered
        self._sentence = self._scope = len(self.items)
        self._ordered = self._next_any = False

    def _made(self, part: Part) -> list[Item]:
        base = Item("visit", part, flag=self._flag, said=self._said, then=self._then)
        if part.kind == "O":
            made = [replace(base, goal=int(part.value))]
        elif part.kind == "A":
            self._groups += 1
            rest = [g for g in range(NUM_GOALS) if g not in part.data]
            return [replace(base, goal=g, group=self._groups) for g in rest]
        elif part.kind == "F":
            found = [replace(base, kind="find")]
            passed = any(i.kind == "pass" for i in self.items[-1:])
            if part.value or passed:
                made = found if passed else [replace(base, kind="pass"), *found]
            else:
                self.f.ask(part, "What exactly is to be visited?", "Was genau soll besucht werden?")
                return []
        else:
            kinds = {"U": "pass", "5": "hold", "h": "return", "D": "land"}
            made = [replace(base, kind=kinds[part.kind])]
            if part.kind == "5" and self.items:
                made = [replace(made[0], flag=self.items[-1].flag, said=self.items[-1].said)]
        if self._next_any and part.kind == "O":
            made = [replace(m, group=self._groups) for m in made]
        return made

    def _add(self, part: Part) -> None:
        new = self._made(part)
        if part.kind == "U" and self.items and self.items[-1].kind == "pass" and not self._then:
            return  # "through the door ... behind it" is one doorway
        self.items += new
        self._then = False

    def _mark(self, kind: str, part: Part, *, suffix: bool) -> None:
        """`first`, `last`, `in between`: of the thing before it, or of what comes."""
        if suffix:
            i = len(self.items) - 1
            self.items[i] = replace(self.items[i], flag=kind, said=part.start)
        else:
            self._flag, self._said, self._flag_at = kind, part.start, len(self.items)
            self._previous, self._clause = self._clause, len(self.items)
            self._scope = len(self.items)

    def _before_that(self, *, prefix: bool) -> None:
        """What comes (or, at the end of a clause, what was just said) goes before the clause before it."""
        if prefix:
            if len(self.items) > self._clause:
                self._new_clause()
            self._insert_at = self._previous if self._clause == len(self.items) else self._clause
            self._flag, self._said, self._flag_at = "d", -1, len(self.items)
        else:
            moved = self.items[self._clause :]
            del self.items[self._clause :]
            self.items[self._previous : self._previous] = moved
            self._clause = len(self.items)

    def _any_order(self, part: Part, *, comes: bool) -> None:
        """`comes`: things are still to be named in this sentence."""
        low = self._scope
        if len(self.items) == low:
            if comes:
                self._groups += 1
                self._next_any = True
                return
            low = self._last_sentence
            if self._ordered_before:
                self.f.ask(
                    part,
                    "In the order said, or in any order?",
                    "In der genannten Reihenfolge oder in beliebiger?",
                )
                return
        self._groups += 1
        for i in range(low, len(self.items)):
            if self.items[i].kind == "visit":
                self.items[i] = replace(self.items[i], group=self._groups)

    def _times(self, parts: list[Part], at: int) -> None:
        """So many rounds of everything; of one part alone they are a question."""
        part = parts[at]
        if part.value == 1.0:
            return
        later = any(p.kind in _ITEMS for p in parts[at + 1 :])
        explicit = any(p.kind in "pr" for p in parts) or (at > 0 and parts[at - 1].kind in "&.k")
        whole = not self.items or (not later and (explicit or self._scope == 0))
        if self.rounds is not None or not whole:
            self.f.ask(
                part, "All of it so often, or this alone?", "Das Ganze so oft, oder nur das?", ("all of it",)
            )
        self.rounds = part

    def _relate(self, parts: list[Part], at: int, kind: str, ends: bool, *, infix: bool) -> int:
        """BEFORE or AFTER another thing: put both in order; return where to read on."""
        if ends and kind == "b":
            self._before_that(prefix=False)
            return at + 1
        stop = at + 1
        others: list[Item] = []
        while stop < len(parts) and (parts[stop].kind in "V" + _ITEMS or self._goes_on(parts, stop)):
            if parts[stop].kind == "V" and others:
                break
            if parts[stop].kind in _ITEMS:
                others += self._made(parts[stop])
            stop += 1
        if not others:
            part = parts[at]
            self.f.refuse(part, "What comes before or after what?", "Was kommt vor oder nach was?")
            return at + 1
        others = [replace(o, flag="", then=False) for o in others]
        clause_ends = self.f.kinds[stop:].lstrip("V")[:1] in ("", ".")
        if at and parts[at - 1].kind == "," and clause_ends:
            infix = True  # "..., after you were at the cone." closes the sentence
        if not infix or len(self.items) == self._clause:
            self._prefix(others, kind)
        else:
            self._infix(others, kind)
        return stop

    def _goes_on(self, parts: list[Part], at: int) -> bool:
        """Tell whether a list goes on over a comma or an "and": another thing follows, and no verb."""
        return parts[at].kind in "&" and at + 1 < len(parts) and parts[at + 1].kind in "OA"

    def _prefix(self, others: list[Item], kind: str) -> None:
        if kind == "a":
            self.items += [o for o in others if not self._has(o)]
            self._new_clause()
        else:
            self._pending += [o for o in others if not self._has(o)]

    def _infix(self, others: list[Item], kind: str) -> None:
        """The things just said against `others`; one of either may have been said before."""
        ours = self.items[self._clause :]
        said = [i for i in ours[:-1] if i.goal == ours[-1].goal and ours[-1].goal >= 0]
        known = [i for i in self.items[: self._clause] if i.goal == ours[-1].goal and i.goal >= 0]
        if said or known:  # said again, for its order alone
            del self.items[-1]
            ours = said or known
        named = {i.goal for i in others if i.goal >= 0}
        old = [i for i in self.items if i.goal in named and i not in ours]
        if old:
            others = [i for i in self.items if i in old]
            self.items = [i for i in self.items if i not in old]
        place = self.items.index(ours[0]) if kind == "a" else self.items.index(ours[-1]) + 1
        self.items[place:place] = others

    def _has(self, item: Item) -> bool:
        return item.goal >= 0 and any(i.goal == item.goal for i in self.items)

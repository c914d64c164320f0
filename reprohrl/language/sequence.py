"""The things to do, put into the sequence that "first", "last" and "before that" ask for."""

from __future__ import annotations

from dataclasses import dataclass, replace

from reprohrl.language.cascade import Folding, Part

_RANK = {"f": 0, "": 1, "M": 1, "l": 2}


@dataclass(frozen=True, slots=True)
class Item:
    """One thing to do.

    flag, said  "f", "l", "M": said to be first, last, in the middle, and where that was said
    then        it was linked to the one before
    group       the number of its any-order group, 0 for none
    """

    kind: str
    part: Part
    goal: int = -1
    flag: str = ""
    said: int = -1
    then: bool = False
    group: int = 0


def in_sequence(f: Folding, said: list[Item], insert_at: int) -> list[Item]:
    """Apply `first`, `last` and `before that`; ask where they contradict another word.

    insert_at  where what is marked "d" (before that) belongs
    """
    items = _moved_before(said, insert_at)
    items = _without_doubles(f, items)
    order = _in_stretches(items)
    changed = order != items
    for flag in "fl":
        words = {i.said for i in items if i.flag == flag}
        if len(words) > 1 and (changed or flag == "f"):
            _contradiction(f, next(i for i in items if i.flag == flag))
    for i, item in enumerate(items):
        if item.then and i > 0 and order.index(items[i - 1]) > order.index(item):
            _contradiction(f, item)
    return _homes_last(f, order)


def _without_doubles(f: Folding, items: list[Item]) -> list[Item]:
    """All objects, and one of them first or last: it is not visited twice."""
    apart = {i.goal: i for i in items if i.kind == "visit" and i.part.kind == "O"}
    doubles = [i for i in items if i.part.kind == "A" and i.goal in apart]
    for item in doubles:
        if not apart[item.goal].flag:
            _contradiction(f, apart[item.goal])
    return [i for i in items if i not in doubles]


def _homes_last(f: Folding, items: list[Item]) -> list[Item]:
    """A way home with a deadline is the end of it all, wherever it was said; one at the very beginning
    makes no sense."""
    late = [i for i in items if i.part.text == "deadline"]
    items = [i for i in items if i not in late] + late
    if len(items) > 1 and items[0].kind == "return":
        _contradiction(f, items[0])
    return items


def _moved_before(items: list[Item], insert_at: int) -> list[Item]:
    """Carry out "before that": what it marked goes before the clause it spoke of."""
    moved = [i for i in items if i.flag == "d"]
    if not moved:
        return items
    rest = [i for i in items if i.flag != "d"]
    place = min(insert_at, len(rest))
    return rest[:place] + [replace(i, flag="") for i in moved] + rest[place:]


def _in_stretches(items: list[Item]) -> list[Item]:
    """Sort by flag between ways home, or over them where one of them is flagged."""
    homes = [n for n, i in enumerate(items) if i.kind == "return"]
    over = any(items[n].flag for n in homes) or any(
        i.flag == "f" and n > homes[0] for n, i in enumerate(items) if homes
    )
    if over or not homes:
        return sorted(items, key=lambda i: _RANK[i.flag])
    out, low = [], 0
    for high in [*homes, len(items)]:
        out += sorted(items[low:high], key=lambda i: _RANK[i.flag]) + items[high : high + 1]
        low = high + 1
    return out


def _contradiction(f: Folding, item: Item) -> None:
    f.ask(item.part, "The order is contradictory here. What comes when?",
               "Die Reihenfolge ist hier widersprüchlich. Was kommt wann?")  # fmt: skip

"""`parse_mission`: a mission in English or German words becomes a checked `Mission`, a question or a refusal.

Words are looked up and corrected (`lexemes`), folded into measures, conditions and things to avoid (`rules`),
put in order (`order`), and checked here. A word that nothing uses is a refusal: no part of what was said is
dropped in silence.
"""

from __future__ import annotations

from itertools import pairwise

from reprohrl.contracts.errors import UserError
from reprohrl.contracts.mission import Mission
from reprohrl.contracts.orders import Avoid, Condition, Ending, Quantity, Step, StepKind
from reprohrl.contracts.vocabulary import GOAL_CLASSES, OBSTACLE_ID
from reprohrl.language.cascade import Folding, Part, parts_of
from reprohrl.language.lexemes import choose_language, read_lexemes
from reprohrl.language.order import Reader
from reprohrl.language.parsed import Parsed, Remark
from reprohrl.language.plain import plainer
from reprohrl.language.rules import fold_all
from reprohrl.language.sequence import Item
from reprohrl.language.telling import tell_mission

MOST_CHARACTERS = 1000
_USED = "OAUF5hDVtbadflMyw.,&kprgCZ6"
_KINDS = {
    "pass": StepKind.PASS, "find": StepKind.FIND, "hold": StepKind.HOLD, "return": StepKind.RETURN,
}  # fmt: skip


def parse_mission(text: str, *, language: str = "") -> Parsed:
    """Read a mission. `language` "en" or "de"; "": whichever knows more of the words."""
    language = language or choose_language(text)
    if len(text) > MOST_CHARACTERS:
        said = f"The text has {len(text)} characters; {MOST_CHARACTERS} are the most."
        return Parsed(text, refusals=(Remark(said, 0, len(text)),), language=language)
    read = read_lexemes(text, language)
    f = Folding(parts_of(read.lexemes), language, read.notes, read.questions, read.refusals)
    fold_all(f)
    _leftovers(f)
    reader = Reader(f)
    items = reader.read()
    mission = _build(f, reader, items) if not f.questions and not f.refusals else None
    if mission is None and not f.questions and not f.refusals:
        f.refuse(Part("", 0, len(text)), "This says nothing to do.", "Das sagt nicht, was zu tun ist.")
    return Parsed(
        text,
        mission if not f.questions and not f.refusals else None,
        tell_mission(mission, language) if mission is not None else (),
        tuple(f.notes),
        tuple(f.questions),
        tuple(f.refusals),
        language,
    )


def _leftovers(f: Folding) -> None:
    """Say what no rule could use."""
    for part in f.parts:
        if part.kind == "?":
            f.ask(part, part.text, part.text)
        elif part.kind == "!":
            f.refuse(part, part.text, part.text)
        elif part.kind == "|":
            f.ask(part, "Which of the two?", "Welches von beiden?")
        elif part.kind in "P2":
            f.ask(
                part, "Only one object of each shape is told apart. Is one meant?",
                "Von jeder Form wird nur ein Objekt unterschieden. Ist eines gemeint?",
            )  # fmt: skip
        elif part.kind == "T":
            f.refuse(
                part, "People and obstacles can be avoided, not visited.",
                "Personen und Hindernisse kann man meiden, nicht besuchen.",
            )  # fmt: skip
        elif part.kind == "i":
            f.refuse(
                part, "Only the battery and the time can be conditions.",
                "Bedingungen gibt es nur auf Akku und Zeit.",
            )  # fmt: skip
        elif part.kind not in _USED:
            f.refuse(part, "This makes no sense here.", "Das ergibt hier keinen Sinn.")
    for i, part in enumerate(f.parts):
        around = [p.kind for p in f.parts[max(i - 1, 0) : i + 2] if p is not part]
        if part.kind == "g" and not set(around) & set("Oh"):
            f.ask(part, "What again, and how often?", "Was noch einmal, und wie oft?")


def _build(f: Folding, reader: Reader, items: list[Item]) -> Mission | None:
    """Return the mission of the items and conditions; None with a remark where it is none."""
    conditions = _conditions(f, reader, items)
    items = [i for i in items if i.kind != "land"]
    avoid = _avoid(f, items)
    _repeats(f, reader, items)
    limits = [p for p in f.parts if p.kind == "6"]
    if f.questions or f.refusals or not items:
        return None
    if all(i.kind == "return" for i in items):
        f.refuse(items[0].part, "The drone is at home already.", "Die Drohne ist schon zu Hause.")
        return None
    goals, steps = _steps(items)
    rounds = 0 if reader.patrol is not None else 1
    if reader.rounds is not None:
        rounds = int(reader.rounds.value)
    try:
        mission = Mission(goals, limits[-1].value if limits else 60.0, steps, avoid, conditions, rounds)
    except UserError as error:
        where = _blame(f, reader, items)
        f.refuse(where, "; ".join(p for p in (error.what, error.why) if p), f"{error.what}; {error.why}")
        return None
    if limits and not 0.0 < limits[-1].value <= 600.0:
        f.refuse(limits[-1], "No goal can take that long.", "So lange kann kein Ziel dauern.")
        return None
    return plainer(mission)


def _steps(items: list[Item]) -> tuple[tuple[int, ...], tuple[Step, ...]]:
    goals: list[int] = []
    steps: list[Step] = []
    group = 0
    for item in items:
        if item.kind != "visit":
            steps.append(Step(_KINDS[item.kind], seconds=item.part.value if item.kind == "hold" else 0.0))
        elif item.group and item.group == group:
            steps[-1] = Step(StepKind.VISIT, steps[-1].count + 1)
            goals.append(item.goal)
        else:
            steps.append(Step(StepKind.VISIT))
            goals.append(item.goal)
        group = item.group if item.kind == "visit" else 0
    return tuple(goals), tuple(steps)


def _conditions(f: Folding, reader: Reader, items: list[Item]) -> tuple[Condition, ...]:
    """Return the conditions; a patrol's own end takes the way home or the landing said after it."""
    made = []
    for part in (p for p in f.parts if p.kind == "C"):
        quantity, mode = part.text.split()
        ending, by = part.data or ("return", mode == "with")
        if mode == "if" and not part.data:
            f.ask(
                part,
                "And then: return home, or land?",
                "Und dann: nach Hause oder landen?",
                ("return", "land"),
            )
        if mode == "until" and reader.patrol is None:
            f.ask(
                part,
                "What is to be done until then, again and again?",
                "Was soll bis dahin immer wieder geschehen?",
            )
        made.append(Condition(Quantity(quantity), part.value, Ending(ending), by))
    for item in items[:-1]:
        if item.kind == "land":
            f.refuse(item.part, "Nothing can come after the landing.", "Nach der Landung kommt nichts mehr.")
    if reader.patrol is not None and reader.rounds is None and not made:
        f.ask(reader.patrol, "Until when, or how often?", "Bis wann, oder wie oft?")
    return tuple(made)


def _avoid(f: Folding, items: list[Item]) -> tuple[Avoid, ...]:
    """Return what is to be avoided; what is to be visited, too, is a refusal at its place."""
    found: dict[int, Avoid] = {}
    for what, distance, start, end in (one for p in f.parts if p.kind == "Z" for one in p.data):
        place = Part("Z", start, end)
        name = "obstacles" if what == OBSTACLE_ID else GOAL_CLASSES[what]
        if any(i.goal == what for i in items):
            f.refuse(
                place, f"The {name} is to be visited and to be avoided.",
                f"{name}: soll besucht und gemieden werden.",
            )  # fmt: skip
        if what == OBSTACLE_ID:
            f.note(
                place, "People are not told from other obstacles: the drone keeps away from all it sees.",
                "Personen werden nicht von anderen Hindernissen unterschieden: Abstand gilt für alle.",
            )  # fmt: skip
        found[what] = Avoid(what, distance or Avoid(what).distance_m)
    return tuple(found.values())


def _repeats(f: Folding, reader: Reader, items: list[Item]) -> None:
    """Refuse a goal that follows itself: nothing lies between the two visits."""
    rounds = reader.rounds is not None or reader.patrol is not None
    chain = [*items, *(items[:1] if rounds else [])]
    for one, other in pairwise(chain):
        if one.kind == other.kind == "visit" and one.goal == other.goal:
            f.refuse(
                other.part, f"The {GOAL_CLASSES[one.goal]} follows itself: say what comes in between.",
                "Ein Ziel folgt auf sich selbst: Was kommt dazwischen?",
            )  # fmt: skip
            return


def _blame(f: Folding, reader: Reader, items: list[Item]) -> Part:
    """Return the part a failed check is about: what has a number, else the first thing to do."""
    bad = [p for p in f.parts if p.kind in "C5Z6"]
    return (bad or [reader.rounds or items[0].part])[0]

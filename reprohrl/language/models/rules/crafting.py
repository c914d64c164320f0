"""What the rule reader answers about the game Crafter: one step of inference for each question."""

from __future__ import annotations

import re

from reprohrl.language.models.rules.reading import Page, items, sentences

_STEPS = re.compile(r"^- (?P<thing>[\w ]+?) (?P<steps>\d+) steps? to your (?P<where>[\w-]+)$")
_HAS = re.compile(r"^- (?P<item>[\w ]+): (?P<count>\d+)")
_OPPOSITE = {"north": "south", "south": "north", "west": "east", "east": "west"}
_TURN = {"north": "east", "east": "south", "south": "west", "west": "north"}


def last_action(page: Page) -> str:
    for line in page.observation:
        if found := re.match(r"You took action ([\w ]+)\.", line):
            return found[1]
    return "none"


def success(page: Page) -> str:
    """Answer yes where anything but the step changed between the two observations."""
    if page.answer_to("last action taken") in (None, "none"):
        return "unknown"

    def rest(lines: list[str]) -> list[str]:
        return [line for line in lines if not line.startswith(("You took", "chosen then"))]

    return "yes" if rest(page.before) != rest(page.observation) else "no, nothing changed"


def objects(page: Page) -> str:
    """Answer with what the manual says about each kind of thing in view."""
    said = []
    for thing in dict.fromkeys(t for t, _, _ in _seen(page)):
        gives, needs = _provides(thing, page.manual)
        said.append(f"{thing}: provides {gives}, requires {needs}" if gives else f"{thing}: unknown")
    return "; ".join(said) or "none"


def objects_met(page: Page) -> str:
    """Answer, for each thing listed above, whether the inventory holds what it requires."""
    listed = page.answer_to("list objects")
    if listed is None:
        return "no objects are listed above"
    have, said = _inventory(page), []
    for item in items(listed):
        thing, _, facts = item.partition(":")
        needs = facts.partition("requires ")[2].strip()
        if not needs:
            said.append(f"{thing}: unknown")
        elif needs == "nothing" or have.get(needs, 0) > 0:
            said.append(f"{thing}: yes")
        else:
            said.append(f"{thing}: no, {needs} is missing")
    return "; ".join(said)


def subtasks(page: Page) -> str:
    """Answer with what the manual's objectives call for, in its order, as far as it can be begun now."""
    listed, good = page.answer_to("list objects"), page.answer_to("requirements met for interaction")
    if listed is None or good is None:
        return "no objects are listed above"
    usable = {item.partition(":")[0].strip() for item in items(good) if ": yes" in item}
    sources: dict[str, str] = {}
    for item in items(listed):
        thing, _, facts = item.partition(":")
        found = re.search(r"provides ([\w ]+),", facts)
        if found and thing in usable:
            sources.setdefault(found[1].strip(), thing)
    have, near = _inventory(page), {thing for thing, steps, _ in _seen(page) if steps <= 1}
    wanted: list[str] = []
    for need in ("drink", "food"):
        if have.get(need, 9) < 4 and need in sources:
            wanted.append(f"collect {need} from {sources[need]}")
    for action, required, nearby in _recipes(page.manual):
        made = action.lower().removeprefix("make ").removeprefix("place ")
        if have.get(made, 0) > 0 and action.lower().startswith("make"):
            continue
        if action.lower().startswith("place") and any(t == made for t, _, _ in _seen(page)):
            continue
        missing = [r for r, n in required.items() if have.get(r, 0) < n]
        absent = [thing for thing in nearby if thing not in near]
        if missing:
            wanted += [f"collect {r} from {sources[r]}" for r in missing if r in sources]
        elif absent:
            wanted += [f"go to {thing}" for thing in absent if any(t == thing for t, _, _ in _seen(page))]
        else:
            wanted.append(f"do {action}")
    wanted += [f"collect {r} from {t}" for r, t in sources.items() if have.get(r, 0) < 1]
    top = list(dict.fromkeys(wanted))[:3]
    return "; ".join(f"{task} ({5 - k} of 5)" for k, task in enumerate(top)) or "explore (1 of 5)"


def subtask_needs(page: Page) -> str:
    """Answer with what comes first in the sub-task that stands first above."""
    listed = page.answer_to("top 3 sub-tasks")
    if listed is None:
        return "no sub-tasks are listed above"
    top = re.sub(r" \(\d of 5\)", "", items(listed)[0])
    if top.startswith("do "):
        return f"first: {top}"
    target = re.search(r"(?:from|go to) ([\w ]+)$", top)
    if target is None:
        return "first: explore"
    thing = target[1]
    if thing == _faced(page) and top.startswith("collect"):
        return "first: do Do"
    places = [(steps, where) for t, steps, where in _seen(page) if t == thing]
    if not places:
        return "first: explore"
    steps, where = min(places)
    return f"first: walk {steps} steps {where} to {thing}"


def actions(page: Page) -> str:
    """Answer with actions that serve what is named above as the first thing to do."""
    first = page.answer_to("requirements for the top sub-task")
    if first is None or "first: " not in first:
        return "nothing to do is named above"
    what = first.partition("first: ")[2]
    if what.startswith("do "):
        return "; ".join([what.removeprefix("do "), "Noop"])
    towards = ""
    if found := re.match(r"walk \d+ steps ([\w-]+) to ([\w ]+)", what):
        towards = f" towards {found[2]}"
        ways = found[1].split("-")
        aside = [_TURN[w] for w in ways] + [_OPPOSITE[_TURN[w]] for w in ways]
        order = list(dict.fromkeys([*ways, *aside]))
    else:  # explore: on in the direction of the last move, else turn
        moved = re.match(r"Move (\w+)", last_action(page))
        begin = moved[1].lower() if moved else "north"
        order = [begin, _TURN[begin], _OPPOSITE[_TURN[begin]], _OPPOSITE[begin]]
    return "; ".join(f"Move {way.capitalize()}{towards}" for way in order[:5])


def actions_met(page: Page) -> str:
    """Answer, for each action listed above, whether what stands in its way can be walked on."""
    listed = page.answer_to("top 5 actions")
    if listed is None:
        return "no actions are listed above"
    walkable = _walkable(page.manual)
    beside = {where: thing for thing, steps, where in _seen(page) if steps == 1}
    said = []
    for action in items(listed):
        way = re.match(r"Move (\w+)(?: towards ([\w ]+))?", action)
        thing = beside.get(way[1].lower(), "") if way else ""
        blocked = bool(thing) and bool(walkable) and thing not in walkable
        toward = way is not None and thing == way[2]  # a move against it turns the player to it
        said.append(f"{action}: no, {thing} is in the way" if blocked and not toward else f"{action}: yes")
    return "; ".join(said)


def act(page: Page) -> str:
    """Answer with the first action that was answered with yes above, not one that just failed."""
    good = page.answer_to("each action in the list")
    if good is None:
        return "Noop"
    last, worked = page.answer_to("last action taken"), page.answer_to("last player action succeed") or ""
    names = [re.split(r":| towards ", item)[0].strip() for item in items(good) if ": yes" in item]
    fresh = [n for n in names if not (worked.startswith("no") and n == last)]
    return next(iter(fresh or names), "Noop")


def _seen(page: Page) -> list[tuple[str, int, str]]:
    found = (_STEPS.match(line) for line in page.observation)
    return [(m["thing"], int(m["steps"]), m["where"]) for m in found if m]


def _faced(page: Page) -> str:
    for line in page.observation:
        if found := re.match(r"You face ([\w ]+?) at your front", line):
            return found[1]
    return ""


def _inventory(page: Page) -> dict[str, int]:
    found = (_HAS.match(line) for line in page.observation)
    return {m["item"]: int(m["count"]) for m in found if m}


def _provides(thing: str, manual: list[str]) -> tuple[str, str]:
    """Return (what it gives, what that requires) as the manual says, ("", "") where it says nothing."""
    for sentence in sentences(manual):
        needs = r"(?:,? (?:and|but) requires? (?:an? )?([\w ]+?))?"
        gives = rf"\b{re.escape(thing)}s? (?:provides?|gives?) ([\w ]+?)"
        found = re.search(rf"{gives}{needs}[.;]?$", sentence.lower())
        if found:
            return found[1].strip(), (found[2] or "nothing").strip()
    return "", ""


def _recipes(manual: list[str]) -> list[tuple[str, dict[str, int], list[str]]]:
    """Return (action, items required, things that must be near), in the manual's order."""
    recipes = []
    for sentence in sentences(manual):
        found = re.match(r"((?:Make|Place) [A-Z][\w ]*?) requires (.+?)\.?$", sentence)
        if not found:
            continue
        needs = {
            name.strip(): int(n) for n, name in re.findall(r"(\d+) ([a-z][a-z ]*?)(?=,| and|$)", found[2])
        }
        nearby = re.findall(r"nearby ([a-z]+)", found[2])
        recipes.append((found[1].strip(), needs, nearby))
    return recipes


def _walkable(manual: list[str]) -> set[str]:
    for sentence in sentences(manual):
        if found := re.search(r"walk on ([\w, ]+)", sentence.lower()):
            return {w for w in re.split(r",| and | only| ", found[1]) if w}
    return set()

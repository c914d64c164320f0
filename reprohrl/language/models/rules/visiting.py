"""What the rule reader answers about a drone's mission: one step of inference for each question."""

from __future__ import annotations

import re

from reprohrl.language.models.rules.reading import Page, items, sentences

_NEGATIVE = re.compile(
    r"\b(never|not|no one|nobody|forbidden|prohibited|off limits|closed|keep away|stay away)\b", re.IGNORECASE
)
_NEEDS = re.compile(
    r"\b(?:only (?:be )?(?:visited )?(?:after|once|when)|requires?|needs?|"
    r"(?:not|never)\b.*?\b(?:before|until|unless)|"
    r"after|once|until|unless|only if)\b",
    re.IGNORECASE,
)
LOW_BATTERY_PERCENT = 15


def open_goals(page: Page) -> str:
    """Answer with each open goal and its distance, as far as the observation tells it."""
    found = re.search(r"\bopen ([\w, ]+)", page.line("progress"))
    names = [n.strip() for n in found[1].split(",")] if found else []
    if not names:
        current = re.search(r"\bcurrent (\w+)", page.line("progress"))
        names = [current[1]] if current else []
    return "; ".join(f"{n} {_distance(page, n)}" for n in names) or "none"


def reached(page: Page) -> str:
    found = re.search(r"\breached \(([\w, ]+)\)", page.line("progress"))
    return found[1].strip() if found else "none"


def rules(page: Page) -> str:
    """Answer, for each goal listed above, what the manual says of it."""
    goals = _names(page.answer_to("which goals are open"))
    if goals is None:
        return "no goals are listed above"
    said = [f"{g}: {rule}" for g in goals for rule in [_rule_for(g, page.manual)]]
    return "; ".join(said)


def met(page: Page) -> str:
    """Answer, for each requirement listed above, whether what was reached above meets it."""
    needs, done = page.answer_to("manual require"), page.answer_to("reached so far")
    if needs is None or done is None:
        return "no requirements are listed above"
    have = {n.strip() for n in done.split(",")}
    said = []
    for item in items(needs):
        goal, _, rule = (part.strip() for part in item.partition(":"))
        if rule == "forbidden":
            said.append(f"{goal}: no, it is forbidden")
            continue
        missing = [
            n
            for n in re.findall(r"\w+", rule.removeprefix("only after"))
            if n not in have | {"and", "nothing"}
        ]
        said.append(f"{goal}: no, {' and '.join(missing)} first" if missing else f"{goal}: yes")
    return "; ".join(said)


def ranking(page: Page) -> str:
    """Answer with the goals that were answered with yes above, the nearest first."""
    goals, good = page.answer_to("which goals are open"), page.answer_to("requirements met now")
    if goals is None or good is None:
        return "nothing is listed above"
    allowed = {item.partition(":")[0].strip() for item in items(good) if ": yes" in item}
    listed = [(_metres(item), item) for item in items(goals) if item.split()[0] in allowed]
    return "; ".join(item for _, item in sorted(listed, key=lambda pair: pair[0])) or "none"


def limits(page: Page) -> str:
    battery = re.search(r"battery (\d+) %", page.line("drone"))
    if battery and int(battery[1]) < LOW_BATTERY_PERCENT:
        return f"yes: the battery is at {battery[1]} %"
    return "no"


def act(page: Page) -> str:
    """Answer with the legal action for the first goal ranked above."""
    ranked = page.answer_to("the nearest first")
    if ranked is None:
        return next(iter(page.actions), "hold")  # nothing to go by: the first there is
    home = next((a for a in page.actions if "home" in a), "hold")
    against = page.answer_to("speak against")
    if against is not None and against.startswith("yes"):
        return home
    for item in items(ranked):
        name = item.split()[0]
        for action in page.actions:
            if re.search(rf"\b{re.escape(name)}\b", action):
                return action
    return home


def _rule_for(goal: str, manual: list[str]) -> str:
    """Return "forbidden", "only after ...", or "nothing"."""
    needed: list[str] = []
    for sentence in sentences(manual):
        words = sentence.lower()
        if not re.search(rf"\b{goal}s?\b", words):
            continue
        rule = _NEEDS.search(words)
        before = re.search(r"\bbefore\b", words)
        if rule:
            if re.search(rf"\b{goal}s?\b", words[: rule.start()]):
                needed += _objects(words[rule.end() :])
        elif before:
            if re.search(rf"\b{goal}s?\b", words[before.end() :]):
                needed += _objects(words[: before.start()])
        elif _NEGATIVE.search(words):
            return "forbidden"
    needed = [n for n in dict.fromkeys(needed) if n != goal]
    return f"only after {' and '.join(needed)}" if needed else "nothing"


def _objects(words: str) -> list[str]:
    """Return the nouns after "the" or "a", up to the end of the clause."""
    clause = re.split(r"[.;:]", words)[0]
    return re.findall(r"\b(?:the|a|an)\s+(\w+)", clause)


def _distance(page: Page, name: str) -> str:
    for head in ("sees", "remembers"):
        found = re.search(rf"\b{name} ([\d.]+) m\b", page.line(head))
        if found:
            return f"{found[1]} m"
    return "not seen"


def _metres(item: str) -> float:
    found = re.search(r"([\d.]+) m\b", item)
    return float(found[1]) if found else float("inf")


def _names(answer: str | None) -> list[str] | None:
    return None if answer is None else [item.split()[0] for item in items(answer) if item != "none"]

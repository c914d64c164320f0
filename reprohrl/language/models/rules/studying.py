"""What the rule reader answers about a piece of a document."""

from __future__ import annotations

import re

from reprohrl.language.models.rules.reading import Page, sentences

RULE_WORDS = re.compile(
    r"\b(only|after|before|requires?|required|needs?|never|must|may not|not allowed|forbidden|prohibited|"
    r"until|unless|first|off limits|closed|provides?|gives?|walk on)\b",
    re.IGNORECASE,
)


def relevant(page: Page) -> str:
    return "Yes" if any(RULE_WORDS.search(s) for s in sentences(page.manual)) else "No"


def extract(page: Page) -> str:
    """Return the sentences that state a rule, one in a line, without their headings."""
    found = [s for s in sentences(page.manual) if RULE_WORDS.search(s)]
    return "\n".join(dict.fromkeys(_without_heading(s) for s in found))


def deduplicate(page: Page) -> str:
    return "\n".join(dict.fromkeys(page.manual))


def _without_heading(sentence: str) -> str:
    return re.sub(r"^[A-Z][\w ]{0,40}: (?=[A-Z])", "", sentence)

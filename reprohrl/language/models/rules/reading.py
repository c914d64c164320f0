"""What stands in a prompt: the manual's lines, the observation, the legal actions, questions and answers."""

from __future__ import annotations

import re
from dataclasses import dataclass, field


@dataclass(slots=True)
class Page:
    """A prompt in its parts. `answers` are those given before the last question, in their order."""

    manual: list[str] = field(default_factory=list)
    observation: list[str] = field(default_factory=list)
    before: list[str] = field(default_factory=list)
    actions: list[str] = field(default_factory=list)
    answers: list[tuple[str, str]] = field(default_factory=list)
    question: str = ""

    def answer_to(self, *words: str) -> str | None:
        """Return the answer to the question that holds all these words, None where none was asked."""
        for question, answer in reversed(self.answers):
            if all(word in question.lower() for word in words):
                return answer
        return None

    def line(self, head: str) -> str:
        """Return what follows `head:` in the observation, "" where no line begins so."""
        for line in self.observation:
            if line.lower().startswith(f"{head}:"):
                return line[len(head) + 1 :].strip()
        return ""


_HEADS = {"observation:": "observation", "observation before:": "before", "legal actions:": "actions"}


def read(prompt: str) -> Page:
    """Sort the lines of a prompt; lines of no known part are not understood, and left out."""
    page, part = Page(), ""
    asked = ""
    for raw in prompt.splitlines():
        line = raw.strip()
        if line.startswith("| "):
            page.manual.append(line[2:].strip())
        elif line.lower() in _HEADS:
            part = _HEADS[line.lower()]
        elif line.startswith("Question:"):
            asked, part = line.removeprefix("Question:").strip(), ""
        elif line.startswith("Answer:"):
            answer = line.removeprefix("Answer:").strip()
            if answer:
                page.answers.append((asked, answer))
            page.question = asked
        elif part == "actions" and line.startswith("- "):
            page.actions.append(line[2:])
        elif part in ("observation", "before") and line:
            getattr(page, part).append(line)
    page.question = page.question or asked
    return page


def items(text: str) -> list[str]:
    """Return the items of a list with semicolons or slashes between them."""
    return [item.strip(" .") for item in re.split(r";| / ", text) if item.strip(" .")]


def sentences(lines: list[str]) -> list[str]:
    return [s.strip() for line in lines for s in re.split(r"(?<=[.!?])\s+", line) if s.strip()]

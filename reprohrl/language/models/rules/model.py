"""`RuleModel`: a deterministic reader of rules.

It knows no game and no mission: every fact it uses stands in its prompt. It makes one step of inference for
each question, from the manual, the observation and the answers above that question; an answer that was not
given to it does not exist for it. So it shows what a pipeline carries from a document to a decision, and
nothing about large models.
"""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Sequence

from reprohrl.language.models.model import (
    ANSWER_TOKENS,
    TIMEOUT_S,
    Answer,
    LanguageModelError,
    Trouble,
    Usage,
    rough_tokens,
)
from reprohrl.language.models.rules import crafting, studying, visiting
from reprohrl.language.models.rules.reading import Page, read

Skill = Callable[[Page], str]

SKILLS: tuple[tuple[str, Skill], ...] = (
    ("would this paragraph help|does this paragraph contain", studying.relevant),
    ("remove duplicate", studying.deduplicate),
    ("^write|^in plain text", studying.extract),
    ("which goals are open", visiting.open_goals),
    ("reached so far", visiting.reached),
    ("manual require", visiting.rules),
    ("are its requirements met", visiting.met),
    ("nearest first", visiting.ranking),
    ("speak against", visiting.limits),
    ("best of the legal actions|legal actions is best", visiting.act),
    ("last action taken", crafting.last_action),
    ("last player action succeed", crafting.success),
    ("list objects", crafting.objects),
    ("requirements met for interaction", crafting.objects_met),
    ("sub-tasks", crafting.subtasks),
    ("requirements for the top sub-task", crafting.subtask_needs),
    ("top 5 actions", crafting.actions),
    ("each action in the list", crafting.actions_met),
    ("best executable action", crafting.act),
)


class RuleModel:
    """Knows the kinds of questions it is asked, and nothing else; says so where it knows not."""

    name = "rules"
    scores = False
    deterministic = True

    def __init__(self) -> None:
        self._usage = Usage()

    @property
    def usage(self) -> Usage:
        return self._usage

    def score(
        self, prompt: str, candidates: Sequence[str], *, timeout_s: float = TIMEOUT_S
    ) -> tuple[float, ...]:
        raise LanguageModelError(Trouble.UNSUPPORTED, "the rule reader gives answers, not likelihoods")

    def generate(
        self, prompt: str, *, max_tokens: int = ANSWER_TOKENS, timeout_s: float = TIMEOUT_S
    ) -> Answer:
        began = time.monotonic()
        page = read(prompt)
        listed = re.findall(r"\(\d+\) (.+?)(?= \(\d+\) |$)", page.question)
        if listed:  # several questions at once: what it answers to one is not among the answers above another
            text = "\n".join(self._answer(_asking(page, question)) for question in listed)
        else:
            text = self._answer(page)
        usage = Usage(1, rough_tokens(prompt), rough_tokens(text))
        self._usage += usage
        return Answer(text, usage, time.monotonic() - began)

    def _answer(self, page: Page) -> str:
        question = page.question.lower()
        for pattern, skill in SKILLS:
            if re.search(pattern, question):
                return skill(page)
        return "I do not know."


def _asking(page: Page, question: str) -> Page:
    return Page(page.manual, page.observation, page.before, page.actions, page.answers, question)

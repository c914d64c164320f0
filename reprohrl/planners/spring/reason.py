"""Walk a graph of questions, parents first; each question sees the answers of its own parents alone."""

from __future__ import annotations

import time
from collections.abc import Callable

from reprohrl.language.models.choice import Choice, choose
from reprohrl.language.models.model import LanguageModel, LanguageModelError, Trouble
from reprohrl.planners.spring.dag import Dag
from reprohrl.planners.spring.prompt import Scene, question_prompt
from reprohrl.planners.trace import Step

LONGEST_ANSWER_CHARS = 1500


def reason(
    model: LanguageModel,
    dag: Dag,
    scene: Scene,
    *,
    timeout_s: float,
    answer_s: float,
    now: Callable[[], float] = time.monotonic,
    given_up: Callable[[], bool] = lambda: False,
) -> tuple[Choice, tuple[Step, ...]]:
    """Return the choice among the scene's actions and the way to it.

    `timeout_s` is for all questions together, `answer_s` for each; `given_up` is asked before each.
    Raises `LanguageModelError`.
    """
    answers: dict[str, str] = {}
    steps: list[Step] = []
    deadline = now() + timeout_s
    for question in dag.questions:
        left = min(answer_s, deadline - now())
        if given_up():
            raise LanguageModelError(Trouble.TIME_OUT, "nobody waits for the decision any more")
        if left <= 0:
            raise LanguageModelError(
                Trouble.TIME_OUT,
                f"{len(steps)} of {len(dag.questions)} questions were answered within {timeout_s:g} s",
                fix="a smaller graph, a faster model, or more time",
            )
        asked = {q.name: q.ask for q in dag.questions}
        prompt = question_prompt(scene, [(asked[p], answers[p]) for p in question.after], question.ask)
        began = now()
        if question.name == dag.final:
            choice = choose(model, prompt, scene.actions, timeout_s=left)
            text, usage = choice.text, choice.usage
        else:
            said = model.generate(prompt, timeout_s=left)
            text, usage = said.text[:LONGEST_ANSWER_CHARS], said.usage
        answers[question.name] = text
        took = now() - began
        steps.append(Step(question.name, question.ask, question.after, text, took, usage.tokens, usage.cost))
    return choice, tuple(steps)


def reason_flat(
    model: LanguageModel,
    dag: Dag,
    scene: Scene,
    *,
    timeout_s: float,
    now: Callable[[], float] = time.monotonic,
) -> tuple[Choice, tuple[Step, ...]]:
    """Ask the same questions as one list in one prompt: what the graph is measured against."""
    listed = " ".join(f"({k}) {q.ask}" for k, q in enumerate(dag.questions, 1))
    prompt = question_prompt(scene, [], f"Answer these questions in their order, one in a line. {listed}")
    began = now()
    choice = choose(model, prompt, scene.actions, timeout_s=timeout_s, max_tokens=128 * len(dag.questions))
    step = Step("list", listed, (), choice.text, now() - began, choice.usage.tokens, choice.usage.cost)
    return choice, (step,)

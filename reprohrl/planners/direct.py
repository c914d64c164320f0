"""The direct planner: one prompt, one choice."""

from __future__ import annotations

from reprohrl.language.models.choice import choose
from reprohrl.language.models.model import LanguageModel
from reprohrl.planners.spring.prompt import Scene, question_prompt
from reprohrl.planners.thinker import Request, Thought
from reprohrl.planners.trace import Step

ROLE = "You choose what a small drone does next. Keep to the manual's rules."
QUESTION = "Which of the legal actions is best now? Answer with that action alone, in the same words."


class DirectThinker:
    """Puts document, observation and legal actions into one prompt."""

    name = "direct"

    def __init__(self, model: LanguageModel, document: str = "", *, answer_s: float = 20.0) -> None:
        self.model, self._document, self._answer_s = model, document, answer_s
        self.deterministic = model.deterministic

    def reset(self, *, seed: int = 0) -> None:
        """Nothing is remembered between decisions."""

    def think(self, request: Request) -> Thought:
        scene = Scene(ROLE, self._document, request.observation, request.candidates)
        prompt = question_prompt(scene, (), QUESTION)
        choice = choose(
            self.model, prompt, request.candidates, timeout_s=min(self._answer_s, request.timeout_s)
        )
        step = Step("act", QUESTION, (), choice.text, choice.seconds, choice.usage.tokens, choice.usage.cost)
        why = choice.reason
        if not why and choice.scores:
            why = f"{max(choice.scores):.2f} of the model's belief"
        return Thought(choice.index, why, (step,))

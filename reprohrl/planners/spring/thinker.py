"""SPRING as a thinker: the notes of a document, studied before the flight, and a graph of questions."""

from __future__ import annotations

from reprohrl.language.models.model import LanguageModel
from reprohrl.planners.spring.dag import Dag
from reprohrl.planners.spring.prompt import Scene
from reprohrl.planners.spring.reason import reason, reason_flat
from reprohrl.planners.thinker import Request, Thought


class SpringThinker:
    """Reasons with the document's notes. `flat` asks one list in place of the graph, for comparison."""

    name = "spring"

    def __init__(
        self, model: LanguageModel, dag: Dag, notes: str = "", *, answer_s: float = 20.0, flat: bool = False
    ) -> None:
        self.model, self._dag, self._notes = model, dag, notes
        self._answer_s, self._flat = answer_s, flat
        self.deterministic = model.deterministic

    def reset(self, *, seed: int = 0) -> None:
        """What was studied stays; nothing else is remembered here."""

    def think(self, request: Request) -> Thought:
        before = request.before
        if before and request.chosen_before:
            before = f"{before}\nchosen then: {request.chosen_before}"
        scene = Scene(self._dag.role, self._notes, request.observation, request.candidates, before)
        if self._flat:
            choice, steps = reason_flat(self.model, self._dag, scene, timeout_s=request.timeout_s)
        else:
            choice, steps = reason(
                self.model, self._dag, scene, timeout_s=request.timeout_s, answer_s=self._answer_s,
                given_up=request.given_up.is_set,
            )  # fmt: skip
        why = choice.reason
        if not why:
            by_name = {step.name: step.answer for step in steps}
            final = next(q for q in self._dag.questions if q.name == self._dag.final)
            why = by_name.get(final.after[0], "") if final.after and not self._flat else ""
        return Thought(choice.index, why, steps)

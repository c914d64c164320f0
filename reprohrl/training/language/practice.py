"""What `tiny` practises on: the rule reader's answers to the drone's questions, on scenes drawn at random."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np

from reprohrl.contracts.vocabulary import GOAL_CLASSES
from reprohrl.language.models.rules.model import RuleModel
from reprohrl.planners import direct
from reprohrl.planners.spring.dag import load_dag
from reprohrl.planners.spring.prompt import Scene, question_prompt
from reprohrl.planners.spring.reason import reason


class Learner(Protocol):
    def train_step(self, pairs: Sequence[tuple[str, str]]) -> float: ...


@dataclass(frozen=True, slots=True)
class Practice:
    """`steps` of the optimiser on `batch` pairs each."""

    steps: int = 120
    batch: int = 8
    version: int = 1


PRACTICE = Practice()
_PLACES = ("ahead", "ahead left", "left", "behind", "right", "ahead right")


def practise(model: Learner, practice: Practice = PRACTICE, *, seed: int = 0) -> list[float]:
    """Train on fresh pairs; return the loss of every step [nat per word]."""
    rng = np.random.default_rng(seed)
    losses = []
    pairs: list[tuple[str, str]] = []
    for _ in range(practice.steps):
        while len(pairs) < practice.batch:
            pairs += lessons(rng)
        losses.append(model.train_step(pairs[: practice.batch]))
        pairs = pairs[practice.batch :]
    return losses


def lessons(rng: np.random.Generator) -> list[tuple[str, str]]:
    """Return pairs of prompt and answer of one scene: spring's questions, and the direct planner's."""
    scene = draw_scene(rng)
    dag, teacher = load_dag("drone"), RuleModel()
    choice, steps = reason(teacher, dag, scene, timeout_s=60.0, answer_s=60.0)
    asked = {q.name: q.ask for q in dag.questions}
    said = {s.name: s.answer for s in steps}
    pairs = [
        (question_prompt(scene, [(asked[p], said[p]) for p in s.parents], s.question), s.answer)
        for s in steps
    ]
    plain = Scene(direct.ROLE, scene.notes, scene.observation, scene.actions)
    # The last question decides: it is practised as often as all others together.
    last = [(question_prompt(plain, (), direct.QUESTION), scene.actions[choice.index]), pairs[-1]]
    return [*pairs[:-1], *last * 3]


def draw_scene(rng: np.random.Generator) -> Scene:
    """Return a scene as the renderer writes it, with one to four open goals."""
    names = [GOAL_CLASSES[k] for k in rng.permutation(len(GOAL_CLASSES))]
    count, done = int(rng.integers(1, 5)), int(rng.integers(0, 2))
    goals, reached = names[:count], names[count : count + done]
    known = [g for g in goals if rng.random() < 0.6]
    seen = [f"{g} {rng.uniform(0.4, 4.0):.1f} m {rng.choice(_PLACES)}" for g in known]
    progress = f"{done} of {count + done} reached" + (f" ({', '.join(reached)})" if reached else "")
    progress += (
        f"; current {goals[0]}" + (f"; open {', '.join(goals)}" if count > 1 else "") + "; phase active"
    )
    observation = "\n".join(
        (
            f"mission: visit {', '.join([*reached, *goals])}",
            f"progress: {progress}",
            f"drone: height 0.8 m; speed 0.3 m/s; battery {rng.integers(20, 100)} %",
            f"sees: {', '.join(seen) or 'nothing'}",
            "remembers: nothing",
        )
    )
    actions = [f"go to the {g}" if g in known else f"search for the {g}" for g in goals]
    actions += ["go on through the doorway"] * bool(rng.random() < 0.4)
    actions += ["return home"] * bool(rng.random() < 0.2)
    return Scene("You choose what a small drone does next.", "", observation, (*actions, "hold"))

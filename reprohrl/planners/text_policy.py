"""A text policy, trained offline on games of words, as a planner: it scores the legal options."""

from __future__ import annotations

import importlib
from collections import deque
from collections.abc import Sequence
from pathlib import Path
from typing import Protocol

from reprohrl.contracts.errors import UserError
from reprohrl.language.models.choice import softmax
from reprohrl.language.render import Rendering
from reprohrl.planners.thinker import Request, Thought
from reprohrl.planners.trace import Step

KEPT_TURNS = 8
"""Decisions a policy may look back on."""


class TextPolicy(Protocol):
    def score(self, history: tuple[str, ...], candidates: list[str]) -> list[float]:
        """Score each candidate after a history of observation, action, observation, ... texts."""
        ...


def load_text_policy(folder: Path) -> TextPolicy:
    """Load a policy that `reprohrl lmrl train` wrote. Raises `UserError` where there is none."""
    if not folder.exists():
        raise UserError(f"there is no policy in {folder}", fix="train one: reprohrl lmrl train")
    policy: TextPolicy = importlib.import_module("reprohrl.training.lmrl").load_policy(folder)
    return policy


class PolicyThinker:
    """Keeps the history of its own decisions and takes the best-scored legal option.

    A policy with a `rendering` reads observations written that way, as in its games.
    """

    name = "ilql"
    deterministic = True

    def __init__(self, policy: TextPolicy) -> None:
        self._policy = policy
        self.rendering: Rendering | None = getattr(policy, "rendering", None)
        self._history: deque[str] = deque(maxlen=2 * KEPT_TURNS)

    def reset(self, *, seed: int = 0) -> None:
        self._history.clear()

    def think(self, request: Request) -> Thought:
        values: Sequence[float] = self._policy.score(
            (*self._history, request.observation), list(request.candidates)
        )
        if len(values) != len(request.candidates):
            return Thought(-1, f"the policy scored {len(values)} of {len(request.candidates)} options")
        shares = softmax(values)
        best = max(range(len(shares)), key=lambda k: (shares[k], -k))
        self._history += [request.observation, request.candidates[best]]
        said = ", ".join(f"{c} {s:.2f}" for c, s in zip(request.candidates, shares, strict=True))
        step = Step("score", "How good is each of the legal options?", (), said)
        return Thought(best, f"scored {shares[best]:.2f}", (step,))

"""A text policy, trained offline on games of words, as a planner: it scores the legal options."""

from __future__ import annotations

import importlib
import json
from collections import deque
from collections.abc import Sequence
from pathlib import Path
from typing import Protocol

from reprohrl.contracts.errors import UserError
from reprohrl.language.models.choice import softmax
from reprohrl.language.render import Rendering
from reprohrl.planners.thinker import Request, Thought
from reprohrl.planners.trace import Step

GAME = "dronenav"
"""The game of `reprohrl lmrl` whose policies fly missions."""

KEPT_TURNS = 8
"""Decisions a policy may look back on."""


class TextPolicy(Protocol):
    def score(self, history: tuple[str, ...], candidates: list[str]) -> list[float]:
        """Score each candidate after a history of observation, action, observation, ... texts."""
        ...


def load_text_policy(folder: Path) -> TextPolicy:
    """Load a policy that `reprohrl lmrl train` wrote for drone missions. Raises `UserError` for any other."""
    fix = f"train one: reprohrl lmrl train --task {GAME}"
    try:
        played = json.loads((folder / "config.json").read_text())["task"]
    except (OSError, ValueError, KeyError, TypeError) as error:
        why = f"its config.json: {type(error).__name__}"
        raise UserError(f"there is no policy in {folder}", why=why, fix=fix) from error
    if played != GAME:
        raise UserError(f"the policy in {folder} plays {played}", why="it never saw a mission", fix=fix)
    policy: TextPolicy = importlib.import_module("reprohrl.training.lmrl").load_policy(folder)
    return policy


def game_text(observation: str, candidates: Sequence[str]) -> str:
    """Return what a policy reads: the observation as its games render it, and the legal options."""
    return f"{observation}\noptions: {', '.join(candidates)}\n"


class PolicyThinker:
    """Keeps the history of its own decisions and takes the best-scored legal option."""

    name = "ilql"
    deterministic = True
    rendering = Rendering(coarse=True, mission=False, around=False)

    def __init__(self, policy: TextPolicy) -> None:
        self._policy = policy
        self._history: deque[str] = deque(maxlen=2 * KEPT_TURNS)

    def reset(self, *, seed: int = 0) -> None:
        self._history.clear()

    def think(self, request: Request) -> Thought:
        observation = game_text(request.observation, request.candidates)
        values: Sequence[float] = self._policy.score((*self._history, observation), list(request.candidates))
        if len(values) != len(request.candidates):
            return Thought(-1, f"the policy scored {len(values)} of {len(request.candidates)} options")
        shares = softmax(values)
        best = max(range(len(shares)), key=lambda k: (shares[k], -k))
        self._history += [observation, f"{request.candidates[best]}\n"]
        said = ", ".join(f"{c} {s:.2f}" for c, s in zip(request.candidates, shares, strict=True))
        step = Step("score", "How good is each of the legal options?", (), said)
        return Thought(best, f"scored {shares[best]:.2f}", (step,))

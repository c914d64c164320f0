"""What all algorithms share: one `step`, and a state that can be put away and taken up again."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any, Protocol

import torch
from torch import nn

from reprohrl.lmrl.game import Game
from reprohrl.lmrl.words import Words
from reprohrl.training.lmrl.model import Speaker, Valuer
from reprohrl.training.lmrl.rows import Recorded
from reprohrl.training.lmrl.settings import Settings
from reprohrl.training.lmrl.talker import Talker


@dataclass(frozen=True, slots=True)
class Setup:
    """What a learner starts from. `speaker` is the cloned policy, except for cloning: new there."""

    settings: Settings
    words: Words
    data: Recorded
    speaker: Speaker
    turns: int
    most_words: int
    make: Callable[[], Game]
    seed: int

    def talker(self, speaker: Speaker, valuer: Valuer | None = None) -> Talker:
        return Talker(
            self.words, speaker, turns=self.turns, most_words=self.most_words, valuer=valuer,
            beta=self.settings.beta, seed=self.seed,
        )  # fmt: skip


class Learner(Protocol):
    """An algorithm at work."""

    def step(self, number: int) -> dict[str, float]:
        """Do one update (or one online round); return numbers for the curve."""
        ...

    def modules(self) -> dict[str, nn.Module]:
        """Return the networks by name: what is saved."""
        ...

    def optimiser(self) -> torch.optim.Optimizer: ...

    def talker(self) -> Talker:
        """Return the policy as it is now."""
        ...


def state(learner: Learner) -> dict[str, Any]:
    """Return all that a learner needs to go on."""
    return {
        "modules": {name: module.state_dict() for name, module in learner.modules().items()},
        "optimiser": learner.optimiser().state_dict(),
    }


def restore(learner: Learner, kept: dict[str, Any]) -> None:
    for name, module in learner.modules().items():
        module.load_state_dict(kept["modules"][name])
    learner.optimiser().load_state_dict(kept["optimiser"])


def adam(modules: Iterable[nn.Module], settings: Settings) -> torch.optim.Adam:
    return torch.optim.Adam([p for m in modules for p in m.parameters()], lr=settings.rate)


def pace(optimiser: torch.optim.Optimizer, settings: Settings, number: int) -> None:
    """Let the learning rate stay for half of the updates, then fall in a straight line to a twentieth."""
    share = min(number / max(settings.steps, 1), 1.0)
    for group in optimiser.param_groups:
        group["lr"] = settings.rate * min(1.0, 1.95 - 1.9 * share)


def descend(optimiser: torch.optim.Optimizer, loss: torch.Tensor) -> float:
    """Do one step down `loss`, with gradients of at most norm 1 in each group of weights; return the loss."""
    optimiser.zero_grad(set_to_none=True)
    loss.backward()  # type: ignore[no-untyped-call]
    for group in optimiser.param_groups:
        nn.utils.clip_grad_norm_(group["params"], 1.0)
    optimiser.step()
    return float(loss.detach())

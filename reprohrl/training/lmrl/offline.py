"""Learning from recorded play alone: cloning, returns, and implicit language Q-learning."""

from __future__ import annotations

import copy

import numpy as np
import torch
from torch import nn

from reprohrl.training.lmrl import losses
from reprohrl.training.lmrl.learner import Setup, adam, descend, pace
from reprohrl.training.lmrl.model import Reader, Valuer, supported
from reprohrl.training.lmrl.rows import Batch
from reprohrl.training.lmrl.talker import Talker


def valuer_from(setup: Setup) -> Valuer:
    """Return values that say the mean return, on a reader that starts as the cloned policy's."""
    valuer = Valuer(setup.speaker.reader.shape, *setup.data.units())
    valuer.reader.load_state_dict(setup.speaker.reader.state_dict())
    return valuer


class Cloning:
    """Says what was said. Filtered cloning is this, on the best episodes."""

    def __init__(self, setup: Setup) -> None:
        self.setup, self.speaker = setup, setup.speaker
        self._adam = adam([self.speaker], setup.settings)

    def step(self, number: int) -> dict[str, float]:
        batch = draw(self.setup, number)
        scores = self.speaker.next_word(states(self.speaker.reader, batch))
        pace(self._adam, self.setup.settings, number)
        return {"loss": descend(self._adam, losses.cloning(scores, batch))}

    def modules(self) -> dict[str, nn.Module]:
        return {"speaker": self.speaker}

    def optimiser(self) -> torch.optim.Optimizer:
        return self._adam

    def talker(self) -> Talker:
        return self.setup.talker(self.speaker)


class MonteCarlo:
    """Q learns the returns that followed; the cloned policy is moved by it."""

    def __init__(self, setup: Setup) -> None:
        self.setup, self.valuer = setup, valuer_from(setup)
        self._adam = adam([self.valuer], setup.settings)

    def step(self, number: int) -> dict[str, float]:
        batch = draw(self.setup, number)
        loss = regression(self.valuer, batch, batch.returns, self.setup.settings.conservatism)
        pace(self._adam, self.setup.settings, number)
        return {"loss": descend(self._adam, loss)}

    def modules(self) -> dict[str, nn.Module]:
        return {"speaker": self.setup.speaker, "valuer": self.valuer}

    def optimiser(self) -> torch.optim.Optimizer:
        return self._adam

    def talker(self) -> Talker:
        return self.setup.talker(self.setup.speaker, self.valuer)


class Ilql:
    """Q learns r + gamma V(next); V is the expectile of the target Q over the words of the clone.

    V is computed, where the paper learns it: a learned one takes the expectile over texts as well, for
    as long as the network does not tell them apart, and then rises above what can be earned.
    """

    def __init__(self, setup: Setup) -> None:
        self.setup, self.valuer = setup, valuer_from(setup)
        self.target = copy.deepcopy(self.valuer).requires_grad_(False)
        self._adam = adam([self.valuer], setup.settings)

    def step(self, number: int) -> dict[str, float]:
        s, batch = self.setup.settings, draw(self.setup, number)
        with torch.no_grad():
            aim = batch.returns if number < s.warm else self._aim(batch)
        loss = regression(self.valuer, batch, aim, s.conservatism)
        pace(self._adam, s, number)
        said = descend(self._adam, loss)
        self._follow()
        return {"loss": said, "value": float(batch.mean(aim))}

    def _aim(self, batch: Batch) -> torch.Tensor:
        inside = self._worth(batch.words, batch.row, batch.after.clamp(min=0))
        outside = self._worth(batch.following, torch.arange(len(batch.following)), batch.end)
        return batch.reward + self.setup.settings.gamma * losses.next_values(inside, outside, batch)

    def _worth(self, words: torch.Tensor, row: torch.Tensor, at: torch.Tensor) -> torch.Tensor:
        """Return V of the texts that end at `words[row, at]`."""
        speaker = self.setup.speaker
        log_p = supported(speaker.next_word(speaker.reader(words)[row, at]))
        values = self.target.least(self.target.reader(words)[row, at])
        return losses.expectile(values, log_p, self.setup.settings.tau)

    @torch.no_grad()
    def _follow(self) -> None:
        """Move the target network towards the learned one."""
        for old, new in zip(self.target.parameters(), self.valuer.parameters(), strict=True):
            old.lerp_(new, self.setup.settings.polyak)

    def modules(self) -> dict[str, nn.Module]:
        return {"speaker": self.setup.speaker, "valuer": self.valuer, "target": self.target}

    def optimiser(self) -> torch.optim.Optimizer:
        return self._adam

    def talker(self) -> Talker:
        return self.setup.talker(self.setup.speaker, self.target)


def regression(valuer: Valuer, batch: Batch, aim: torch.Tensor, conservatism: float) -> torch.Tensor:
    """Return the loss of both values, each on its own."""
    hidden = states(valuer.reader, batch)
    first, second = (losses.value(q(hidden), aim, batch, conservatism) for q in (valuer.q1, valuer.q2))
    return first + second


def states(reader: Reader, batch: Batch) -> torch.Tensor:
    """Return what the reader holds before each action word (N, width)."""
    hidden: torch.Tensor = reader(batch.words)[batch.row, batch.at - 1]
    return hidden


def draw(setup: Setup, number: int) -> Batch:
    """Return the batch of update `number`: the same one whenever that update is done."""
    return setup.data.draw(np.random.default_rng((setup.seed, number)), setup.settings.rows)

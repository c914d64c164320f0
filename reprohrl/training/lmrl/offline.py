"""Learning from recorded play alone: cloning, returns, and implicit language Q-learning."""

from __future__ import annotations

import copy

import numpy as np
import torch
from torch import nn

from reprohrl.training.lmrl import losses
from reprohrl.training.lmrl.learner import Setup, adam, descend, pace
from reprohrl.training.lmrl.model import Reader, Valuer
from reprohrl.training.lmrl.rows import Batch
from reprohrl.training.lmrl.talker import Talker


def valuer_from(setup: Setup) -> Valuer:
    """Return values that say the mean return, on a reader that starts as the cloned policy's."""
    returns = np.concatenate([e.returns for e in setup.data.episodes])
    spread = max(float(returns.std()), 1e-3)
    valuer = Valuer(setup.speaker.reader.shape, float(returns.mean()), spread)
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
        hidden = states(self.valuer.reader, batch)
        w = self.setup.settings.conservatism
        pace(self._adam, self.setup.settings, number)
        loss = losses.monte_carlo(self.valuer.q1(hidden), batch, w)
        loss = loss + losses.monte_carlo(self.valuer.q2(hidden), batch, w)
        return {"loss": descend(self._adam, loss)}

    def modules(self) -> dict[str, nn.Module]:
        return {"speaker": self.setup.speaker, "valuer": self.valuer}

    def optimiser(self) -> torch.optim.Optimizer:
        return self._adam

    def talker(self) -> Talker:
        return self.setup.talker(self.setup.speaker, self.valuer)


class Ilql:
    """Q and V by expectile regression towards the best recorded continuation."""

    def __init__(self, setup: Setup) -> None:
        self.setup, self.valuer = setup, valuer_from(setup)
        self._most = max(float(e.returns.max()) for e in setup.data.episodes)
        self.target = copy.deepcopy(self.valuer).requires_grad_(False)
        self._adam = adam([self.valuer], setup.settings)

    def step(self, number: int) -> dict[str, float]:
        s, batch = self.setup.settings, draw(self.setup, number)
        if number < s.warm:
            return self._from_returns(batch, number)
        everywhere = self.valuer.reader(batch.words)
        hidden = everywhere[batch.row, batch.at - 1]
        v = self.valuer.v(hidden)[:, 0]
        with torch.no_grad():
            far = states(self.target.reader, batch)
            targets = (self.target.q1(far), self.target.q2(far))
            inside = self.valuer.v(everywhere[batch.row, batch.after.clamp(min=0)])[:, 0]
            after = losses.next_values(inside, self._following(batch), batch)
        pace(self._adam, s, number)
        loss = losses.ilql(
            (self.valuer.q1(hidden), self.valuer.q2(hidden)), v, targets, after, batch,
            gamma=s.gamma, tau=s.tau, conservatism=s.conservatism,
            most=self._most,
        )  # fmt: skip
        said = descend(self._adam, loss)
        self._follow()
        return {"loss": said, "value": float(v.detach().mean())}

    def _from_returns(self, batch: Batch, number: int) -> dict[str, float]:
        """Begin with the values of the recorded play: backing up from there finds rare goals sooner."""
        s = self.setup.settings
        hidden = states(self.valuer.reader, batch)
        v = self.valuer.v(hidden)[:, 0]
        loss = 0.5 * (v - batch.returns).square().mean()
        for q in (self.valuer.q1, self.valuer.q2):
            loss = loss + losses.monte_carlo(q(hidden), batch, s.conservatism)
        pace(self._adam, s, number)
        said = descend(self._adam, loss)
        self._follow()
        return {"loss": said, "value": float(v.detach().mean())}

    @torch.no_grad()
    def _follow(self) -> None:
        """Move the target network towards the learned one."""
        for old, new in zip(self.target.parameters(), self.valuer.parameters(), strict=True):
            old.lerp_(new, self.setup.settings.polyak)

    def _following(self, batch: Batch) -> torch.Tensor:
        """Return V of the next observations that stand in no row."""
        hidden = self.valuer.reader(batch.following)
        v: torch.Tensor = self.valuer.v(hidden[torch.arange(len(hidden)), batch.end])[:, 0]
        return v

    def modules(self) -> dict[str, nn.Module]:
        return {"speaker": self.setup.speaker, "valuer": self.valuer, "target": self.target}

    def optimiser(self) -> torch.optim.Optimizer:
        return self._adam

    def talker(self) -> Talker:
        return self.setup.talker(self.setup.speaker, self.target)


def states(reader: Reader, batch: Batch) -> torch.Tensor:
    """Return what the reader holds before each action word (N, width)."""
    hidden: torch.Tensor = reader(batch.words)[batch.row, batch.at - 1]
    return hidden


def draw(setup: Setup, number: int) -> Batch:
    """Return the batch of update `number`: the same one whenever that update is done."""
    return setup.data.draw(np.random.default_rng((setup.seed, number)), setup.settings.rows)

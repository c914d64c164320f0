"""Learning from one's own play, beginning with the cloned policy: PPO and online filtered cloning."""

from __future__ import annotations

import copy
from collections.abc import Sequence

import numpy as np
import torch
from torch import nn

from reprohrl.lmrl.play import play
from reprohrl.lmrl.trajectory import Trajectory, best
from reprohrl.training.lmrl import losses
from reprohrl.training.lmrl.learner import Setup, adam, descend
from reprohrl.training.lmrl.model import Critic
from reprohrl.training.lmrl.offline import states
from reprohrl.training.lmrl.rows import TERMINAL, Batch, Recorded
from reprohrl.training.lmrl.talker import Talker


class Online:
    """What both share: a speaker that starts as the clone, and rounds of play."""

    def __init__(self, setup: Setup) -> None:
        self.setup = setup
        self.speaker = copy.deepcopy(setup.speaker)

    def play(self, number: int) -> list[Trajectory]:
        """Return the play of round `number`: new episodes each round, the same whenever it is done."""
        count = self.setup.settings.rollouts
        first = 10_000 + number * count
        return play(self.setup.make, self.talker(), range(first, first + count))

    def recorded(self, played: Sequence[Trajectory]) -> Recorded:
        return Recorded(played, self.setup.words, turns=self.setup.turns, gamma=self.setup.settings.gamma)

    def talker(self) -> Talker:
        return self.setup.talker(self.speaker)


class OnlineFilteredCloning(Online):
    """Plays, keeps the best episodes, says what was said in them."""

    def __init__(self, setup: Setup) -> None:
        super().__init__(setup)
        self._adam = adam([self.speaker], setup.settings)

    def step(self, number: int) -> dict[str, float]:
        played = self.play(number)
        kept = self.recorded(best(played, self.setup.settings.keep))
        turns = sum(e.turns for e in kept.episodes)
        size = self.setup.settings.rows
        count = max(1, round(self.setup.settings.passes * turns / (size * min(self.setup.turns, 4))))
        rng = np.random.default_rng((self.setup.seed, number))
        loss = 0.0
        for _ in range(count):
            batch = kept.draw(rng, size)
            scores = self.speaker.next_word(states(self.speaker.reader, batch))
            loss = descend(self._adam, losses.cloning(scores, batch))
        return {"loss": loss, "played": float(np.mean([t.score for t in played]))}

    def modules(self) -> dict[str, nn.Module]:
        return {"speaker": self.speaker}

    def optimiser(self) -> torch.optim.Optimizer:
        return self._adam


class Ppo(Online):
    """Proximal policy optimisation over words, held near the cloned policy."""

    def __init__(self, setup: Setup) -> None:
        super().__init__(setup)
        middle, self.spread = setup.data.units()
        self.critic = Critic(setup.speaker.reader.shape, middle, self.spread)
        self.critic.reader.load_state_dict(setup.speaker.reader.state_dict())
        self._adam = adam([self.speaker], setup.settings)
        self._adam.add_param_group({"params": [*self.critic.parameters()], "lr": setup.settings.value_rate})

    def step(self, number: int) -> dict[str, float]:
        s = self.setup.settings
        played = self.play(number)
        kept = self.recorded(played)
        batches = kept.pieces(s.rows)
        with torch.no_grad():
            aims = [self._aim(batch) for batch in batches]
            ordered = advantages(batches, aims, gamma=s.gamma, lam=s.lam)
            flat = torch.cat(ordered)
            mean, spread = flat.mean(), flat.std() + 1e-6
        rng = np.random.default_rng((self.setup.seed, number))
        loss, divergence, surprise = 0.0, 0.0, 0.0
        for _ in range(s.passes):
            for i in rng.permutation(len(batches)):
                batch, (old, value, _) = batches[i], aims[i]
                log_p, values, kl = self._now(batch)
                gain, error = losses.ppo(
                    log_p, old, (ordered[i] - mean) / spread, values / self.spread,
                    (ordered[i] + value) / self.spread, clip=s.clip,
                )  # fmt: skip
                loss = descend(self._adam, error if number < s.warm else gain + error + s.kl * kl)
                divergence, surprise = float(kl.detach()), float(error.detach())
        return {
            "loss": loss, "value": surprise, "kl": divergence,
            "played": float(np.mean([t.score for t in played])),
        }  # fmt: skip

    def _aim(self, batch: Batch) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
        """Return log p of the chosen words, values before them, and values behind them (N,)."""
        log_p = torch.log_softmax(self.speaker.next_word(states(self.speaker.reader, batch)), dim=1)
        everywhere = self.critic.reader(batch.words)
        inside = self.critic(everywhere[batch.row, batch.after.clamp(min=0)])
        far = self.critic.reader(batch.following)
        outside = self.critic(far[torch.arange(len(far)), batch.end])
        after = losses.next_values(inside, outside, batch)
        before = self.critic(everywhere[batch.row, batch.at - 1])
        return log_p.gather(1, batch.chosen[:, None])[:, 0], before, after

    def _now(self, batch: Batch) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
        """Return log p of the chosen words, the values, and the mean divergence from the clone."""
        clone = self.setup.speaker
        log_p = torch.log_softmax(self.speaker.next_word(states(self.speaker.reader, batch)), dim=1)
        with torch.no_grad():
            first = torch.log_softmax(clone.next_word(states(clone.reader, batch)), dim=1)
        kl = (log_p.exp() * (log_p - first)).sum(dim=1).mean()
        values = self.critic(states(self.critic.reader, batch))
        return log_p.gather(1, batch.chosen[:, None])[:, 0], values, kl

    def modules(self) -> dict[str, nn.Module]:
        return {"speaker": self.speaker, "critic": self.critic}

    def optimiser(self) -> torch.optim.Optimizer:
        return self._adam


def advantages(
    batches: Sequence[Batch],
    aims: Sequence[tuple[torch.Tensor, torch.Tensor, torch.Tensor]],
    *,
    gamma: float,
    lam: float,
) -> list[torch.Tensor]:
    """Return generalised advantage estimates of all words, batch by batch, in the order of play.

    The batches hold whole episodes in order, so what follows a word is the next word, up to a TERMINAL.
    """
    reward = torch.cat([b.reward for b in batches])
    ends = torch.cat([b.after for b in batches]) == TERMINAL
    value = torch.cat([a[1] for a in aims])
    after = torch.cat([a[2] for a in aims])
    delta = reward + gamma * after - value
    found = torch.zeros_like(delta)
    running = 0.0
    for i in range(len(delta) - 1, -1, -1):
        running = float(delta[i]) + (0.0 if ends[i] else gamma * lam * running)
        found[i] = running
    return list(found.split([len(b.row) for b in batches]))

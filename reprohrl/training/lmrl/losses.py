"""The losses of the paper, over the action words of a batch. All are means over the recorded words.

Sources: ILQL, Snell et al., arXiv 2206.11871; its form in LMRL-Gym, arXiv 2311.18232; PPO, arXiv
1707.06347.
"""

from __future__ import annotations

import torch
from torch.nn import functional

from reprohrl.training.lmrl.rows import FOLLOWS, TERMINAL, Batch

EXPECTILE_STEPS = 8


def cloning(scores: torch.Tensor, batch: Batch) -> torch.Tensor:
    """Return -log p of the recorded words; `scores` (N, words)."""
    return batch.mean(functional.cross_entropy(scores, batch.chosen, reduction="none"))


def value(values: torch.Tensor, aim: torch.Tensor, batch: Batch, conservatism: float) -> torch.Tensor:
    """Return half the squared error of `values` (N, words) to `aim` (N,), plus the conservative term."""
    picked = values.gather(1, batch.chosen[:, None])[:, 0]
    return 0.5 * batch.mean((picked - aim).square()) + conservatism * cloning(values, batch)


def expectile(values: torch.Tensor, log_p: torch.Tensor, tau: float) -> torch.Tensor:
    """Return the `tau` expectile of `values` (N, words) among words with chances exp `log_p`, (N,).

    It is the v at which tau times the mean excess equals 1 - tau times the mean lack. Newton's steps from
    the mean come to it in as many steps as there are words at most; 8 were enough for four moves.
    """
    chance = log_p.exp()
    found = (chance * values).sum(dim=1) / chance.sum(dim=1)
    for _ in range(EXPECTILE_STEPS):
        weight = chance * torch.where(values > found[:, None], tau, 1.0 - tau)
        found = (weight * values).sum(dim=1) / weight.sum(dim=1)
    return found


def next_values(inside: torch.Tensor, outside: torch.Tensor, batch: Batch) -> torch.Tensor:
    """Return the value of the state after each action word, 0 after the last (N,).

    `inside` (N,) of `batch.after` where that is a position; `outside` (others,) of the next
    observations of `batch.following`.
    """
    there = torch.where(batch.after == FOLLOWS, outside[batch.follower], inside)
    return torch.where(batch.after == TERMINAL, torch.zeros_like(there), there)


def ppo(
    log_p: torch.Tensor,
    old_log_p: torch.Tensor,
    advantage: torch.Tensor,
    values: torch.Tensor,
    returns: torch.Tensor,
    *,
    clip: float,
) -> tuple[torch.Tensor, torch.Tensor]:
    """Return the clipped policy loss and half the squared error of the values; all (N,)."""
    ratio = (log_p - old_log_p).exp()
    kept = ratio.clamp(1.0 - clip, 1.0 + clip)
    policy = -torch.minimum(ratio * advantage, kept * advantage).mean()
    return policy, 0.5 * (values - returns).square().mean()

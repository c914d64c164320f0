"""The losses of the paper, over the action words of a batch. All are means over those words.

Sources: ILQL, Snell et al., arXiv 2206.11871; its form in LMRL-Gym, arXiv 2311.18232; PPO, arXiv
1707.06347.
"""

from __future__ import annotations

import torch
from torch.nn import functional

from reprohrl.training.lmrl.rows import FOLLOWS, Batch


def cloning(scores: torch.Tensor, batch: Batch) -> torch.Tensor:
    """Return -log p of the recorded words; `scores` (N, words)."""
    return functional.cross_entropy(scores, batch.chosen)


def monte_carlo(values: torch.Tensor, batch: Batch, conservatism: float) -> torch.Tensor:
    """Return half the squared error of `values` (N, words) to the returns, plus the conservative term."""
    picked = values.gather(1, batch.chosen[:, None])[:, 0]
    loss = 0.5 * (picked - batch.returns).square().mean()
    return loss + conservatism * functional.cross_entropy(values, batch.chosen)


def next_values(v: torch.Tensor, v_following: torch.Tensor, batch: Batch) -> torch.Tensor:
    """Return the value of the state after each action word, 0 after the last (N,).

    `v` (N,) of `batch.after` where that is a position; `v_following` (others,) of the next
    observations of `batch.following`.
    """
    inside = v
    outside = v_following[batch.follower]
    there = torch.where(batch.after == FOLLOWS, outside, inside)
    return torch.where(batch.after == -1, torch.zeros_like(there), there)


def ilql(
    qs: tuple[torch.Tensor, torch.Tensor],
    v: torch.Tensor,
    targets: tuple[torch.Tensor, torch.Tensor],
    after: torch.Tensor,
    batch: Batch,
    *,
    gamma: float,
    tau: float,
    conservatism: float,
    most: float = float("inf"),
) -> torch.Tensor:
    """Return the loss of both Q heads and of V. No aim is higher than `most`, the best return there is.

    `qs`, `targets` (N, words) and `v` (N,) in the state before each word, `after` (N,) in the one behind it.
    Q learns r + gamma V(next); V learns the `tau` expectile of min(target Q1, target Q2).
    """
    chosen = batch.chosen[:, None]
    aim = (batch.reward + gamma * after).detach().clamp(max=most)
    loss = torch.zeros(())
    for q in qs:
        picked = q.gather(1, chosen)[:, 0]
        loss = loss + 0.5 * (picked - aim).square().mean()
        loss = loss + conservatism * functional.cross_entropy(q, batch.chosen)
    best = torch.minimum(*(t.gather(1, chosen)[:, 0] for t in targets)).detach()
    error = best - v
    weight = torch.where(error >= 0, tau, 1.0 - tau)
    return loss + 0.5 * (weight * error.square()).mean()


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

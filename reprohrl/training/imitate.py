"""A warm start for the goal selector: imitate the plain rule, then let PPO improve on it."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

import numpy as np
import torch
from numpy.typing import NDArray
from stable_baselines3 import PPO

from reprohrl.contracts.vocabulary import NUM_GOALS

if TYPE_CHECKING:
    from sim.envs.selection import BatchSelection

log = logging.getLogger(__name__)

EXPLORE = 0.2
"""Share of decisions taken at random while collecting, so that mistakes and their mending are seen."""


def imitate(
    model: PPO,
    env: BatchSelection,
    *,
    decisions: int = 400,
    epochs: int = 8,
    batch: int = 2048,
    seed: int = 0,
) -> float:
    """Fit the policy to "go to the current goal while it is known, search otherwise"; return its accuracy.

    `decisions` are taken by every environment of `env`.
    """
    observations, actions = _collect(env, decisions, np.random.default_rng(seed))
    inputs, targets = torch.as_tensor(observations), torch.as_tensor(actions)
    optimiser = torch.optim.Adam(model.policy.parameters(), lr=1e-3)
    order = torch.Generator().manual_seed(seed)
    for _ in range(epochs):
        for rows in torch.randperm(len(targets), generator=order).split(batch):
            optimiser.zero_grad()
            loss = torch.nn.functional.cross_entropy(_logits(model, inputs[rows]), targets[rows])
            loss.backward()
            optimiser.step()
    with torch.no_grad():
        accuracy = float((_logits(model, inputs).argmax(1) == targets).float().mean())
    log.info("imitated %d decisions, %.1f %% alike", len(targets), 100 * accuracy)
    return accuracy


def _collect(
    env: BatchSelection, decisions: int, rng: np.random.Generator
) -> tuple[NDArray[np.float32], NDArray[np.int64]]:
    observation = env.reset()
    seen, done = [], []
    for _ in range(decisions):
        rule = np.where(env.world.go_to, env.world.goal, NUM_GOALS).astype(np.int64)
        seen.append(observation)
        done.append(rule)
        wild = rng.random(env.batch) < EXPLORE
        action = np.where(wild, rng.integers(0, env.action_size, env.batch), rule)
        observation = env.step(action)[0]
    return np.concatenate(seen), np.concatenate(done)


def _logits(model: PPO, observation: torch.Tensor) -> torch.Tensor:
    logits: torch.Tensor = model.policy.get_distribution(observation).distribution.logits
    return logits

"""Warm starts: each level first imitates a plain teacher on the states it gets itself into (DAgger,
Ross et al. 2011), then reinforcement learning takes over."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn

from reprohrl.training.lean_ppo import LeanPpo

log = logging.getLogger(__name__)

Labels = Callable[[], NDArray[np.generic]]


@dataclass(frozen=True, slots=True, kw_only=True)
class ImitateConfig:
    """`rounds` of `ticks` decisions per environment; each is followed by `updates` minibatches of all that
    was collected. The teacher acts in the first `led` rounds, the student after that."""

    rounds: int = 24
    ticks: int = 24
    updates: int = 60
    minibatch: int = 4096
    learning_rate: float = 2e-3
    final_learning_rate: float = 3e-4
    led: int = 4
    noise: float = 0.25
    keep: int = 700_000


def imitate(
    learner: LeanPpo,
    labels: Labels,
    config: ImitateConfig,
    *,
    seed: int = 0,
    after_round: Callable[[int, float], None] | None = None,
) -> None:
    """Fit the learner's actor to `labels()`, the teacher's answer to the environment's present state."""
    env, model = learner.env, learner.model
    rng = np.random.default_rng(seed)
    optimiser = torch.optim.Adam(model.actor.parameters(), lr=config.learning_rate)
    size = min(config.keep, config.rounds * config.ticks * env.batch)
    seen = np.zeros((size, env.observation_size), np.float32)
    wanted = np.zeros(size, np.int64) if learner.discrete else np.zeros((size, env.action_size), np.float32)
    filled, place = 0, 0
    observation = env.reset().copy()
    for turn in range(config.rounds):
        for _ in range(config.ticks):
            label = labels()
            rows = (place + np.arange(env.batch)) % size
            seen[rows], wanted[rows] = observation, label
            place, filled = (place + env.batch) % size, min(filled + env.batch, size)
            action = label if turn < config.led else _act(learner, observation)
            observation = env.step(_disturb(learner, action, config.noise, rng))[0].copy()
        part = turn / max(config.rounds - 1, 1)
        rate = config.learning_rate + (config.final_learning_rate - config.learning_rate) * part
        for group in optimiser.param_groups:
            group["lr"] = rate
        loss = _fit(learner, optimiser, seen[:filled], wanted[:filled], config, rng)
        if after_round is not None:
            after_round((turn + 1) * config.ticks * env.batch, loss)
    learner.restart()
    log.info("imitated %d decisions, loss %.4f", config.rounds * config.ticks * env.batch, loss)


@torch.no_grad()
def _act(learner: LeanPpo, observation: NDArray[np.float32]) -> NDArray[np.generic]:
    out = learner.model.actor(torch.from_numpy(observation))
    return np.asarray((out.argmax(1) if learner.discrete else out).numpy())


def _disturb(
    learner: LeanPpo, action: NDArray[np.generic], noise: float, rng: np.random.Generator
) -> NDArray[np.generic]:
    """Add noise, so that mistakes and their mending are seen."""
    if learner.discrete:
        wild = rng.random(len(action)) < noise
        return np.where(wild, rng.integers(0, learner.env.action_size, len(action)), action)
    rough = noise * rng.standard_normal(action.shape)
    return np.asarray(np.asarray(action, np.float64) + rough, np.float32)


def _fit(
    learner: LeanPpo,
    optimiser: torch.optim.Optimizer,
    seen: NDArray[np.float32],
    wanted: NDArray[np.generic],
    config: ImitateConfig,
    rng: np.random.Generator,
) -> float:
    total = 0.0
    for _ in range(config.updates):
        rows = rng.integers(0, len(seen), config.minibatch)
        out = learner.model.actor(torch.from_numpy(seen[rows]))
        target = torch.from_numpy(wanted[rows])
        loss = (
            nn.functional.cross_entropy(out, target) if learner.discrete else (out - target).square().mean()
        )
        optimiser.zero_grad(set_to_none=True)
        loss.backward()
        optimiser.step()
        total += float(loss.detach())
    return total / config.updates

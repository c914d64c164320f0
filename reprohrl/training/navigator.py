"""Training of the low level: one skill-conditioned network for go-to and search, with PPO."""

from __future__ import annotations

import logging
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import torch
from stable_baselines3 import PPO

from reprohrl.training.checkpoint import Checkpoint, save_atomic
from reprohrl.training.progress import EpisodeStatistics
from reprohrl.training.vec_env import BatchVecEnv

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class NavigatorTraining:
    """Settings of one training run."""

    seed: int = 0
    steps: int = 12_000_000
    environments: int = 256
    rollout: int = 32
    minibatch: int = 2048
    epochs: int = 4
    learning_rate: float = 5e-4
    final_learning_rate: float = 5e-5
    gamma: float = 0.99
    gae_lambda: float = 0.95
    entropy: float = 1e-3
    clip: float = 0.2
    hidden: tuple[int, int] = (128, 128)
    log_std: float = -0.7
    threads: int = 1
    checkpoint_every: int = 1_000_000


def train(
    config: NavigatorTraining, folder: Path, *, resume: bool = False
) -> tuple[PPO, EpisodeStatistics]:
    """Train, writing `checkpoint.zip` into `folder` as it goes; with `resume` continue from it."""
    from sim.envs.navigation import BatchNavigation

    torch.set_num_threads(config.threads)
    folder.mkdir(parents=True, exist_ok=True)
    env = BatchVecEnv(BatchNavigation(config.environments, seed=config.seed))
    checkpoint = folder / "checkpoint.zip"
    if resume and checkpoint.exists():
        model = PPO.load(checkpoint, env=env, device="cpu")
        log.info("continuing from %s at %d steps", checkpoint, model.num_timesteps)
    else:
        model = PPO("MlpPolicy", env, device="cpu", seed=config.seed, **_ppo_arguments(config))
    statistics = EpisodeStatistics(config.steps)
    keep = Checkpoint(checkpoint, every=config.checkpoint_every)
    remaining = config.steps - model.num_timesteps
    if remaining > 0:
        model.learn(remaining, callback=[statistics, keep], reset_num_timesteps=False)
        save_atomic(model, checkpoint)
    return model, statistics


def _ppo_arguments(config: NavigatorTraining) -> dict[str, Any]:
    start, end = config.learning_rate, config.final_learning_rate

    def rate(progress_remaining: float) -> float:
        return end + (start - end) * progress_remaining

    return {
        "n_steps": config.rollout,
        "batch_size": config.minibatch,
        "n_epochs": config.epochs,
        "learning_rate": rate,
        "gamma": config.gamma,
        "gae_lambda": config.gae_lambda,
        "ent_coef": config.entropy,
        "clip_range": config.clip,
        "policy_kwargs": {"net_arch": list(config.hidden), "log_std_init": config.log_std},
    }


def settings(config: NavigatorTraining) -> dict[str, Any]:
    """Return the settings as plain data for the model's provenance."""
    return asdict(config)

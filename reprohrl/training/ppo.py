"""What both levels' PPO runs share: settings, checkpoints, the run itself."""

from __future__ import annotations

import logging
from collections.abc import Callable
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
class PpoSettings:
    """Settings of one PPO run. `steps` are decisions of the level being trained."""

    seed: int = 0
    steps: int = 13_000_000
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
    checkpoint_every: int = 500_000

    def as_dict(self) -> dict[str, Any]:
        return asdict(self)


def run_ppo(
    env: BatchVecEnv,
    settings: PpoSettings,
    folder: Path,
    *,
    resume: bool = False,
    continuous: bool = True,
    begin: Callable[[PPO], None] | None = None,
) -> tuple[PPO, EpisodeStatistics]:
    """Train on `env`, writing `checkpoint.zip` into `folder` as it goes; with `resume` continue from it.

    `begin` prepares a new model before its first step.
    """
    torch.set_num_threads(settings.threads)
    folder.mkdir(parents=True, exist_ok=True)
    checkpoint = folder / "checkpoint.zip"
    if resume and checkpoint.exists():
        model = PPO.load(checkpoint, env=env, device="cpu")
        log.info("continuing from %s at %d steps", checkpoint, model.num_timesteps)
    else:
        model = PPO("MlpPolicy", env, device="cpu", seed=settings.seed, **_arguments(settings, continuous))
        if begin is not None:
            begin(model)
    statistics = EpisodeStatistics(settings.steps)
    keep = Checkpoint(checkpoint, every=settings.checkpoint_every)
    remaining = settings.steps - model.num_timesteps
    if remaining > 0:
        model.learn(remaining, callback=[statistics, keep], reset_num_timesteps=False)
        save_atomic(model, checkpoint)
    return model, statistics


def _arguments(settings: PpoSettings, continuous: bool) -> dict[str, Any]:
    start, end = settings.learning_rate, settings.final_learning_rate

    def rate(progress_remaining: float) -> float:
        return end + (start - end) * progress_remaining

    network: dict[str, Any] = {"net_arch": list(settings.hidden)}
    if continuous:
        network["log_std_init"] = settings.log_std
    return {
        "n_steps": settings.rollout,
        "batch_size": settings.minibatch,
        "n_epochs": settings.epochs,
        "learning_rate": rate,
        "gamma": settings.gamma,
        "gae_lambda": settings.gae_lambda,
        "ent_coef": settings.entropy,
        "clip_range": settings.clip,
        "policy_kwargs": network,
    }

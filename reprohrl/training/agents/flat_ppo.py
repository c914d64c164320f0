"""Flat PPO on all features: one network for search, approach and every goal of the mission.

It is told all that the two-level agent's levels are told together: the current goal's class and memory, the
other remembered objects, the solids around, the planned ways, the mission's progress. Only the hierarchy is
missing, so a gap to it is the hierarchy's.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from reprohrl.contracts.errors import UserError
from reprohrl.policies.onnx_policy import OnnxPolicy
from reprohrl.training.agents.config import AgentConfig
from reprohrl.training.agents.observations import FEATURES, PLAIN_FEATURES, VELOCITY_ACTION, View, spec
from reprohrl.training.agents.onnx_agent import FlatAgent
from reprohrl.training.agents.registry import Agent
from reprohrl.training.agents.search import Choice, Real
from sim.envs.agents import BatchAgent

if TYPE_CHECKING:
    from reprohrl.training.harness.run import Run

SPEC = spec("flat-ppo", FEATURES.entries, VELOCITY_ACTION)
PLAIN_SPEC = spec("flat-ppo-plain", PLAIN_FEATURES.entries, VELOCITY_ACTION)


@dataclass(frozen=True, slots=True, kw_only=True)
class PpoConfig(AgentConfig):
    """Settings of one PPO run."""

    rollout: int = 32
    minibatch: int = 2048
    epochs: int = 4
    learning_rate: float = 5e-4
    final_learning_rate: float = 5e-5
    gamma: float = 0.99
    gae_lambda: float = 0.95
    entropy: float = 1e-3
    clip: float = 0.2
    log_std: float = -0.7
    hidden: tuple[int, ...] = (128, 128)


@dataclass(frozen=True, slots=True, kw_only=True)
class FlatPpoConfig(PpoConfig):
    """routes  whether the planned ways are among the features"""

    routes: bool = True


def ppo_arguments(config: PpoConfig) -> dict[str, Any]:
    """Return the settings as SB3's PPO takes them."""
    return {
        "n_steps": config.rollout,
        "batch_size": config.minibatch,
        "n_epochs": config.epochs,
        "learning_rate": falling(config.learning_rate, config.final_learning_rate),
        "gamma": config.gamma,
        "gae_lambda": config.gae_lambda,
        "ent_coef": config.entropy,
        "clip_range": config.clip,
        "policy_kwargs": {"net_arch": list(config.hidden), "log_std_init": config.log_std},
    }


def falling(start: float, end: float) -> Callable[[float], float]:
    """Return a learning rate that falls in proportion to the steps left."""
    return lambda left: end + (start - end) * max(left, 0.0)


def train(config: FlatPpoConfig, run: Run) -> None:
    from stable_baselines3 import PPO

    from reprohrl.training.agents.env import AgentEnv, make_world, vec_env
    from reprohrl.training.agents.held_out import evaluate_with
    from reprohrl.training.harness import sb3

    view, layout = _view(config.routes)
    model = sb3.train(
        config,
        run,
        PPO,
        lambda env: PPO("MlpPolicy", env, device="cpu", seed=config.seed, **ppo_arguments(config)),
        lambda seed, n: vec_env(AgentEnv(make_world(config, seed, n), view)),
        evaluate=evaluate_with(config, layout, lambda policy: FlatAgent("flat-ppo", policy, view)),
    )
    run.finish(model.num_timesteps, {"policy": (model.policy, layout)})


def _view(routes: bool) -> tuple[View, Any]:
    return (FEATURES, SPEC) if routes else (PLAIN_FEATURES, PLAIN_SPEC)


def load(folder: Path | None, batch: int) -> BatchAgent:
    if folder is None:
        raise UserError("flat-ppo flies from the folder of a finished run", fix="reprohrl train flat-ppo")
    policy = OnnxPolicy.load(folder / "policy.onnx")
    view, layout = _view(policy.spec.name == SPEC.name)
    return FlatAgent("flat-ppo", OnnxPolicy.load(folder / "policy.onnx", expect=layout), view)


AGENT = Agent(
    name="flat-ppo",
    summary="flat PPO on all features: goal, memory, solids around, ways, progress",
    load=load,
    config=FlatPpoConfig,
    train=train,
    search={
        "learning_rate": Real(1e-4, 1e-3, log=True),
        "gamma": Choice((0.98, 0.99, 0.995)),
        "entropy": Real(1e-4, 1e-2, log=True),
        "hidden": Choice(((128, 128), (256, 256))),
        "rollout": Choice((32, 64)),
        "routes": Choice((True, False)),
    },
)

"""Flat PPO from pixels: two grey frames of 64x48, the goal's class, the drone's own state; no detector."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from reprohrl.contracts.errors import UserError
from reprohrl.policies.onnx_policy import OnnxPolicy
from reprohrl.training.agents.flat_ppo import PpoConfig, ppo_arguments
from reprohrl.training.agents.pixel_agent import SPEC, PixelAgent
from reprohrl.training.agents.registry import Agent
from reprohrl.training.agents.search import Choice, Real
from sim.envs.agents import BatchAgent

if TYPE_CHECKING:
    from reprohrl.training.harness.run import Run


@dataclass(frozen=True, slots=True, kw_only=True)
class PixelPpoConfig(PpoConfig):
    """channels  of the two convolutions"""

    environments: int = 64
    rollout: int = 64
    minibatch: int = 512
    epochs: int = 3
    eval_episodes: int = 100
    checkpoint_every: int = 200_000
    channels: tuple[int, ...] = (16, 32)


def train(config: PixelPpoConfig, run: Run) -> None:
    from stable_baselines3 import PPO

    from reprohrl.training.agents.frame_net import FrameFeatures, FrameNet
    from reprohrl.training.agents.held_out import TorchPolicy, fly_held_out
    from reprohrl.training.agents.pixel_env import PixelVecEnv
    from reprohrl.training.harness import sb3

    arguments = ppo_arguments(config)
    arguments["policy_kwargs"] |= {
        "features_extractor_class": FrameFeatures,
        "features_extractor_kwargs": {"channels": tuple(config.channels)},
        "normalize_images": False,
    }

    def evaluate(model: Any, seed: int) -> tuple[float, int]:
        policy = TorchPolicy(FrameNet(model.policy), SPEC)
        return fly_held_out(PixelAgent(policy, config.eval_episodes), config)

    model = sb3.train(
        config,
        run,
        PPO,
        lambda env: PPO("MultiInputPolicy", env, device="cpu", seed=config.seed, **arguments),
        lambda seed, n: PixelVecEnv(config, seed, n),
        evaluate=evaluate,
    )
    run.finish(model.num_timesteps, {"policy": (FrameNet(model.policy), SPEC)})


def load(folder: Path | None, batch: int) -> BatchAgent:
    if folder is None:
        raise UserError("pixel-ppo flies from the folder of a finished run", fix="reprohrl train pixel-ppo")
    return PixelAgent(OnnxPolicy.load(folder / "policy.onnx", expect=SPEC), batch)


AGENT = Agent(
    name="pixel-ppo",
    summary="flat PPO from two grey 64x48 frames and the goal's class; no detector",
    load=load,
    config=PixelPpoConfig,
    train=train,
    search={
        "learning_rate": Real(1e-4, 1e-3, log=True),
        "entropy": Real(1e-4, 1e-2, log=True),
        "rollout": Choice((32, 64)),
        "channels": Choice(((16, 32), (32, 64))),
    },
)

"""Flat DQN on 8 numbers: the agent of Navardi et al. (RSS 2022 Sim2Real workshop) in this world.

Observation: the goal's box and the four horizontal ranges. Actions: discrete moves. The paper's literal
reward pays 1 - d for being near, every tick, so that loitering beside the goal earns more than reaching it;
it is the variant `reward=paper`. The default is the reward all methods here are trained on.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from reprohrl.contracts.errors import UserError
from reprohrl.policies.onnx_policy import OnnxPolicy
from reprohrl.training.agents.config import AgentConfig
from reprohrl.training.agents.moves import MOVES
from reprohrl.training.agents.observations import EIGHT, spec, values_of
from reprohrl.training.agents.onnx_agent import MovesAgent
from reprohrl.training.agents.registry import Agent
from reprohrl.training.agents.search import Choice, Real, Whole
from sim.envs.agents import BatchAgent

if TYPE_CHECKING:
    from reprohrl.training.harness.run import Run

SPEC = spec("dqn8", EIGHT.entries, values_of(len(MOVES)))
REWARDS = ("progress", "paper")
NEAR_GOAL_M, NEAR_SOLID_M = 0.5, 0.15
"""d_p and d_q; the paper gives no values."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Dqn8Config(AgentConfig):
    """reward  `progress`, shared by all methods, or `paper`: literally that of 2022 (see `paper_reward`)"""

    environments: int = 128
    reward: str = "progress"
    learning_rate: float = 5e-4
    gamma: float = 0.98
    n_steps: int = 5
    batch: int = 512
    updates: int = 4
    """gradient steps per step of all environments"""
    buffer: int = 400_000
    explore_share: float = 0.3
    explore_end: float = 0.05
    act_explore: float = 0.02
    """share of random moves in flight: a way out of dead ends"""
    target_every: int = 4_000
    hidden: tuple[int, ...] = (128, 128)


def paper_reward(world: Any, shared: NDArray[np.float64], infos: list[dict[str, Any]]) -> NDArray[np.float64]:
    """r_goal = 10 within d_p of the goal, r_col = -10 within d_q of a solid, else 1 - d."""
    distance = world.core.goal_distance[np.arange(world.batch), world.goal]
    reward = np.where(distance <= NEAR_GOAL_M, 10.0, 1.0 - np.minimum(distance, 10.0))
    reward = np.where((world.core.clearance <= NEAR_SOLID_M) & (distance > NEAR_GOAL_M), -10.0, reward)
    for i, info in enumerate(infos):
        if "success" in info:
            reward[i] = 10.0 if info["success"] else -10.0
    return np.asarray(reward, np.float64)


def train(config: Dqn8Config, run: Run) -> None:
    from stable_baselines3 import DQN

    from reprohrl.training.agents.env import AgentEnv, make_world, vec_env
    from reprohrl.training.agents.held_out import evaluate_with
    from reprohrl.training.harness import sb3

    if config.reward not in REWARDS:
        raise UserError(f"there is no reward {config.reward!r}", fix=f"one of {', '.join(REWARDS)}")
    reward = paper_reward if config.reward == "paper" else None
    model = sb3.train(
        config,
        run,
        DQN,
        lambda env: DQN("MlpPolicy", env, device="cpu", seed=config.seed, **arguments(config)),
        lambda seed, n: vec_env(AgentEnv(make_world(config, seed, n), EIGHT, discrete=True, reward=reward)),
        evaluate=evaluate_with(
            config, SPEC, lambda policy: _agent(policy, config.eval_episodes, config.act_explore)
        ),
    )
    run.finish(model.num_timesteps, {"policy": (model.policy, SPEC)})


def arguments(config: Dqn8Config) -> dict[str, Any]:
    """Return the settings as SB3's DQN takes them."""
    return {
        "learning_rate": config.learning_rate,
        "gamma": config.gamma,
        "n_steps": config.n_steps,
        "batch_size": config.batch,
        "gradient_steps": config.updates,
        "train_freq": (1, "step"),
        "buffer_size": config.buffer,
        "learning_starts": min(20_000, config.steps // 10),
        "exploration_fraction": config.explore_share,
        "exploration_final_eps": config.explore_end,
        "target_update_interval": config.target_every,
        "policy_kwargs": {"net_arch": list(config.hidden)},
    }


def load(folder: Path | None, batch: int) -> BatchAgent:
    if folder is None:
        raise UserError("dqn8 flies from the folder of a finished run", fix="reprohrl train dqn8")
    policy = OnnxPolicy.load(folder / "policy.onnx", expect=SPEC)
    return _agent(policy, batch, float(policy.provenance.config["act_explore"]))


def _agent(policy: Any, batch: int, explore: float) -> MovesAgent:
    return MovesAgent("dqn8", policy, EIGHT, batch, explore)


AGENT = Agent(
    name="dqn8",
    summary="flat DQN on the goal's box and four ranges, discrete moves (Navardi et al. 2022)",
    load=load,
    config=Dqn8Config,
    train=train,
    search={
        "learning_rate": Real(1e-4, 2e-3, log=True),
        "gamma": Choice((0.95, 0.98, 0.99)),
        "n_steps": Whole(1, 10),
        "updates": Whole(1, 8),
        "explore_share": Real(0.1, 0.5),
    },
)

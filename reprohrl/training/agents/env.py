"""The batched world as one agent sees it: its own observation, its own actions, the shared reward."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from reprohrl.training.agents.config import AgentConfig
from reprohrl.training.agents.moves import FRACTIONS
from reprohrl.training.agents.observations import View
from reprohrl.training.vec_env import BatchVecEnv
from sim.envs.config import NavigationConfig
from sim.envs.navigation import BatchNavigation
from sim.tasks import mixture

Infos = list[dict[str, object]]
Reward = Callable[[BatchNavigation, NDArray[np.float64], Infos], NDArray[np.float64]]
"""`reward(world, shared, infos)`: what to pay instead of the shared reward (N,); called after the step,
when finished rows have begun anew: what came of those is in their infos."""


def make_world(config: AgentConfig, seed: int, environments: int) -> BatchNavigation:
    """Return the training world of `config.task`: missions that end at their last goal, no stray options."""
    world = _world(config.task, config.seed, environments)
    world.reseed(seed)
    return world


@lru_cache(maxsize=2)
def _world(task: str, seed: int, environments: int) -> BatchNavigation:
    settings = NavigationConfig(tasks=mixture(task), home_share=0.0, stray_share=0.0)
    return BatchNavigation(environments, settings, seed)


class AgentEnv:
    """What `BatchVecEnv` steps. A leg that runs out of time ends the episode as a failure, not as a cut."""

    def __init__(
        self, world: BatchNavigation, view: View, *, discrete: bool = False, reward: Reward | None = None
    ) -> None:
        self.world, self.view, self.discrete, self.reward = world, view, discrete, reward
        self.batch = world.batch
        self.observation_size = view.size
        self.action_size = len(FRACTIONS) if discrete else 4

    def observe(self) -> NDArray[np.float32]:
        return self.view.scaled(self.world, self.world.goal)

    def reset(self) -> NDArray[np.float32]:
        self.world.reset()
        return self.observe()

    def step(
        self, action: NDArray[Any]
    ) -> tuple[NDArray[np.float32], NDArray[np.float64], NDArray[np.bool_], NDArray[np.bool_], Infos]:
        fractions = FRACTIONS[action] if self.discrete else action
        _, reward, terminated, truncated, infos = self.world.step(fractions)
        if self.reward is not None:
            reward = self.reward(self.world, reward, infos)
        observation = self.observe()
        ended = terminated | truncated
        for i in np.flatnonzero(ended):
            infos[i]["terminal_observation"] = observation[i]
        return observation, reward, ended, np.zeros_like(ended), infos


def vec_env(env: AgentEnv) -> BatchVecEnv:
    return BatchVecEnv(env, discrete=env.discrete)

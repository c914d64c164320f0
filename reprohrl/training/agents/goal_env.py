"""The batched world as a goal-conditioned `VecEnv`, for hindsight replay."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import torch
from gymnasium import spaces
from numpy.typing import NDArray
from stable_baselines3 import SAC, HerReplayBuffer
from stable_baselines3.common.torch_layers import BaseFeaturesExtractor
from stable_baselines3.common.vec_env import VecEnv

from reprohrl.training.agents.env import make_world
from reprohrl.training.agents.observations import PLAIN_FEATURES
from reprohrl.training.agents.sac_her import NEAR_M, OFFSET, achieved, desired, offset

if TYPE_CHECKING:
    from reprohrl.training.agents.sac_her import SacHerConfig

_WIDE = 20.0
Observation = dict[str, NDArray[np.float32]]


def sac_arguments(config: SacHerConfig) -> dict[str, Any]:
    """Return the settings as SB3's SAC takes them."""
    return {
        "learning_rate": config.learning_rate,
        "gamma": config.gamma,
        "tau": config.tau,
        "batch_size": config.batch,
        "gradient_steps": config.updates,
        "train_freq": (1, "step"),
        "buffer_size": config.buffer,
        "learning_starts": min(20_000, config.steps // 2),
        "replay_buffer_class": HerReplayBuffer,
        "replay_buffer_kwargs": {"n_sampled_goal": config.relabelled, "goal_selection_strategy": "future"},
        "policy_kwargs": {"net_arch": list(config.hidden), "features_extractor_class": Relative},
    }


class PatientSac(SAC):
    """SAC that waits with learning until a first episode has ended, without which hindsight has nothing."""

    def train(self, gradient_steps: int, batch_size: int = 64) -> None:
        if np.any(getattr(self.replay_buffer, "ep_length", 1) > 0):
            super().train(gradient_steps, batch_size)


class Relative(BaseFeaturesExtractor):
    """Observation and the offset to the goal, without parameters: what the policy file is given in flight."""

    def __init__(self, space: spaces.Dict) -> None:
        super().__init__(space, space["observation"].shape[0] + OFFSET.size)

    def forward(self, seen: dict[str, torch.Tensor]) -> torch.Tensor:
        relative = torch.stack(offset(seen["achieved_goal"], seen["desired_goal"]), dim=1)
        return torch.cat([seen["observation"], relative.clamp(OFFSET.low, OFFSET.high)], dim=1)


class GoalVecEnv(VecEnv):
    """Observations are dicts of `observation`, `achieved_goal` and `desired_goal` (see `sac_her`)."""

    def __init__(self, config: SacHerConfig, seed: int, environments: int) -> None:
        self.world = make_world(config, seed, environments)
        self.fall = -1.0 / (1.0 - config.gamma)
        box = spaces.Box(-_WIDE, _WIDE, (6,), np.float32)
        seen = spaces.Box(-_WIDE, _WIDE, (PLAIN_FEATURES.size,), np.float32)
        space = spaces.Dict({"observation": seen, "achieved_goal": box, "desired_goal": box})
        super().__init__(environments, space, spaces.Box(-1.0, 1.0, (4,), np.float32))
        self._action: NDArray[np.float32] | None = None
        self._last: Observation = {}

    def observe(self) -> Observation:
        world = self.world
        return {
            "observation": PLAIN_FEATURES.scaled(world, world.goal),
            "achieved_goal": achieved(world).astype(np.float32),
            "desired_goal": desired(world, world.goal).astype(np.float32),
        }

    def reset(self) -> Observation:
        self.world.reset()
        self._last = self.observe()
        return self._last

    def step_async(self, actions: NDArray[np.float32]) -> None:
        self._action = actions

    def step_wait(self) -> Any:
        if self._action is None:
            raise RuntimeError("step_wait before step_async")
        _, _, terminated, truncated, infos = self.world.step(self._action)
        now, last = self.observe(), self._last
        have, want = now["achieved_goal"].copy(), last["desired_goal"]
        for i in np.flatnonzero(terminated | truncated):
            # The row has begun anew: its last moment is taken to be where it was a tick before.
            end = {name: rows[i].copy() for name, rows in last.items()}
            end["achieved_goal"][5] = infos[i]["contact"] is not None
            have[i] = end["achieved_goal"]
            infos[i]["terminal_observation"] = end
            infos[i]["TimeLimit.truncated"] = bool(truncated[i])
        self._last = now
        reward = self.compute_reward(have, want, None)
        return now, reward, terminated | truncated, infos

    def compute_reward(self, have: NDArray[Any], want: NDArray[Any], info: Any) -> NDArray[np.float32]:
        """Return 0 where the points agree, -1 elsewhere, and what a fall costs on contact."""
        away = np.linalg.norm(have[..., :3] - want[..., :3], axis=-1)
        return np.asarray(np.where(away < NEAR_M, 0.0, -1.0) + self.fall * have[..., 5], np.float32)

    def close(self) -> None:
        """Nothing is held open."""

    def get_attr(self, attr_name: str, indices: Any = None) -> list[Any]:
        return [getattr(self, attr_name, None)] * self.num_envs

    def set_attr(self, attr_name: str, value: Any, indices: Any = None) -> None:
        setattr(self, attr_name, value)

    def env_method(self, method_name: str, *args: Any, indices: Any = None, **kwargs: Any) -> list[Any]:
        return [getattr(self, method_name)(*args, **kwargs)]

    def env_is_wrapped(self, wrapper_class: Any, indices: Any = None) -> list[bool]:
        return [False] * self.num_envs

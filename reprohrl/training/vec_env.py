"""stable-baselines3's view of the batched environments."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Protocol

import numpy as np
from gymnasium import Space, spaces
from numpy.typing import NDArray
from stable_baselines3.common.vec_env import VecEnv


class BatchEnv(Protocol):
    """What the adapter needs of a batched environment."""

    batch: int
    observation_size: int
    action_size: int

    def reset(self) -> NDArray[np.float32]: ...

    def step(
        self, action: NDArray[Any]
    ) -> tuple[
        NDArray[np.float32],
        NDArray[np.float64],
        NDArray[np.bool_],
        NDArray[np.bool_],
        list[dict[str, object]],
    ]: ...


class BatchVecEnv(VecEnv):
    """A batched environment as an SB3 `VecEnv`; `discrete` gives a Discrete action space."""

    def __init__(self, env: BatchEnv, *, discrete: bool = False) -> None:
        self.env = env
        action: Space[Any] = (
            spaces.Discrete(env.action_size)
            if discrete
            else spaces.Box(-1.0, 1.0, (env.action_size,), np.float32)
        )
        bound = np.float32(10.0)
        super().__init__(env.batch, spaces.Box(-bound, bound, (env.observation_size,), np.float32), action)
        self._action: NDArray[Any] | None = None

    def reset(self) -> NDArray[np.float32]:
        return self.env.reset()

    def step_async(self, actions: NDArray[Any]) -> None:
        self._action = actions

    def step_wait(self) -> Any:
        if self._action is None:
            raise RuntimeError("step_wait before step_async")
        observation, reward, terminated, truncated, infos = self.env.step(self._action)
        for i in np.flatnonzero(truncated):
            infos[i]["TimeLimit.truncated"] = True
        return observation, reward.astype(np.float32), terminated | truncated, infos

    def close(self) -> None:
        """Nothing is held open."""

    def get_attr(self, attr_name: str, indices: Any = None) -> list[Any]:
        return [getattr(self.env, attr_name, None)] * self.num_envs

    def set_attr(self, attr_name: str, value: Any, indices: Any = None) -> None:
        setattr(self.env, attr_name, value)

    def env_method(self, method_name: str, *args: Any, indices: Any = None, **kwargs: Any) -> list[Any]:
        return [getattr(self.env, method_name)(*args, **kwargs)]

    def env_is_wrapped(self, wrapper_class: Any, indices: Any = None) -> list[bool]:
        return [False] * self.num_envs

    def seed(self, seed: int | None = None) -> Sequence[int | None]:
        """The environment is seeded at construction."""
        return [seed] * self.num_envs

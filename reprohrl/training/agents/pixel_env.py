"""The batched world seen through its cameras, as a `VecEnv` of dict observations."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from gymnasium import spaces
from numpy.typing import NDArray
from stable_baselines3.common.vec_env import VecEnv

from reprohrl.training.agents.env import make_world
from reprohrl.training.agents.observations import BESIDE_FRAMES
from reprohrl.training.agents.pixel_agent import STACK, FrameStack
from sim.envs.frames import HEIGHT, WIDTH, FrameCamera

if TYPE_CHECKING:
    from reprohrl.training.agents.pixel_ppo import PixelPpoConfig

Observation = dict[str, NDArray[Any]]


class PixelVecEnv(VecEnv):
    """`frames` (N, STACK, H, W) bytes and `beside` (N, D); a leg out of time ends the episode."""

    def __init__(self, config: PixelPpoConfig, seed: int, environments: int) -> None:
        self.world = make_world(config, seed, environments)
        self._camera, self._stack = FrameCamera(environments), FrameStack(environments)
        space = spaces.Dict(
            {
                "frames": spaces.Box(0, 255, (STACK, HEIGHT, WIDTH), np.uint8),
                "beside": spaces.Box(-10.0, 10.0, (BESIDE_FRAMES.size,), np.float32),
            }
        )
        super().__init__(environments, space, spaces.Box(-1.0, 1.0, (4,), np.float32))
        self._action: NDArray[np.float32] | None = None
        self._all = np.ones(environments, bool)

    def _observe(self) -> Observation:
        stack = self._stack.push(self._camera.look(self.world, self._all))
        return {"frames": stack.copy(), "beside": BESIDE_FRAMES.scaled(self.world, self.world.goal)}

    def reset(self) -> Observation:
        self.world.reset()
        self._stack.begin(self._all)
        return self._observe()

    def step_async(self, actions: NDArray[np.float32]) -> None:
        self._action = actions

    def step_wait(self) -> Any:
        if self._action is None:
            raise RuntimeError("step_wait before step_async")
        _, reward, terminated, truncated, infos = self.world.step(self._action)
        ended = terminated | truncated
        self._stack.begin(ended)
        observation = self._observe()
        for i in np.flatnonzero(ended):
            infos[i]["terminal_observation"] = {name: rows[i] for name, rows in observation.items()}
        return observation, reward.astype(np.float32), ended, infos

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

"""A part of the environments that is stepped by another process of the Ray cluster."""

from __future__ import annotations

from typing import Any

import ray
from numpy.typing import NDArray
from stable_baselines3.common.vec_env import VecEnv

from reprohrl.training.harness.cluster import WAIT_S
from reprohrl.training.harness.parts import MakeEnv


def place_on_ray(make_env: MakeEnv, seed: int, environments: int) -> VecEnv:
    """Return environments that live in an actor of one CPU."""
    return RayPart(make_env, seed, environments)


class _Host:
    """The actor: one world."""

    def __init__(self, make_env: MakeEnv, seed: int, environments: int) -> None:
        self.env = make_env(seed, environments)

    def spaces(self) -> tuple[Any, Any]:
        return self.env.observation_space, self.env.action_space

    def reset(self) -> Any:
        return self.env.reset()

    def step(self, actions: NDArray[Any]) -> Any:
        return self.env.step(actions)

    def call(self, name: str, *args: Any, **kwargs: Any) -> Any:
        return getattr(self.env, name)(*args, **kwargs)


class RayPart(VecEnv):
    """Looks like the environments it stands for. Raises `RayActorError` when their process is dead."""

    def __init__(self, make_env: MakeEnv, seed: int, environments: int) -> None:
        self._host = ray.remote(_Host).options(num_cpus=1).remote(make_env, seed, environments)
        self._pending: Any = None
        super().__init__(environments, *self._get(self._host.spaces.remote()))

    def _get(self, reference: Any) -> Any:
        return ray.get(reference, timeout=WAIT_S)

    def reset(self) -> Any:
        return self._get(self._host.reset.remote())

    def step_async(self, actions: NDArray[Any]) -> None:
        self._pending = self._host.step.remote(actions)

    def step_wait(self) -> Any:
        return self._get(self._pending)

    def close(self) -> None:
        ray.kill(self._host)

    def get_attr(self, attr_name: str, indices: Any = None) -> list[Any]:
        values: list[Any] = self._get(self._host.call.remote("get_attr", attr_name, indices))
        return values

    def set_attr(self, attr_name: str, value: Any, indices: Any = None) -> None:
        self._get(self._host.call.remote("set_attr", attr_name, value, indices))

    def env_method(self, method_name: str, *args: Any, indices: Any = None, **kwargs: Any) -> list[Any]:
        words = (method_name, *args)
        values: list[Any] = self._get(self._host.call.remote("env_method", *words, indices=indices, **kwargs))
        return values

    def env_is_wrapped(self, wrapper_class: Any, indices: Any = None) -> list[bool]:
        values: list[bool] = self._get(self._host.call.remote("env_is_wrapped", wrapper_class, indices))
        return values

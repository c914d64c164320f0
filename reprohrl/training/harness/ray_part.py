"""A part of the environments that is stepped by another process of the Ray cluster."""

from __future__ import annotations

from typing import Any

import ray
from numpy.typing import NDArray
from stable_baselines3.common.vec_env import VecEnv

from reprohrl.training.harness.cluster import WAIT_S
from reprohrl.training.harness.parts import MakeEnv

_hosts: list[Any] = []
_idle: list[Any] = []
"""Actors of this process, and those without a world: starting one takes longer than a new world in it."""


def place_on_ray(make_env: MakeEnv, seed: int, environments: int) -> VecEnv:
    """Return environments that live in an actor of one CPU."""
    if not _idle:
        _idle.append(ray.remote(_Host).options(num_cpus=1).remote())
        _hosts.append(_idle[-1])
    return RayPart(_idle.pop(), make_env, seed, environments)


def release_hosts() -> None:
    """End all actors of this process, and give back their CPUs."""
    for host in _hosts:
        ray.kill(host)
    _hosts.clear()
    _idle.clear()


class _Host:
    """The actor: one world at a time."""

    def __init__(self) -> None:
        self.env: Any = None

    def begin(self, make_env: MakeEnv, seed: int, environments: int) -> tuple[Any, Any]:
        self.env = make_env(seed, environments)
        return self.env.observation_space, self.env.action_space

    def reset(self) -> Any:
        return self.env.reset()

    def step(self, actions: NDArray[Any]) -> Any:
        return self.env.step(actions)

    def call(self, name: str, *args: Any, **kwargs: Any) -> Any:
        return getattr(self.env, name)(*args, **kwargs)


class RayPart(VecEnv):
    """Looks like the environments it stands for. Raises `RayActorError` when their process is dead."""

    def __init__(self, host: Any, make_env: MakeEnv, seed: int, environments: int) -> None:
        self._host = host
        self._pending: Any = None
        super().__init__(environments, *self._get(host.begin.remote(make_env, seed, environments)))

    def _get(self, reference: Any) -> Any:
        return ray.get(reference, timeout=WAIT_S)

    def reset(self) -> Any:
        return self._get(self._host.reset.remote())

    def step_async(self, actions: NDArray[Any]) -> None:
        self._pending = self._host.step.remote(actions)

    def step_wait(self) -> Any:
        return self._get(self._pending)

    def close(self) -> None:
        """Leave the actor to the next world."""
        _idle.append(self._host)

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

"""Environments split into worlds with seeds of their own, stepped here one after another.

A world that flies in another process steps no differently, so a training on a cluster equals this one.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from stable_baselines3.common.vec_env import VecEnv

from reprohrl.contracts.errors import UserError
from reprohrl.training.agents.config import AgentConfig

MakeEnv = Callable[[int, int], VecEnv]
"""(seed, environments) -> so many environments; the same for the same numbers, in any process."""

Place = Callable[[MakeEnv, int, int], VecEnv]
"""(make_env, seed, environments) -> what `make_env` would give, or something that stands for it."""


def make_parts(make_env: MakeEnv, seed: int, config: AgentConfig, place: Place | None = None) -> VecEnv:
    """Return `config.environments` environments in `config.parts` worlds; `place` makes each of several."""
    if config.parts == 1:
        return make_env(seed, config.environments)
    if config.parts < 1 or config.environments % config.parts:
        raise UserError(
            f"{config.environments} environments cannot be split into {config.parts} equal parts",
            fix="--set parts=... with a divisor of the number of environments",
        )
    each = config.environments // config.parts
    seeds = [part_seed(seed, part) for part in range(config.parts)]
    return Parts([place(make_env, s, each) if place is not None else make_env(s, each) for s in seeds])


def part_seed(seed: int, part: int) -> int:
    """Return the seed of one part of an environment."""
    return int(np.random.SeedSequence((seed, 1 + part)).generate_state(1)[0])


class Parts(VecEnv):
    """Several environments as one, their rows one after another."""

    def __init__(self, envs: Sequence[VecEnv]) -> None:
        self.envs = list(envs)
        self._cuts = np.cumsum([e.num_envs for e in self.envs])
        super().__init__(int(self._cuts[-1]), self.envs[0].observation_space, self.envs[0].action_space)

    def reset(self) -> Any:
        return join([e.reset() for e in self.envs])

    def step_async(self, actions: NDArray[Any]) -> None:
        for env, rows in zip(self.envs, np.split(actions, self._cuts[:-1]), strict=True):
            env.step_async(rows)

    def step_wait(self) -> Any:
        observations, rewards, dones, infos = zip(*[e.step_wait() for e in self.envs], strict=True)
        joined = [info for part in infos for info in part]
        return join(observations), np.concatenate(rewards), np.concatenate(dones), joined

    def close(self) -> None:
        for env in self.envs:
            env.close()

    def get_attr(self, attr_name: str, indices: Any = None) -> list[Any]:
        return [value for env, rows in self._of(indices) for value in env.get_attr(attr_name, rows)]

    def set_attr(self, attr_name: str, value: Any, indices: Any = None) -> None:
        for env, rows in self._of(indices):
            env.set_attr(attr_name, value, rows)

    def env_method(self, method_name: str, *args: Any, indices: Any = None, **kwargs: Any) -> list[Any]:
        """Call the method on every part; array arguments are not split: methods of whole batches only."""
        return [
            result
            for env, rows in self._of(indices)
            for result in env.env_method(method_name, *args, indices=rows, **kwargs)
        ]

    def env_is_wrapped(self, wrapper_class: Any, indices: Any = None) -> list[bool]:
        return [w for env, rows in self._of(indices) for w in env.env_is_wrapped(wrapper_class, rows)]

    def _of(self, indices: Any) -> list[tuple[VecEnv, list[int]]]:
        """Return the parts that hold `indices` (None: all) and the rows within each."""
        wanted = np.sort(np.atleast_1d(self._get_indices(indices)))
        starts = np.concatenate([[0], self._cuts[:-1]])
        found = []
        for env, start, end in zip(self.envs, starts, self._cuts, strict=True):
            rows = [int(i - start) for i in wanted if start <= i < end]
            if rows:
                found.append((env, rows))
        return found


def join(parts: Sequence[Any]) -> Any:
    """Put the rows of observations, arrays or dictionaries of arrays, below each other."""
    if isinstance(parts[0], dict):
        return {key: np.concatenate([p[key] for p in parts]) for key in parts[0]}
    return np.concatenate(parts)

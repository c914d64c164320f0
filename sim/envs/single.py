"""Gymnasium views of both levels: one drone, one mission per episode."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import gymnasium
import numpy as np
from gymnasium import spaces
from numpy.typing import NDArray

from sim.envs.config import NavigationConfig
from sim.envs.navigation import BatchNavigation
from sim.envs.selection import BatchSelection

Array32 = NDArray[np.float32]
_BOUND = 10.0


class NavigationEnv(gymnasium.Env[Array32, Array32]):
    """The low level: normalised observation of `NAVIGATOR_SPEC`, action in [-1, 1] of the command limits."""

    def __init__(self, config: NavigationConfig | None = None) -> None:
        self._config = config or NavigationConfig(scenes=200)
        self._batch: BatchNavigation | BatchSelection = BatchNavigation(1, self._config)
        self.observation_space = spaces.Box(-_BOUND, _BOUND, (self._batch.observation_size,), np.float32)
        self.action_space = self._make_action_space()

    def _make_action_space(self) -> spaces.Space[Any]:
        return spaces.Box(-1.0, 1.0, (self._batch.action_size,), np.float32)

    def _make_batch(self, seed: int) -> BatchNavigation | BatchSelection:
        return BatchNavigation(1, self._config, seed)

    def reset(
        self, *, seed: int | None = None, options: dict[str, Any] | None = None
    ) -> tuple[Array32, dict[str, Any]]:
        """Start an episode; with `seed` everything after it is reproducible."""
        super().reset(seed=seed)
        if seed is not None:
            self._batch = self._make_batch(seed)
        return self._batch.reset()[0].copy(), {}

    def step(self, action: Any) -> tuple[Array32, float, bool, bool, dict[str, Any]]:
        observation, reward, terminated, truncated, infos = self._batch.step(np.asarray(action)[None])
        info = dict(infos[0])
        last = info.pop("terminal_observation", None)
        seen = observation[0].copy() if last is None else np.asarray(last, np.float32)
        return seen, float(reward[0]), bool(terminated[0]), bool(truncated[0]), info


class SelectionEnv(NavigationEnv):
    """The high level over a frozen low level; actions are indices into `SELECTOR_ACTIONS`."""

    def __init__(
        self, navigator: Callable[[Array32], Array32], config: NavigationConfig | None = None
    ) -> None:
        self._navigator = navigator
        super().__init__(config)
        self._batch = self._make_batch(0)
        self.observation_space = spaces.Box(-_BOUND, _BOUND, (self._batch.observation_size,), np.float32)
        self.action_space = spaces.Discrete(self._batch.action_size)

    def _make_batch(self, seed: int) -> BatchSelection:
        return BatchSelection(1, self._navigator, self._config, seed)

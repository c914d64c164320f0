"""`BatchSelection`: the high level's environment, over a frozen low level. Batch first."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from reprohrl.contracts.rates import SELECTOR_EVERY
from reprohrl.contracts.vocabulary import NUM_GOALS
from reprohrl.policies.normalisation import scale_observation
from reprohrl.policies.observation import (
    ACTION_SCALE,
    SELECTOR_ACTIONS,
    SELECTOR_SPEC,
    selector_observation,
)
from sim.envs.config import NavigationConfig
from sim.envs.navigation import BatchNavigation

Array32 = NDArray[np.float32]

REWARD_SCALE = 0.2
"""The high level is paid what the low level is paid (`sim.envs.config.Rewards`), times this."""


class BatchSelection:
    """Each step is one option for `SELECTOR_EVERY` ticks, flown by `navigator` (raw observation -> command).

    Actions are indices into `SELECTOR_ACTIONS`.
    """

    observation_size = SELECTOR_SPEC.observation_size
    action_size = len(SELECTOR_ACTIONS)

    def __init__(
        self,
        batch: int,
        navigator: Callable[[Array32], Array32],
        config: NavigationConfig | None = None,
        seed: int = 0,
    ) -> None:
        self.batch = batch
        self.navigator = navigator
        self.world = BatchNavigation(batch, config, seed)

    def reset(self) -> Array32:
        self.world.reset()
        return self._observation()

    def step(
        self, action: NDArray[np.int64]
    ) -> tuple[Array32, NDArray[np.float64], NDArray[np.bool_], NDArray[np.bool_], list[dict[str, object]]]:
        """Follow the options; a drone whose episode ends hovers in its next one for the rest of them."""
        reward = np.zeros(self.batch)
        terminated, truncated = np.zeros(self.batch, bool), np.zeros(self.batch, bool)
        infos: list[dict[str, object]] = [{} for _ in range(self.batch)]
        for _ in range(SELECTOR_EVERY):
            ended = terminated | truncated
            _, gain, term, trunc, tick_infos = self.world.step(self._fly(action, ended))
            reward += np.where(ended, 0.0, REWARD_SCALE * gain)
            for i in np.flatnonzero((term | trunc) & ~ended):
                infos[i] = tick_infos[i]
            terminated |= term & ~ended
            truncated |= trunc & ~ended & ~terminated
        observation = self._observation()
        for i in np.flatnonzero(terminated | truncated):
            infos[i]["terminal_observation"] = observation[i]
        return observation, reward, terminated, truncated, infos

    def _fly(self, action: NDArray[np.int64], ended: NDArray[np.bool_]) -> Array32:
        """Return the low level's actions (N, 4) as fractions of the command limits."""
        goal = np.where(action < NUM_GOALS, action, self.world.goal)
        command = self.navigator(self.world.observe_as(goal, action < NUM_GOALS))
        still = (action > NUM_GOALS) | ended
        return np.where(still[:, None], 0.0, command / ACTION_SCALE).astype(np.float32)

    def _observation(self) -> Array32:
        w = self.world
        raw = selector_observation(w.values, w.looked, w.goal, w.num_legs - w.index, w.leg_s, w.ranges)
        return scale_observation(SELECTOR_SPEC, raw)

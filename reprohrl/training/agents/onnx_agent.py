"""Trained baselines as `BatchAgent`s: ONNX files and numpy, no torch."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from reprohrl.policies.observation import ACTION_SCALE
from reprohrl.training.agents.moves import FRACTIONS, explored
from reprohrl.training.agents.observations import View
from sim.envs.agents import Draws, Senses

Array32 = NDArray[np.float32]


class FlatAgent:
    """One network, one velocity per tick."""

    def __init__(self, name: str, policy: Callable[[Array32], Array32], view: View) -> None:
        self.name, self.policy, self.view = name, policy, view

    def reset(self, rows: NDArray[np.int64], seeds: NDArray[np.int64] | None = None) -> None:
        """The network has no memory of its own; what it needs is in the observation."""

    def act(self, world: Senses) -> Array32:
        return np.asarray(self.policy(self.view.build(world, world.goal)) / ACTION_SCALE, np.float32)


class MovesAgent:
    """One value network; each tick the move of the highest value.

    `explore`  share of random moves (Mnih et al. 2015 fly with 0.05): a way out of dead ends
    """

    def __init__(
        self, name: str, policy: Callable[[Array32], Array32], view: View, batch: int, explore: float
    ) -> None:
        self.name, self.policy, self.view = name, policy, view
        self._explore, self._draws = explore, Draws(batch)

    def reset(self, rows: NDArray[np.int64], seeds: NDArray[np.int64] | None = None) -> None:
        self._draws.reset(rows, seeds)

    def act(self, world: Senses) -> Array32:
        values = self.policy(self.view.build(world, world.goal))
        return FRACTIONS[explored(values.argmax(axis=1), self._draws(2), self._explore)]

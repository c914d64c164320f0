"""A two-level agent in flight: two value networks, no torch."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from reprohrl.contracts.errors import UserError
from reprohrl.policies.onnx_policy import OnnxPolicy
from reprohrl.training.agents.moves import FRACTIONS, explored
from reprohrl.training.agents.two_level_config import Levels
from sim.envs.agents import BatchAgent, Draws, Senses

Array32 = NDArray[np.float32]
Network = Callable[[Array32], Array32]


class TwoLevelAgent:
    """The meta-controller chooses a goal class every `option_ticks`, or when the chosen goal is reached."""

    def __init__(
        self,
        levels: Levels,
        meta: Network,
        controller: Network,
        batch: int,
        option_ticks: int,
        explore: float,
    ) -> None:
        self.name, self.levels = levels.name, levels
        self._meta, self._controller = meta, controller
        self._option_ticks, self._explore = option_ticks, explore
        self._left = np.zeros(batch, np.int64)
        self._index = np.zeros(batch, np.int64)
        self._option = np.zeros(batch, np.int64)
        self._draws = Draws(batch)

    def reset(self, rows: NDArray[np.int64], seeds: NDArray[np.int64] | None = None) -> None:
        self._left[rows] = 0
        self._draws.reset(rows, seeds)

    def act(self, world: Senses) -> Array32:
        due = (self._left <= 0) | (self._index != world.index)
        chosen = self._meta(self.levels.meta.build(world, world.goal)).argmax(axis=1)
        self._option = np.where(due, chosen, self._option)
        self._left = np.where(due, self._option_ticks, self._left) - 1
        self._index = world.index.copy()
        values = self._controller(self.levels.controller.build(world, self._option))
        return FRACTIONS[explored(values.argmax(axis=1), self._draws(2), self._explore)]


def load_two_level(levels: Levels, folder: Path | None, batch: int) -> BatchAgent:
    if folder is None:
        fix = f"reprohrl train {levels.name}"
        raise UserError(f"{levels.name} flies from the folder of a finished run", fix=fix)
    meta = OnnxPolicy.load(folder / "meta.onnx", expect=levels.meta_spec)
    controller = OnnxPolicy.load(folder / "controller.onnx", expect=levels.controller_spec)
    settings = controller.provenance.config
    return TwoLevelAgent(
        levels, meta, controller, batch, int(settings["option_ticks"]), float(settings["act_explore"])
    )

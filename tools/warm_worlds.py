"""Compile the batched training worlds into numba's cache: minutes that no test should have to wait for."""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from sim.envs.config import NavigationConfig
from sim.envs.levels import TwoLevelAgent
from sim.envs.navigation import BatchNavigation
from sim.envs.selection import BatchSelection


def main() -> int:
    """Take a few steps in the low level's world and in the high level's."""
    config = NavigationConfig(tasks={"MC-3": 1.0}, scenes=2)
    world = BatchNavigation(2, config, by_rule=False)
    world.reset()
    agent = TwoLevelAgent("routes", None, None)
    for _ in range(3):
        action = agent.act(world)
        world.declare_absent(agent.absent)
        world.set_options(np.asarray(agent.skill), np.asarray(agent.target))
        world.step(action)
    selection = BatchSelection(2, lambda seen: np.zeros((len(seen), 4), np.float32), config)
    selection.reset()
    selection.step(selection.rule())
    return 0


if __name__ == "__main__":
    sys.exit(main())

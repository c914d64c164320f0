"""The paper-shaped two-level agent: class flags (1 x k) above, box and one-hot goal (4 + k) below.

Only these shapes are known of it. Both levels are DQNs here, as in the group's earlier work, trained side by
side like an h-DQN. It sees no ranges and remembers nothing: that is what the shapes say.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from reprohrl.training.agents.observations import BOX_AND_CLASS, FLAGS
from reprohrl.training.agents.registry import Agent
from reprohrl.training.agents.two_level_agent import load_two_level
from reprohrl.training.agents.two_level_config import SEARCH, Levels, TwoLevelConfig
from sim.envs.agents import BatchAgent

if TYPE_CHECKING:
    from reprohrl.training.harness.run import Run

LEVELS = Levels("paper", FLAGS, BOX_AND_CLASS)


def train(config: TwoLevelConfig, run: Run) -> None:
    from reprohrl.training.agents.two_level import train_two_level

    train_two_level(config, run, LEVELS)


def load(folder: Path | None, batch: int) -> BatchAgent:
    return load_two_level(LEVELS, folder, batch)


AGENT = Agent(
    name="paper",
    summary="two levels of DQN: class flags (1 x k) above, box and one-hot goal (4 + k) below",
    load=load,
    config=TwoLevelConfig,
    train=train,
    search=SEARCH,
)

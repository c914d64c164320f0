"""h-DQN on the tracker's features: a meta-controller over goal classes, a controller over moves."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from reprohrl.training.agents.observations import FEATURES, META
from reprohrl.training.agents.registry import Agent
from reprohrl.training.agents.two_level_agent import load_two_level
from reprohrl.training.agents.two_level_config import SEARCH, Levels, TwoLevelConfig
from sim.envs.agents import BatchAgent

if TYPE_CHECKING:
    from reprohrl.training.harness.run import Run

LEVELS = Levels("hdqn", META, FEATURES)


def train(config: TwoLevelConfig, run: Run) -> None:
    from reprohrl.training.agents.two_level import train_two_level

    train_two_level(config, run, LEVELS)


def load(folder: Path | None, batch: int) -> BatchAgent:
    return load_two_level(LEVELS, folder, batch)


AGENT = Agent(
    name="hdqn",
    summary="h-DQN (Kulkarni et al. 2016) on all features: goals above, moves below",
    load=load,
    config=TwoLevelConfig,
    train=train,
    search=SEARCH,
)

"""Random actions: the floor under every table."""

from __future__ import annotations

from pathlib import Path

from reprohrl.training.agents.registry import Agent
from sim.envs.agents import BatchAgent, RandomAgent


def load(folder: Path | None, batch: int) -> BatchAgent:
    return RandomAgent(batch)


AGENT = Agent(name="random", summary="a new random action every half second", load=load, kind="scripted")

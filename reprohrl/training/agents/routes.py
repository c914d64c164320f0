"""Without learning: the rule over options and the route pilot, on the same memory and map that ours sees."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from reprohrl.training.agents.registry import Agent

if TYPE_CHECKING:
    from sim.envs.agents import BatchAgent


def load(folder: Path | None, batch: int) -> BatchAgent:
    from sim.envs.levels import TwoLevelAgent

    return TwoLevelAgent("routes", None, None)


AGENT = Agent(
    name="routes",
    summary="no learning: plain rule over options, and a pilot that follows the drone's own map",
    load=load,
    kind="scripted",
)

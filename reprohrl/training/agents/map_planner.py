"""The upper bound: a planner that is told the scene and where it is."""

from __future__ import annotations

from pathlib import Path

from reprohrl.training.agents.registry import Agent
from sim.envs.agents import BatchAgent
from sim.envs.map_planner import MapPlanner


def load(folder: Path | None, batch: int) -> BatchAgent:
    return MapPlanner(batch)


AGENT = Agent(
    name="map-planner", summary="cheapest ways over the true map; an upper bound", load=load, kind="bound"
)

"""The scripted baseline: search by turning, servo on the box, stop by range."""

from __future__ import annotations

from pathlib import Path

from reprohrl.training.agents.registry import Agent
from sim.envs.agents import BatchAgent
from sim.envs.scripted import ScriptedAgent


def load(folder: Path | None, batch: int) -> BatchAgent:
    return ScriptedAgent(batch)


AGENT = Agent(
    name="scripted", summary="search by turning, servo on the box, stop by range", load=load, kind="scripted"
)

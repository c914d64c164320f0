"""The configuration of the goal_selector node."""

from __future__ import annotations

from dataclasses import dataclass

from ros_nodes.parameter import StageConfig, parameter


@dataclass(frozen=True, slots=True)
class GoalSelectorConfig(StageConfig):
    """What the goal_selector node can be told."""

    planner: str = parameter("learned", "which planner: learned, rule, scripted")
    seed: int = parameter(0, "seed of the planner", 0, 2**31)

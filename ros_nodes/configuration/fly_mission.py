"""The configuration of the fly_mission node."""

from __future__ import annotations

from dataclasses import dataclass

from ros_nodes.parameter import StageConfig, parameter


@dataclass(frozen=True, slots=True)
class FlyMissionConfig(StageConfig):
    """What the fly_mission node can be told."""

    goals: str = parameter("", "goals in order, separated by commas")
    mission: str = parameter("", "a whole mission as JSON; goes before goals")
    words: str = parameter("", "a mission in words, for the language planner; goes before both")
    time_limit_per_goal_s: float = parameter(60.0, "time each goal may take", 1.0, 3600.0, unit="s")
    recorder: bool = parameter(False, "wait for the recorder as well")
    result_file: str = parameter("", "write the result here as JSON")

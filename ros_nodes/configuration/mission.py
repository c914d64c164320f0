"""The configuration of the mission node."""

from __future__ import annotations

from dataclasses import dataclass

from ros_nodes.parameter import StageConfig, parameter


@dataclass(frozen=True, slots=True)
class MissionConfig(StageConfig):
    """What the mission node can be told."""

    time_limit_per_goal_s: float = parameter(
        60.0, "default time for each goal", 1.0, 3600.0, unit="s", live=True
    )
    height_m: float = parameter(0.8, "take-off height", 0.2, 2.0, unit="m", live=True)
    run_dir: str = parameter("", "folder of the report, told in the action's result")

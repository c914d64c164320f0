"""The configuration of the recorder node."""

from __future__ import annotations

from dataclasses import dataclass

from ros_nodes.parameter import StageConfig, parameter


@dataclass(frozen=True, slots=True)
class RecorderConfig(StageConfig):
    """What the recorder node can be told."""

    run_dir: str = parameter("", "folder to write to; runs/<stamp> when empty")
    bag: bool = parameter(True, "keep all messages in <run_dir>/bag as well", live=True)
    video: bool = parameter(True, "encode flight.mp4", live=True)
    planner: str = parameter("", "name of the planner, for the report")
    navigator: str = parameter("", "name of the navigator, for the report")
    detector: str = parameter("", "name of the detector, for the report")
    fence_half_m: float = parameter(
        0.0, "the supervisor's fence, for replays; 0: not known", 0.0, 1000.0, unit="m"
    )
    fence_top_m: float = parameter(0.0, "its top", 0.0, 100.0, unit="m")

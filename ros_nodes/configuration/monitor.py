"""The configuration of the monitor node."""

from __future__ import annotations

from dataclasses import dataclass

from ros_nodes.parameter import StageConfig, parameter


@dataclass(frozen=True, slots=True)
class MonitorConfig(StageConfig):
    """What the monitor node can be told."""

    annotated_width: int = parameter(
        648, "width of camera/annotated; 0: as the camera's", 0, 1920, unit="px", live=True
    )
    path_poses: int = parameter(3000, "poses kept of the path", 10, 100000)

"""The configuration of the supervisor node."""

from __future__ import annotations

from dataclasses import dataclass

from ros_nodes.parameter import StageConfig, parameter


@dataclass(frozen=True, slots=True)
class SupervisorConfig(StageConfig):
    """What the supervisor node can be told."""

    fence_half_m: float = parameter(10.0, "half side of the geofence", 0.5, 1000.0, unit="m")
    fence_top_m: float = parameter(2.4, "top of the geofence", 0.5, 100.0, unit="m")
    silence_land_s: float = parameter(1.0, "hovering for silent stages, before landing", 0.5, 30.0, unit="s")

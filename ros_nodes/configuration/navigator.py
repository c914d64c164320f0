"""The configuration of the navigator node."""

from __future__ import annotations

from dataclasses import dataclass

from ros_nodes.parameter import StageConfig, parameter


@dataclass(frozen=True, slots=True)
class NavigatorConfig(StageConfig):
    """What the navigator node can be told."""

    navigator: str = parameter("learned", "which navigator: learned, routes, scripted")
    seed: int = parameter(0, "seed of the navigator", 0, 2**31)
    teleop: bool = parameter(False, "fly what comes on `cmd_vel` while it is fresh")
    teleop_fresh_s: float = parameter(
        0.5, "silence on `cmd_vel` that gives the control back", 0.1, 5.0, unit="s", live=True
    )

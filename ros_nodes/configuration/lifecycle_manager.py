"""The configuration of the lifecycle_manager node."""

from __future__ import annotations

from dataclasses import dataclass

from ros_nodes.parameter import StageConfig, parameter


@dataclass(frozen=True, slots=True)
class LifecycleManagerConfig(StageConfig):
    """What the lifecycle_manager node can be told."""

    nodes: str = parameter("", "the managed nodes in the order of their bring-up, separated by commas")
    critical: str = parameter("", "those without which no mission may begin, separated by commas")
    restarted: str = parameter("", "those that are started again when they end, separated by commas")
    heartbeat_timeout_s: float = parameter(1.0, "silence that makes a node missing", 0.5, 60.0, unit="s")
    hung_timeout_s: float = parameter(
        3.0, "silence after which one that is started again is killed, if its process lives", 1.0, 600.0,
        unit="s",
    )  # fmt: skip
    bring_up: bool = parameter(True, "bring the graph up at once; else wait for manage_graph")

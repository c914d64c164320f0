"""The configuration of the foxglove node."""

from __future__ import annotations

from dataclasses import dataclass

from ros_nodes.parameter import StageConfig, parameter


@dataclass(frozen=True, slots=True)
class FoxgloveConfig(StageConfig):
    """What the foxglove node can be told."""

    host: str = parameter("127.0.0.1", "address to listen on; 0.0.0.0: all")
    port: int = parameter(8765, "TCP port; 0: any", 0, 65535)

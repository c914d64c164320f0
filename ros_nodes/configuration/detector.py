"""The configuration of the detector node."""

from __future__ import annotations

from dataclasses import dataclass

from ros_nodes.parameter import StageConfig, parameter


@dataclass(frozen=True, slots=True)
class DetectorConfig(StageConfig):
    """What the detector node can be told."""

    detector: str = parameter("onnx", "onnx, or truth: the simulator's own boxes", choices=("onnx", "truth"))
    model: str = parameter("", "detector file; the shipped one when empty")

"""The convolutional network of the pixel agent, and its ONNX graph."""

from __future__ import annotations

from typing import Any

import numpy as np
import onnx
import torch
from gymnasium import spaces
from onnx import TensorProto, helper, numpy_helper
from stable_baselines3.common.torch_layers import BaseFeaturesExtractor
from torch import nn

from reprohrl.policies.mlp import IR_VERSION, OPSET
from reprohrl.training.agents.pixel_agent import PIXELS, SPEC, STACK
from sim.envs.frames import HEIGHT, WIDTH

KERNELS, STRIDES = (8, 4), (4, 2)


class FrameFeatures(BaseFeaturesExtractor):
    """{"frames": (B, STACK, H, W) bytes, "beside": (B, D)} -> two convolutions, flat, beside the rest."""

    def __init__(self, space: spaces.Dict, channels: tuple[int, ...]) -> None:
        sizes = [(HEIGHT, WIDTH)]
        for kernel, stride in zip(KERNELS, STRIDES, strict=True):
            high, wide = sizes[-1]
            sizes.append(((high - kernel) // stride + 1, (wide - kernel) // stride + 1))
        flat = channels[-1] * sizes[-1][0] * sizes[-1][1]
        super().__init__(space, flat + space["beside"].shape[0])
        self.convolutions = nn.Sequential(
            nn.Conv2d(STACK, channels[0], KERNELS[0], STRIDES[0]), nn.ReLU(),
            nn.Conv2d(channels[0], channels[1], KERNELS[1], STRIDES[1]), nn.ReLU(), nn.Flatten(),
        )  # fmt: skip

    def forward(self, seen: dict[str, torch.Tensor]) -> torch.Tensor:
        frames = seen["frames"].float() / 255.0
        return torch.cat([self.convolutions(frames), seen["beside"]], dim=1)


class FrameNet(nn.Module):
    """A trained SB3 policy as one network: scaled flat observation (N, D) -> mean action (N, 4)."""

    def __init__(self, policy: Any) -> None:
        super().__init__()
        self.convolutions = policy.features_extractor.convolutions
        self.head = nn.Sequential(*policy.mlp_extractor.policy_net, policy.action_net)

    def forward(self, observation: torch.Tensor) -> torch.Tensor:
        frames = observation[:, :PIXELS].reshape(-1, STACK, HEIGHT, WIDTH)
        features = torch.cat([self.convolutions(frames), observation[:, PIXELS:]], dim=1)
        result: torch.Tensor = self.head(features)
        return result

    def to_onnx(self) -> onnx.ModelProto:
        """Return the graph, float32, its weights copied."""
        graph = _Graph()
        frames = graph.node("Slice", "observation", graph.ints([0]), graph.ints([PIXELS]), graph.ints([1]))
        ends = graph.ints([SPEC.observation_size])
        beside = graph.node("Slice", "observation", graph.ints([PIXELS]), ends, graph.ints([1]))
        current = graph.node("Reshape", frames, graph.ints([-1, STACK, HEIGHT, WIDTH]))
        for layer in self.convolutions:
            current = graph.layer(layer, current)
        current = graph.node("Concat", current, beside, axis=1)
        for layer in self.head:
            current = graph.layer(layer, current)
        graph.nodes.append(helper.make_node("Identity", [current], ["action"]))
        shapes = (("observation", SPEC.observation_size), ("action", SPEC.action_size))
        values = [helper.make_tensor_value_info(n, TensorProto.FLOAT, ["N", size]) for n, size in shapes]
        made = helper.make_graph(graph.nodes, "policy", values[:1], values[1:], graph.weights)
        model = helper.make_model(made, opset_imports=[helper.make_opsetid("", OPSET)])
        model.ir_version = IR_VERSION
        onnx.checker.check_model(model)
        return model


class _Graph:
    def __init__(self) -> None:
        self.nodes: list[Any] = []
        self.weights: list[Any] = []

    def node(self, op: str, *inputs: str, **attributes: Any) -> str:
        name = f"h{len(self.nodes)}"
        self.nodes.append(helper.make_node(op, list(inputs), [name], **attributes))
        return name

    def constant(self, value: np.ndarray[Any, Any]) -> str:
        name = f"w{len(self.weights)}"
        self.weights.append(numpy_helper.from_array(np.ascontiguousarray(value), name))
        return name

    def ints(self, values: list[int]) -> str:
        return self.constant(np.array(values, np.int64))

    def layer(self, layer: nn.Module, current: str) -> str:
        match layer:
            case nn.Conv2d():
                weights = [self.constant(p.detach().numpy()) for p in (layer.weight, layer.bias)]
                return self.node("Conv", current, *weights, strides=list(layer.stride))
            case nn.Linear():
                weights = [self.constant(p.detach().numpy()) for p in (layer.weight, layer.bias)]
                return self.node("Gemm", current, *weights, transB=1)
            case nn.Flatten():
                return self.node("Flatten", current)
        return self.node({nn.ReLU: "Relu", nn.Tanh: "Tanh"}[type(layer)], current)

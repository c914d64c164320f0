"""Build the ONNX graph of a multilayer perceptron from its weights, with no training library."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper

OPSET = 17
IR_VERSION = 8
ACTIVATIONS = ("Tanh", "Relu", "Elu", "LeakyRelu", "Sigmoid", "Softplus", "Softmax")


@dataclass(frozen=True, slots=True)
class Dense:
    """y = x W^T + b, weight (out, in), bias (out,)."""

    weight: NDArray[np.float32]
    bias: NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Norm:
    """Layer normalisation over the last axis, weight and bias (size,)."""

    weight: NDArray[np.float32]
    bias: NDArray[np.float32]
    epsilon: float = 1e-5


@dataclass(frozen=True, slots=True)
class Activation:
    """One of `ACTIVATIONS`, by its ONNX operator name; `alpha` for those that have one."""

    op: str
    alpha: float | None = None


Layer = Dense | Norm | Activation


def build_mlp(layers: Sequence[Layer]) -> onnx.ModelProto:
    """Return a model `observation` (N, D) -> `action` (N, A), float32, N free.

    Raises `ValueError` for layers that do not fit together.
    """
    dense = [layer for layer in layers if isinstance(layer, Dense)]
    if not dense:
        raise ValueError("a network needs at least one dense layer")
    for before, after in pairwise(dense):
        if before.weight.shape[0] != after.weight.shape[1]:
            raise ValueError(f"layers of {before.weight.shape} and {after.weight.shape} do not fit together")
    nodes, weights, current = [], [], "observation"
    for i, layer in enumerate(layers):
        result = "action" if i == len(layers) - 1 else f"h{i}"
        names = [current]
        if not isinstance(layer, Activation):
            names += [f"weight{i}", f"bias{i}"]
            weights += [
                numpy_helper.from_array(np.ascontiguousarray(value, np.float32), name)
                for value, name in zip((layer.weight, layer.bias), names[1:], strict=True)
            ]
        nodes.append(_node(layer, names, result))
        current = result
    graph = helper.make_graph(
        nodes,
        "policy",
        [helper.make_tensor_value_info("observation", TensorProto.FLOAT, ["N", dense[0].weight.shape[1]])],
        [helper.make_tensor_value_info("action", TensorProto.FLOAT, ["N", dense[-1].weight.shape[0]])],
        weights,
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", OPSET)])
    model.ir_version = IR_VERSION
    onnx.checker.check_model(model)
    return model


def _node(layer: Layer, names: list[str], result: str) -> onnx.NodeProto:
    match layer:
        case Dense():
            return helper.make_node("Gemm", names, [result], transB=1)
        case Norm():
            return helper.make_node("LayerNormalization", names, [result], epsilon=layer.epsilon)
        case Activation():
            if layer.op not in ACTIVATIONS:
                raise ValueError(f"activation {layer.op!r} is not one of {', '.join(ACTIVATIONS)}")
            extra = {} if layer.alpha is None else {"alpha": layer.alpha}
            return helper.make_node(layer.op, names, [result], **extra)

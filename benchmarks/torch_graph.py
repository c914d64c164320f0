"""An ONNX file run by torch, operator by operator, as eager torch would run the network it came from."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import onnxruntime as ort
import torch
from numpy.typing import NDArray
from onnx import helper, numpy_helper
from torch.nn import functional

Operator = Callable[[dict[str, Any], list[Any]], Any]


class TorchGraph:
    """Constants are folded first, so that nothing but the network's own operators is measured."""

    def __init__(self, path: Path) -> None:
        graph = _folded(path).graph
        self._constants = {
            i.name: torch.from_numpy(numpy_helper.to_array(i).copy()) for i in graph.initializer
        }
        self._input, self._output = graph.input[0].name, graph.output[0].name
        self._nodes = []
        for node in graph.node:
            settings = {a.name: helper.get_attribute_value(a) for a in node.attribute}
            if node.op_type == "Constant":
                self._constants[node.output[0]] = torch.from_numpy(
                    numpy_helper.to_array(settings["value"]).copy()
                )
            else:
                self._nodes.append((OPERATORS[node.op_type], settings, list(node.input), list(node.output)))

    @torch.inference_mode()
    def __call__(self, array: NDArray[np.float32]) -> NDArray[np.float32]:
        values: dict[str, Any] = {**self._constants, self._input: torch.from_numpy(array), "": None}
        for operator, settings, inputs, outputs in self._nodes:
            result = operator(settings, [values[name] for name in inputs])
            values.update(zip(outputs, result if isinstance(result, tuple) else (result,), strict=True))
        answer: NDArray[np.float32] = values[self._output].numpy()
        return answer


def _folded(path: Path) -> onnx.ModelProto:
    options = ort.SessionOptions()
    options.graph_optimization_level = ort.GraphOptimizationLevel.ORT_ENABLE_BASIC
    options.log_severity_level = 4
    with tempfile.TemporaryDirectory() as folder:
        options.optimized_model_filepath = str(Path(folder) / "folded.onnx")
        ort.InferenceSession(path.read_bytes(), options, providers=["CPUExecutionProvider"])
        return onnx.load(options.optimized_model_filepath)


def _conv(a: dict[str, Any], x: list[Any]) -> Any:
    pads = a.get("pads", [0, 0, 0, 0])
    return functional.conv2d(
        x[0], x[1], x[2] if len(x) > 2 else None, stride=tuple(a.get("strides", (1, 1))),
        padding=(pads[0], pads[1]), dilation=tuple(a.get("dilations", (1, 1))), groups=a.get("group", 1),
    )  # fmt: skip


def _gemm(a: dict[str, Any], x: list[Any]) -> Any:
    weights = x[1] if a.get("transB", 0) else x[1].T
    return functional.linear(x[0], weights, x[2])


def _slice(a: dict[str, Any], x: list[Any]) -> Any:
    out, steps = x[0], x[4].tolist() if len(x) > 4 and x[4] is not None else [1] * len(x[1])
    for start, end, axis, step in zip(x[1].tolist(), x[2].tolist(), x[3].tolist(), steps, strict=True):
        span = range(*slice(start, end, step).indices(out.shape[axis]))
        out = out.narrow(axis, span.start, len(span))
    return out


def _pool(a: dict[str, Any], x: list[Any]) -> Any:
    return functional.max_pool2d(x[0], a["kernel_shape"], a.get("strides"), a.get("pads", [0, 0])[:2])


OPERATORS: dict[str, Operator] = {
    "Conv": _conv,
    "Gemm": _gemm,
    "Slice": _slice,
    "MaxPool": _pool,
    "Tanh": lambda a, x: torch.tanh(x[0]),
    "Relu": lambda a, x: torch.relu(x[0]),
    "Sigmoid": lambda a, x: torch.sigmoid(x[0]),
    "Mul": lambda a, x: x[0] * x[1],
    "Add": lambda a, x: x[0] + x[1],
    "Sub": lambda a, x: x[0] - x[1],
    "Div": lambda a, x: x[0] / x[1],
    "MatMul": lambda a, x: x[0] @ x[1],
    "Concat": lambda a, x: torch.cat(x, a["axis"]),
    "Softmax": lambda a, x: torch.softmax(x[0], a.get("axis", -1)),
    "Transpose": lambda a, x: x[0].permute(a["perm"]),
    "Reshape": lambda a, x: x[0].reshape(x[1].tolist()),
    "Split": lambda a, x: tuple(torch.split(x[0], x[1].tolist(), a.get("axis", 0))),
    "Resize": lambda a, x: functional.interpolate(x[0], scale_factor=x[2].tolist()[2:], mode="nearest"),
}

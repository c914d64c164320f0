"""Latency of the shipped networks under onnxruntime, beside the same networks in torch eager, in one run.

Run: python -m benchmarks.inference [--quick] [--json FILE]

Batch 1, one and two threads. The two runtimes take turns, so that a busy machine slows both; the answers are
compared before anything is measured. Without torch, onnxruntime is measured alone.
"""

from __future__ import annotations

import argparse
import importlib.util
import json
import sys
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
import onnxruntime as ort
from numpy.typing import NDArray

from reprohrl.contracts.drone import Frame
from reprohrl.perception.detector import OnnxDetector
from reprohrl.policies.paths import models_dir

THREADS = (1, 2)
ROUNDS, CALLS = 20, 25
WARM_UP = 10
PARITY = 1e-3
Call = Callable[[], Any]


@dataclass(frozen=True)
class Latency:
    """One line [ms]; `ratio` is torch's median over onnxruntime's, None where there is no torch."""

    model: str
    threads: int
    p50: float
    p99: float
    torch_p50: float | None
    torch_p99: float | None
    ratio: float | None


def session(path: Path, threads: int) -> ort.InferenceSession:
    options = ort.SessionOptions()
    options.intra_op_num_threads, options.inter_op_num_threads = threads, 1
    return ort.InferenceSession(path.read_bytes(), options, providers=["CPUExecutionProvider"])


def example(opened: ort.InferenceSession) -> NDArray[np.float32]:
    shape = [n if isinstance(n, int) else 1 for n in opened.get_inputs()[0].shape]
    return np.random.default_rng(0).random(shape, np.float32)


def take_turns(calls: list[Call], rounds: int) -> list[NDArray[np.float64]]:
    """Return the milliseconds of every call of each; each is called `CALLS` times in every round."""
    times: list[list[float]] = [[] for _ in calls]
    for call in calls:
        for _ in range(WARM_UP):
            call()
    for _ in range(rounds):
        for call, spent in zip(calls, times, strict=True):
            for _ in range(CALLS):
                start = time.perf_counter()
                call()
                spent.append((time.perf_counter() - start) * 1e3)
    return [np.array(t) for t in times]


def measure(path: Path, threads: int, rounds: int) -> Latency:
    """Measure one file at one number of threads."""
    opened = session(path, threads)
    array, name = example(opened), opened.get_inputs()[0].name
    calls: list[Call] = [lambda: opened.run(None, {name: array})]
    if importlib.util.find_spec("torch") is not None:
        import torch

        from benchmarks.torch_graph import TorchGraph

        torch.set_num_threads(threads)
        graph = TorchGraph(path)
        difference = float(np.abs(graph(array) - opened.run(None, {name: array})[0]).max())
        if difference > PARITY:
            raise SystemExit(f"{path.name}: torch and onnxruntime differ by {difference:.1e}")
        calls.append(lambda: graph(array))
    times = take_turns(calls, rounds)
    p50, p99 = (float(np.percentile(times[0], p)) for p in (50, 99))
    if len(times) == 1:
        return Latency(path.stem, threads, p50, p99, None, None, None)
    other, worst = (float(np.percentile(times[1], p)) for p in (50, 99))
    return Latency(path.stem, threads, p50, p99, other, worst, other / p50)


def whole_detection(rounds: int) -> Latency:
    """Measure a frame's whole way through the detector: letterbox, network, boxes."""
    detector = OnnxDetector()
    pixels = np.random.default_rng(0).integers(0, 255, (244, 324), np.uint8)
    (times,) = take_turns([lambda: detector.detect(Frame(pixels, 0.0))], rounds)
    p50, p99 = (float(np.percentile(times, p)) for p in (50, 99))
    return Latency("frame to boxes", 1, p50, p99, None, None, None)


def main() -> int:
    parser = argparse.ArgumentParser(prog="benchmarks.inference", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="few rounds")
    parser.add_argument("--json", type=Path, help="write all numbers to this file")
    parser.add_argument("--models", type=Path, help="folder of ONNX files; the shipped ones")
    asked = parser.parse_args()
    rounds = 2 if asked.quick else ROUNDS
    files = sorted((asked.models or models_dir()).glob("*.onnx"))
    lines = [measure(file, threads, rounds) for file in files for threads in THREADS]
    if asked.models is None:
        lines.append(whole_detection(rounds))
    out = "model            threads    p50 ms    p99 ms  torch p50  torch p99   ratio\n"
    for n in lines:
        peer = [f"{v:10.3f}" if v is not None else f"{'-':>10s}" for v in (n.torch_p50, n.torch_p99)]
        ratio = f"{n.ratio:6.1f}x" if n.ratio is not None else f"{'-':>7s}"
        out += f"{n.model:16s} {n.threads:7d} {n.p50:9.3f} {n.p99:9.3f} {peer[0]} {peer[1]} {ratio}\n"
    sys.stdout.write(out)
    if asked.json is not None:
        asked.json.write_text(json.dumps([asdict(n) for n in lines], indent=2) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())

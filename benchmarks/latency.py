"""From a frame to its setpoint: how long, and where each millisecond goes; in process and across processes.

Run: python -m benchmarks.latency [--quick] [--json FILE]

Both fly the same mission at 10 frames per second of wall time with the detector on the CPU. In process, the
stages are called one after the other. Across processes, every frame carries a trace through the ROS graph:
a stage notes when its inputs had arrived and when it answered; the ways between two are DDS and scheduling.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

import numpy as np

from reprohrl.contracts.errors import UserError

SHARES = (50, 95, 99)
BUDGET_MS = 50.0
"""p99 from frame to setpoint at 10 frames per second on two cores."""

MISSION = ("--task", "MC-3")
DEADLINE_S = 300.0
WARM_UP = 10
"""Frames at the beginning that are left out: caches and the allocator warm up."""

Samples = dict[str, list[float]]


def in_process(seed: int) -> Samples:
    """Fly in this process at wall speed; return the samples [ms] of each stage and of the whole."""
    with tempfile.TemporaryDirectory() as folder:
        run = Path(folder, "run")
        words = ["fly", *MISSION, "--seed", str(seed), "--realtime", "--no-video", "--out", str(run)]
        _reprohrl(words)
        from reprohrl.reporting.mcap import read_mcap

        rows = read_mcap(run / "flight.mcap").rows[WARM_UP:]
    samples: Samples = {}
    for row in rows:
        for stage, seconds in row.latency_s.items():
            samples.setdefault(stage, []).append(1e3 * seconds)
    return samples


def across_processes(seed: int) -> Samples:
    """Fly the ROS graph at wall speed; return the samples [ms] of each stage, each way, and the whole."""
    from ros_nodes import environment
    from ros_nodes.bag import load_types
    from ros_nodes.latency import by_part, total_ms

    environment.prepare()
    with tempfile.TemporaryDirectory() as folder:
        run = Path(folder, "run")
        _reprohrl(
            ["launch", "multigoal", f"task:={MISSION[1]}", f"seed:={seed}", f"run_dir:={run}", "video:=false"]
        )
        from rosbags.highlevel import AnyReader

        traces = []
        with AnyReader([run / "bag"], default_typestore=load_types()) as reader:
            for connection, _, data in reader.messages():
                if connection.topic.endswith("/latency"):
                    traces.append(reader.deserialize(data, connection.msgtype).hops)
    traces = traces[WARM_UP:]
    return {**by_part(traces), "total": [total_ms(hops) for hops in traces]}


def _reprohrl(words: list[str]) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "reprohrl", *words], capture_output=True, text=True, timeout=DEADLINE_S
    )
    if done.returncode not in (0, 1):  # 1: the mission failed, which its latencies do not mind
        raise UserError(f"reprohrl {words[0]} ended with {done.returncode}", why=done.stderr[-500:])


def table(title: str, samples: Samples) -> str:
    """Return the parts in the order they happen, the share of the whole each takes, then the whole."""
    total = samples["total"]
    lines = [
        f"{title}, {len(total)} frames [ms]",
        f"  {'':<30}{'p50':>8}{'p95':>8}{'p99':>8}{'mean':>8}{'share':>8}",
    ]
    for name, values in [*((k, v) for k, v in samples.items() if k != "total"), ("total", total)]:
        p50, p95, p99 = np.percentile(values, SHARES)
        share = np.sum(values) / np.sum(total)
        mean = np.mean(values)
        lines.append(f"  {name:<30}{p50:8.2f}{p95:8.2f}{p99:8.2f}{mean:8.2f}{share:8.0%}")
    ways = [name for name in samples if " to " in name]
    if ways:
        between = np.sum([samples[name] for name in ways], axis=0)
        p50, p95, p99 = np.percentile(between, SHARES)
        lines.append(
            f"  {'of it between stages (DDS)':<30}{p50:8.2f}{p95:8.2f}{p99:8.2f}{between.mean():8.2f}"
        )
    return "\n".join(lines)


def summary(samples: Samples) -> dict[str, Any]:
    """Return the percentiles [ms] of every part, JSON-ready."""
    return {
        name: {
            f"p{p}": round(float(v), 3) for p, v in zip(SHARES, np.percentile(values, SHARES), strict=True)
        }
        for name, values in samples.items()
    }


def merged(runs: list[Samples]) -> Samples:
    """Join the samples of several flights."""
    return {name: [v for run in runs for v in run.get(name, ())] for name in runs[0]}


def main() -> int:
    parser = argparse.ArgumentParser(prog="benchmarks.latency", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="one flight each instead of three")
    parser.add_argument("--only", choices=("process", "processes"), help="leave the other out")
    parser.add_argument("--json", type=Path, help="write the percentiles here")
    asked = parser.parse_args()
    seeds = (1,) if asked.quick else (1, 2, 3)
    load, cores = os.getloadavg()[0], os.cpu_count() or 1
    out: dict[str, Any] = {"cores": cores, "load_before": round(load, 2), "flights": len(seeds)}
    sys.stdout.write(f"{cores} cores, load {load:.1f} before the first flight\n")
    if load > 0.5 * cores:
        sys.stdout.write("the machine is busy: these numbers are larger than those of an idle one\n")
    ways = {"in process": in_process, "across processes": across_processes}
    if asked.only:
        ways.pop("across processes" if asked.only == "process" else "in process")
    for title, fly in ways.items():
        samples = merged([fly(seed) for seed in seeds])
        p99 = float(np.percentile(samples["total"], 99))
        verdict = "within" if p99 <= BUDGET_MS else "over"
        words = f"  p99 {p99:.1f} ms, {verdict} the budget of {BUDGET_MS:.0f} ms"
        sys.stdout.write(f"\n{table(title, samples)}\n{words}\n")
        out[title] = summary(samples)
    if asked.json:
        half = asked.json.with_suffix(".half")
        half.write_text(json.dumps(out, indent=2) + "\n")
        shutil.move(half, asked.json)
    return 0


if __name__ == "__main__":
    sys.exit(main())

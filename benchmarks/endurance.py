"""An hour of simulated flight through the ROS graph: what each node's memory and the latency do meanwhile.

Run: python -m benchmarks.endurance [--minutes 60] [--json FILE]

The processes of one graph stay up, with recorder; missions are flown one after the other, as fast as the
machine can. After each, the memory of every node and the mission's frame-to-setpoint latencies are noted.
Every few missions the graph is reset and started again: a new world, with a full battery.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import numpy as np

GOALS = ("torus", "cube", "cone")
WORDS = ("task:=MC-3", f"goals:={','.join(GOALS)}", "seed:=1", "speed:=0", "fly:=false", "video:=false")
MISSION_S = 600.0
"""Wall time one mission may take."""

BATTERY_MISSIONS = 6
"""Missions of about 25 s that one battery surely lasts for."""

START_S = 120.0
FIRST = 0.1
"""Share of the flight after which everything that is made once is made."""

Sample = dict[str, Any]


def resident_mib(pid: int) -> float:
    status = Path(f"/proc/{pid}/status").read_text()
    return next(int(line.split()[1]) for line in status.splitlines() if line.startswith("VmRSS")) / 1024


def nodes_of(launcher: int) -> dict[str, int]:
    """Return the process id of each node that `launcher` started, by name."""
    found = {}
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            if f"PPid:\t{launcher}\n" not in (folder / "status").read_text():
                continue
            words = (folder / "cmdline").read_bytes().decode(errors="replace").split("\0")
        except OSError:
            continue
        module = next((w for w in words if w.startswith("ros_nodes.")), "")
        if module:
            found[module.removeprefix("ros_nodes.")] = int(folder.name)
    return found


def fly(minutes: float, launcher: int) -> list[Sample]:
    """Fly missions until so much simulated time is flown; return a sample for each."""
    import rclpy
    from rclpy.action import ActionClient

    from reprohrl_msgs import msg as m
    from reprohrl_msgs.action import FlyMission
    from reprohrl_msgs.srv import ManageGraph
    from ros_nodes import qos
    from ros_nodes.latency import total_ms

    rclpy.init()
    node = rclpy.create_node("endurance")
    latencies: list[float] = []
    ready: list[bool] = [False]

    def on_graph(status: m.GraphStatus) -> None:
        ready[0] = status.ready

    node.create_subscription(m.GraphStatus, "graph_status", on_graph, qos.LATCHED)
    node.create_subscription(
        m.LatencyTrace, "latency", lambda t: latencies.append(total_ms(t.hops)), qos.deep(qos.STAGES, 200)
    )
    client = ActionClient(node, FlyMission, "fly_mission")
    manager = node.create_client(ManageGraph, "manage_graph")

    def until(holds: Any, what: str, deadline_s: float) -> None:
        end = time.monotonic() + deadline_s
        while not holds():
            if time.monotonic() > end:
                raise SystemExit(f"waited {deadline_s:.0f} s for {what}")
            rclpy.spin_once(node, timeout_sec=0.1)

    def change_battery() -> None:
        for goal in (ManageGraph.Request.RESET, ManageGraph.Request.STARTUP):
            answer = manager.call_async(ManageGraph.Request(goal=goal))
            until(answer.done, "the graph's answer", START_S)
            if not answer.result().success:
                raise SystemExit(f"the graph does not come up again: {answer.result().message}")

    until(lambda: ready[0] and client.server_is_ready(), "the graph", START_S)
    samples: list[Sample] = []
    flown_s = 0.0
    while flown_s < 60.0 * minutes:
        if samples and len(samples) % BATTERY_MISSIONS == 0:
            change_battery()
            until(lambda: ready[0] and client.server_is_ready(), "the graph", START_S)
        latencies.clear()
        sent = client.send_goal_async(FlyMission.Goal(goals=GOALS))
        until(sent.done, "the goal's answer", 30.0)
        if not sent.result().accepted:
            time.sleep(1.0)
            continue
        waiting = sent.result().get_result_async()
        until(waiting.done, "the mission's end", MISSION_S)
        result = waiting.result().result
        flown_s += result.elapsed_s
        memory = {name: resident_mib(pid) for name, pid in nodes_of(launcher).items()}
        samples.append(
            {"flown_s": flown_s, "success": result.success, "reason": result.reason,
             "memory_mib": memory, "latency_ms": list(latencies)}
        )  # fmt: skip
        sys.stdout.write(
            f"\r{flown_s / 60:5.1f} of {minutes:.0f} min, {len(samples)} missions, "
            f"{sum(memory.values()):.0f} MiB  {result.reason[:40]:<40}"
        )
        sys.stdout.flush()
    sys.stdout.write("\n")
    node.destroy_node()
    rclpy.shutdown()
    return samples


def report(samples: list[Sample]) -> tuple[str, dict[str, Any]]:
    """Return the table and its numbers: memory after a tenth and at the end, latency in both thirds."""
    total_s = samples[-1]["flown_s"]
    first = next(s for s in samples if s["flown_s"] >= FIRST * total_s)
    hours = max((total_s - first["flown_s"]) / 3600.0, 1e-6)
    lines = [f"  {'memory [MiB]':<22}{'after 10 %':>12}{'at the end':>12}{'per hour':>12}"]
    memory = {}
    for name, then in sorted(first["memory_mib"].items()):
        now = samples[-1]["memory_mib"].get(name, float("nan"))
        rate = (now - then) / hours
        memory[name] = {"first": round(then, 1), "last": round(now, 1), "per_hour": round(rate, 1)}
        lines.append(f"  {name:<22}{then:12.1f}{now:12.1f}{rate:12.1f}")
    third = max(1, len(samples) // 3)
    latency = {}
    for title, part in (("first third", samples[:third]), ("last third", samples[-third:])):
        values = np.concatenate([s["latency_ms"] for s in part])
        p50, p99 = np.percentile(values, (50, 99))
        latency[title] = {"frames": len(values), "p50": round(float(p50), 2), "p99": round(float(p99), 2)}
        lines.append(f"  latency, {title}: p50 {p50:.1f} ms, p99 {p99:.1f} ms ({len(values)} frames)")
    good = sum(s["success"] for s in samples)
    lines.append(f"  {good} of {len(samples)} missions succeeded, {total_s / 60:.1f} min of flight")
    numbers = {"minutes": round(total_s / 60, 1), "missions": len(samples), "succeeded": good,
               "memory_mib": memory, "latency_ms": latency}  # fmt: skip
    return "\n".join(lines), numbers


def main() -> int:
    parser = argparse.ArgumentParser(prog="benchmarks.endurance", description=__doc__)
    parser.add_argument("--minutes", type=float, default=60.0, help="simulated minutes in the air (60)")
    parser.add_argument("--json", type=Path, help="write the numbers here")
    asked = parser.parse_args()
    from ros_nodes.environment import Domain, prepare

    domain = Domain.claim()
    prepare(domain=domain.number)
    with tempfile.TemporaryDirectory() as folder, Path(folder, "launch.txt").open("w") as out:
        launcher = subprocess.Popen(
            [sys.executable, "-m", "reprohrl", "launch", "multigoal", *WORDS, f"run_dir:={folder}/run"],
            stdin=subprocess.DEVNULL, stdout=out, stderr=subprocess.STDOUT, env=os.environ,
        )  # fmt: skip
        try:
            samples = fly(asked.minutes, launcher.pid)
        finally:
            launcher.terminate()
            launcher.wait(180.0)
    text, numbers = report(samples)
    sys.stdout.write(f"{text}\n")
    if asked.json:
        half = asked.json.with_suffix(".half")
        half.write_text(json.dumps(numbers, indent=2) + "\n")
        half.replace(asked.json)
    return 0


if __name__ == "__main__":
    sys.exit(main())

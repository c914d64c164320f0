"""Up and down a hundred times, or as often as REPROHRL_SOAK says: nothing leaks, nothing sticks."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from reprohrl_msgs import msg as m
from reprohrl_msgs.srv import ManageGraph
from tests.ros.footprint import Footprint, measure
from tests.ros.graph_under_test import Graph
from tests.ros.probe import Probe

CYCLES = int(os.environ.get("REPROHRL_SOAK", "100"))
WARM = 5
"""Cycles after which everything that is made once is made."""

pytestmark = [pytest.mark.ros, pytest.mark.timeout(120 + 10 * CYCLES)]
ACTIVE, UNCONFIGURED = 3, 1


@pytest.fixture
def graph(ros: int, tmp_path: Path) -> Iterator[Graph]:
    one = Graph(ros, tmp_path / "run", task="S1", video="false", lasting=True)
    yield one
    one.close()


@pytest.fixture
def probe(ros: int) -> Iterator[Probe]:
    one = Probe("soak", topics=((m.GraphStatus, "graph_status"),))
    yield one
    one.close()


def test_a_graph_comes_up_and_goes_down_again_and_again(graph: Graph, probe: Probe) -> None:
    """Every process goes through configure, activate, deactivate and cleanup in each cycle."""
    client = probe.node.create_client(ManageGraph, "manage_graph")

    def go(goal: int, state: int) -> None:
        answer: Any = probe.call(client, ManageGraph.Request(goal=goal), 90.0)
        assert answer.success, f"cycle {cycle}: {answer.message}"
        probe.until(lambda: all_are(state), f"state {state}")

    def all_are(state: int) -> bool:
        status = probe.newest("graph_status")  # none right after `clear`
        return status is not None and set(status.states) == {state}

    probe.until(
        lambda: probe.newest("graph_status") and probe.newest("graph_status").ready, "the graph", 90.0
    )
    began, first = time.monotonic(), {}
    for cycle in range(CYCLES):
        go(ManageGraph.Request.RESET, UNCONFIGURED)
        go(ManageGraph.Request.STARTUP, ACTIVE)
        probe.clear()
        if cycle == min(WARM, CYCLES - 1):
            first = footprints(graph)
    seconds, last = time.monotonic() - began, footprints(graph)
    print(f"\n{CYCLES} cycles of {len(first)} nodes in {seconds:.1f} s")
    assert sorted(graph.alive()) == sorted(graph.specs), "nobody died on the way"
    for name, now in last.items():
        then = first[name]
        print(f"{name}: {then} -> {now}")
        assert now.files <= then.files and now.threads <= then.threads, name
        assert now.shared == 0, f"{name}: a lock in shared memory that a killed node held would stop it"
        assert now.memory_mib - then.memory_mib < 10.0 + 0.1 * CYCLES, f"{name}: {then} -> {now}"
    graph.close()
    assert not graph.alive()


def footprints(graph: Graph) -> dict[str, Footprint]:
    return {name: measure(child.pid) for name, child in graph.children.items()}

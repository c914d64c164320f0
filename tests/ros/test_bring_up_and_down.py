"""Up and down a hundred times, or as often as REPROHRL_SOAK says: nothing leaks, nothing sticks."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from ros_nodes.environment import Domain
from ros_nodes.roster import Primary
from tests.ros.footprint import Footprint, measure
from tests.ros.in_one_process import OneProcess

CYCLES = int(os.environ.get("REPROHRL_SOAK", "100"))
WARM = 5
"""Cycles after which everything that is made once is made."""

pytestmark = [pytest.mark.ros, pytest.mark.timeout(120 + 6 * CYCLES)]


@pytest.fixture
def graph(ros: int, tmp_path: Path) -> Iterator[OneProcess]:
    domain = Domain.claim() if "ROS_DOMAIN_ID" not in os.environ else Domain(int(os.environ["ROS_DOMAIN_ID"]))
    one = OneProcess(domain.number, tmp_path / "run")
    yield one
    one.close()
    domain.close()


def test_a_graph_comes_up_and_goes_down_again_and_again(graph: OneProcess) -> None:
    began = time.monotonic()
    first: Footprint | None = None
    for cycle in range(CYCLES):
        graph.reach(Primary.ACTIVE)
        assert graph.states() == {3}, f"cycle {cycle}"
        graph.reach(Primary.UNCONFIGURED)
        assert graph.states() == {1}, f"cycle {cycle}"
        if cycle == min(WARM, CYCLES - 1):
            first = measure()
    last = measure()
    print(f"\n{CYCLES} cycles in {time.monotonic() - began:.1f} s; after {WARM}: {first}; at the end: {last}")
    assert first is not None
    assert last.files <= first.files and last.threads <= first.threads
    assert last.segments <= first.segments and last.children == first.children
    assert last.memory_mib - first.memory_mib < 20.0 + 0.05 * CYCLES, f"{first} {last}"

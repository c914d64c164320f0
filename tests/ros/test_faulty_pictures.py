"""Faulty pictures in flight, with a detector that sees them. A graph of its own: nothing else flies."""

from __future__ import annotations

from pathlib import Path

import pytest

from ros_nodes.faults import make_fault
from tests.ros.graph_under_test import Graph
from tests.ros.probe import Probe
from tests.ros.test_failures import ROOM_HALF_M
from tests.ros.test_faults_in_flight import FaultyFlights

pytestmark = [pytest.mark.ros, pytest.mark.graph, pytest.mark.timeout(240)]


def test_faulty_pictures_are_survived_by_the_detector_and_the_drone(ros: int, tmp_path: Path) -> None:
    probe = Probe()
    graph = Graph(
        ros, tmp_path, task="MS-4", seed="3", record="false", fault_injection="true", detector="onnx"
    )  # fmt: skip
    try:
        flights = FaultyFlights(graph, probe)
        for kind in ("stuck", "wrong", "garbage", "off"):
            flights.fly()
            flights.suffer(kind, "camera/image_raw")
            assert sorted(graph.alive()) == sorted(graph.specs), kind
        flights.fly()
        flights.injector.ask(make_fault("camera/image_raw", "off"), "camera/image_raw")
        flights.landed(90.0)
        assert [e for e in probe.heard["events"] if e.name in ("stale command", "silent policy")]
        far = max(max(abs(t.position[0]), abs(t.position[1])) for t in probe.heard["truth"])
        assert far < ROOM_HALF_M
    finally:
        graph.close()
        probe.close()

"""Two drones in one world: each in its namespace, neither hears the other."""

from __future__ import annotations

import json
import os
import re
import signal
import socket
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from reprohrl.contracts.vocabulary import GOAL_CLASSES
from ros_nodes.descriptions import GRAPHS
from tests.ros.probe import Probe
from tests.ros.test_launcher import Launched

pytestmark = [pytest.mark.ros, pytest.mark.graph, pytest.mark.timeout(500)]
SHARED = {"/diagnostics", "/clock", "/rosout", "/parameter_events", "/tf", "/tf_static"}
"""Topics that ROS has once for all robots; what is said there names its node or its frame."""


def free_ports(count: int) -> int:
    """Return the first of `count` consecutive ports that nobody has, for UDP and TCP."""
    for first in range(30000 + os.getpid() % 20000, 60000, count):
        try:
            for port in range(first, first + count):
                with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as udp:
                    udp.bind(("127.0.0.1", port))
                socket.create_server(("127.0.0.1", port)).close()
        except OSError:
            continue
        return first
    raise AssertionError("no free ports")


@pytest.fixture
def start(tmp_path: Path, ros: int) -> Iterator[Callable[..., Launched]]:
    running: list[Launched] = []

    def go(**values: str) -> Launched:
        quick = {"planner": "scripted", "navigator": "scripted", "video": "false", "respawn": "false"}
        given = {**quick, "count": "2", "task": "MS-2", "seed": "1", **values}
        running.append(Launched(tmp_path / "run", graph="swarm", domain=ros, **given))
        return running[-1]

    yield go
    for run in running:
        if run.process.poll() is None:
            os.killpg(run.process.pid, signal.SIGKILL)
            run.process.wait(10.0)


@pytest.fixture
def probes(ros: int) -> Iterator[list[Probe]]:
    both = [Probe(f"watcher{i}", namespace=f"/drone{i}") for i in (1, 2)]
    yield both
    for probe in both:
        probe.close()


def test_two_drones_fly_their_missions_without_cross_talk(
    start: Callable[..., Launched], probes: list[Probe]
) -> None:
    run = start(backend="sim", detector="truth", world="fast", speed="1")
    for i, probe in enumerate(probes, 1):
        run.wait_for(rf"drone{i}/fly_mission.*mission:", 150.0)
        probe.until(lambda p=probe: len(missions(p)) > 0, f"the mission of drone {i}", 90.0)
    assert crossings(probes[0]) == []
    assert run.end(150.0) == 0, "\n".join(run.lines)
    for probe, goals in zip(probes, (["torus", "sphere"], ["sphere", "torus"]), strict=True):
        probe.spin(0.2)
        assert missions(probe) == {tuple(GOAL_CLASSES.index(g) for g in goals)}
        assert {e.source for e in probe.heard["events"]} >= {"mission"}
    summary = run.summary()
    assert summary["success"] and list(summary["drones"]) == ["drone1", "drone2"]
    assert [d["goals_reached"] for d in summary["drones"].values()] == [2, 2]


def test_a_stage_of_one_drone_that_is_killed_does_not_disturb_the_other(
    start: Callable[..., Launched], probes: list[Probe]
) -> None:
    patient = "supervisor.silence_land_s=30.0"  # however long a busy machine takes for the restart
    run = start(backend="sim", detector="truth", world="fast", speed="1", respawn="true", parameters=patient)
    for i, probe in enumerate(probes, 1):
        run.wait_for(rf"drone{i}/fly_mission.*(search|go_to)", 150.0)
        probe.until(lambda p=probe: len(missions(p)) > 0, f"the mission of drone {i}", 90.0)
    os.kill(process_of(run, "detector", "/drone1"), signal.SIGKILL)
    run.wait_for("starting drone1/detector again", 90.0)
    run.wait_for(r"drone1/lifecycle_manager.*node_restarted: detector", 90.0)
    first, second = probes
    first.until(lambda: restarts(first) == 1, "the restart in the graph of drone 1", 90.0)
    second.until(lambda: second.newest("graph_status") is not None, "the graph of drone 2", 90.0)
    assert restarts(second) == 0
    assert run.end(200.0) == 0, "\n".join(run.lines)
    second.spin(0.2)
    assert not [e for e in second.heard["events"] if e.name in ("node_restarted", "node_hung")]
    summary = run.summary()
    assert summary["success"] and [d["goals_reached"] for d in summary["drones"].values()] == [2, 2]
    own = {n: json.loads((run.run_dir / n / "summary.json").read_text()) for n in ("drone1", "drone2")}
    assert own["drone1"]["restarts"] == ["drone1/detector died (killed by signal 9)"]
    assert "restarts" not in own["drone2"]


def process_of(run: Launched, node: str, namespace: str) -> int:
    """Return the process id of one drone's node."""
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            words = (folder / "cmdline").read_bytes().decode(errors="replace").split("\0")
        except OSError:
            continue
        if f"ros_nodes.{node}" in words and f"__ns:={namespace}" in words and run.owns(folder):
            return int(folder.name)
    raise AssertionError(f"no {namespace}/{node}")


def restarts(probe: Probe) -> int:
    """Return how many processes of a drone's graph were started again."""
    status = probe.newest("graph_status")
    return sum(status.restarts) if status is not None else 0


def test_two_virtual_crazyflies_in_one_world_are_two_graphs(
    start: Callable[..., Launched], probes: list[Probe]
) -> None:
    """They fly in wall time; a machine too busy for their links refuses the take-off, and says so."""
    port = free_ports(4)
    run = start(uri=f"udp://127.0.0.1:{port}", camera_port=str(port + 2))
    for i, probe in enumerate(probes, 1):
        run.wait_for(rf"drone{i}/fly_mission.*mission:", 150.0)
        probe.until(lambda p=probe: len(p.heard["state"]) > 5, f"states of drone {i}", 60.0)
    assert crossings(probes[0]) == []
    run.process.send_signal(signal.SIGINT)
    assert run.end(150.0) != 0
    assert list(run.summary()["drones"]) == ["drone1", "drone2"] and not run.summary()["deaths"]


def missions(probe: Probe) -> set[tuple[int, ...]]:
    """Return the goals of every mission that was heard of in the drone's namespace."""
    return {tuple(s.goals) for s in probe.heard["mission_status"] if s.mission_id}


def crossings(probe: Probe) -> list[str]:
    """Return every topic that nodes of both drones have to do with, but for the shared ones."""
    found = []
    for topic, _ in probe.node.get_topic_names_and_types():
        ends = [
            *probe.node.get_publishers_info_by_topic(topic),
            *probe.node.get_subscriptions_info_by_topic(topic),
        ]
        places = {e.node_namespace for e in ends if re.match(r"/drone\d", e.node_namespace)}
        if topic not in SHARED and (len(places) > 1 or not all(topic.startswith(f"{p}/") for p in places)):
            found.append(f"{topic}: {sorted(places)}")
    return found


def test_each_drone_has_its_own_nodes_address_camera_folder_and_goals() -> None:
    values = GRAPHS["swarm"].prepare(
        {"count": "3", "goals": "cone, cube, torus", "run_dir": "/tmp/nowhere", "virtual": "false"}
    )
    described = GRAPHS["swarm"].describe(values)
    by_name = {n.full_name: n for n in described.nodes}
    assert len(by_name) == len(described.nodes) == 27
    drones = [by_name[f"drone{i}/drone"].parameters for i in (1, 2, 3)]
    assert [d["uri"] for d in drones] == [f"udp://127.0.0.1:{p}" for p in (19850, 19851, 19852)]
    assert [d["camera_port"] for d in drones] == [5000, 5001, 5002]
    goals = [by_name[f"drone{i}/fly_mission"].parameters["goals"] for i in (1, 2, 3)]
    assert goals == ["cone,cube,torus", "cube,torus,cone", "torus,cone,cube"]
    folders = [by_name[f"drone{i}/recorder"].parameters["run_dir"] for i in (1, 2, 3)]
    assert folders == [f"/tmp/nowhere/drone{i}" for i in (1, 2, 3)]
    managed = by_name["drone2/lifecycle_manager"].parameters["nodes"]
    assert "/" not in managed and managed.endswith("drone")

"""`reprohrl launch multigoal` from outside: exit codes, reports, interruption, and no orphans."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from ros_nodes.processes import Child, end_all
from tests.ros.graph_under_test import QUICK

pytestmark = [pytest.mark.ros, pytest.mark.timeout(300)]
ROOT = Path(__file__).resolve().parents[2]


class Launched:
    """A running launcher, its output line by line."""

    def __init__(
        self, run_dir: Path, *, graph: str = "multigoal", domain: int | None = None, **values: str
    ) -> None:
        self.run_dir = run_dir
        quick = QUICK if graph == "multigoal" else {}
        words = [f"{k}:={v}" for k, v in {**quick, "run_dir": str(run_dir), **values}.items()]
        env = {k: v for k, v in os.environ.items() if k != "ROS_DOMAIN_ID"}
        env |= {} if domain is None else {"ROS_DOMAIN_ID": str(domain)}
        self.process = subprocess.Popen(
            [sys.executable, "-m", "reprohrl", "launch", graph, *words], cwd=ROOT, env=env,
            text=True, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
            start_new_session=True,
        )  # fmt: skip
        self.lines: list[str] = []
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def _read(self) -> None:
        if self.process.stdout is not None:
            self.lines.extend(line.rstrip() for line in self.process.stdout)

    def wait_for(self, pattern: str, deadline_s: float = 60.0) -> None:
        end = time.monotonic() + deadline_s
        while not any(re.search(pattern, line) for line in self.lines):
            assert time.monotonic() < end and self.process.poll() is None, "\n".join(self.lines)
            time.sleep(0.05)

    def end(self, deadline_s: float = 90.0) -> int:
        code = self.process.wait(deadline_s)
        self._reader.join(5.0)
        return code

    def children(self) -> dict[str, int]:
        """Executable name -> process id of the nodes that belong to this launch."""
        found = {}
        for folder in Path("/proc").glob("[0-9]*"):
            try:
                words = (folder / "cmdline").read_bytes().decode(errors="replace").split("\0")
            except OSError:
                continue
            module = next((w for w in words if w.startswith("ros_nodes.")), "")
            if module and self.owns(folder):
                found[module.removeprefix("ros_nodes.")] = int(folder.name)
        return found

    def owns(self, folder: Path) -> bool:
        try:
            return f"PPid:\t{self.process.pid}\n" in (folder / "status").read_text()
        except OSError:
            return False

    def summary(self) -> dict:
        return json.loads((self.run_dir / "summary.json").read_text())


@pytest.fixture
def launched(tmp_path: Path, ros: int) -> Iterator:
    running: list[Launched] = []

    def start(**values: str) -> Launched:
        running.append(Launched(tmp_path / "run", **values))
        return running[-1]

    yield start
    for one in running:
        if one.process.poll() is None:
            os.killpg(one.process.pid, signal.SIGKILL)
            one.process.wait(10.0)


def test_one_command_flies_a_mission_and_reports(launched) -> None:  # type: ignore[no-untyped-def]
    run = launched(task="MS-2", seed="1")
    run.wait_for("mission: torus, sphere")
    nodes = run.children()
    assert {"drone", "detector", "mission", "goal_selector", "navigator", "supervisor", "recorder"} <= set(
        nodes
    )
    assert run.end() == 0, "\n".join(run.lines)
    summary = run.summary()
    assert summary["success"] and summary["goals_reached"] == 2 and not summary["collisions"]
    assert summary["seed"] == 1 and summary["task"] == "MS-2" and "ROS" in summary["backend"]
    assert {"detect", "track", "plan", "navigate", "supervise", "total"} <= set(summary["latency_ms"])
    for name in ("report.html", "flight.mcap", "bag/metadata.yaml", "launch.log"):
        assert (run.run_dir / name).stat().st_size > 0, name
    assert not [pid for pid in nodes.values() if Path(f"/proc/{pid}").exists()]
    check_bag(run.run_dir / "bag")


def check_bag(folder: Path) -> None:
    """The bag is read back with our types, and holds every stage's answer to every frame in the air."""
    from rosbags.highlevel import AnyReader

    topics = ("/camera/image_raw", "/features", "/option", "/raw_command", "/command")
    with AnyReader([folder]) as bag:
        features = [c for c in bag.connections if c.topic == "/features"]
        seen = [bag.deserialize(raw, c.msgtype) for c, _, raw in bag.messages(connections=features)]
        stamps = {topic: {t for c, t, _ in bag.messages() if c.topic == topic} for topic in topics}
        states = [bag.deserialize(raw, c.msgtype) for c, _, raw in bag.messages() if c.topic == "/state"]
        in_the_air = {s.header.stamp.sec * 10**9 + s.header.stamp.nanosec for s in states if s.phase == 2}
    flown = [f for f in seen if f.state.phase == 2]
    assert flown and all(f.values.shape == (60,) and f.state.flight == 1 for f in flown)
    frames = sorted(stamps["/camera/image_raw"] & in_the_air)
    assert len(frames) > 100
    for topic, answered in stamps.items():
        # The mission may end on the last frame, before it is answered.
        assert set(frames[:-1]) <= answered, topic


def test_an_interrupt_lands_first_and_says_so(launched) -> None:  # type: ignore[no-untyped-def]
    run = launched(task="MS-4", seed="3", speed="1")
    run.wait_for("search|go_to")
    nodes = run.children()
    run.process.send_signal(signal.SIGINT)
    assert run.end() != 0
    summary = run.summary()
    assert "cancelled by the operator" in summary["outcome"] and not summary["success"]
    assert any("landed" in e["event"] for e in summary["events"])
    assert not [pid for pid in nodes.values() if Path(f"/proc/{pid}").exists()]


def test_a_death_is_told_and_fails_the_launch(launched) -> None:  # type: ignore[no-untyped-def]
    run = launched(task="MS-4", seed="3", speed="1")
    run.wait_for("search|go_to")
    os.kill(run.children()["navigator"], signal.SIGKILL)
    assert run.end() != 0
    summary = run.summary()
    assert summary["deaths"] == ["navigator died (killed by signal 9)"]
    assert "silent policy" in summary["outcome"] and "navigator node" in summary["outcome"]


@pytest.mark.graph
@pytest.mark.parametrize("victim", ["detector", "goal_selector", "navigator"])
def test_a_stage_that_died_comes_back_while_the_drone_hovers(launched, victim: str) -> None:  # type: ignore[no-untyped-def]
    run = launched(task="MS-2", seed="1", speed="1", respawn="true", record="true")
    run.wait_for("search|go_to")
    before = run.children()[victim]
    os.kill(before, signal.SIGKILL)
    run.wait_for(f"starting {victim} again")
    run.wait_for(f"node_restarted: {victim}")
    assert run.children()[victim] != before
    assert run.end() == 0, "\n".join(run.lines)
    summary = run.summary()
    assert summary["success"] and summary["restarts"] == [f"{victim} died (killed by signal 9)"]
    assert any("hover" in e["event"] for e in summary["supervisor_events"]), summary["supervisor_events"]


@pytest.mark.graph
def test_a_stage_that_hangs_is_killed_and_comes_back_while_the_drone_hovers(launched) -> None:  # type: ignore[no-untyped-def]
    patient = "supervisor.silence_land_s=30.0"  # however long a busy machine takes for the restart
    run = launched(task="MS-2", seed="1", speed="1", respawn="true", parameters=patient)
    run.wait_for("search|go_to")
    before = run.children()["detector"]
    os.kill(before, signal.SIGSTOP)
    run.wait_for("node_lost: detector")
    run.wait_for(f"node_hung: detector: .*process {before} is killed")
    run.wait_for("starting detector again")
    run.wait_for("node_restarted: detector")
    assert run.end() == 0, "\n".join(run.lines)
    summary = run.summary()
    assert summary["success"] and summary["restarts"] == ["detector died (killed by signal 9)"]
    assert any("hover" in e["event"] for e in summary["supervisor_events"]), summary["supervisor_events"]
    assert any("node hung" in e["event"] for e in summary["events"]), summary["events"]


@pytest.mark.graph
def test_a_mission_node_that_died_in_flight_lands_the_drone_when_it_is_back(launched) -> None:  # type: ignore[no-untyped-def]
    run = launched(task="MS-4", seed="3", speed="1", respawn="true")
    run.wait_for("search|go_to")
    os.kill(run.children()["mission"], signal.SIGKILL)
    assert run.end() != 0
    summary = run.summary()
    assert summary["restarts"] == ["mission died (killed by signal 9)"] and not summary["success"]
    assert any("started again in flight" in e["event"] for e in summary["events"]), summary["events"]


def test_killing_the_recorder_still_leaves_a_summary(launched) -> None:  # type: ignore[no-untyped-def]
    run = launched(task="S1", seed="2", speed="1")
    run.wait_for("search|go_to")
    os.kill(run.children()["recorder"], signal.SIGKILL)
    run.end()
    summary = run.summary()
    assert "recorder died (killed by signal 9)" in summary["outcome"]
    assert summary["mission_succeeded"] is True and not summary["success"]


def test_a_killed_launcher_leaves_no_orphan(launched) -> None:  # type: ignore[no-untyped-def]
    run = launched(task="MS-4", seed="3", speed="1")
    run.wait_for("search|go_to")
    nodes = run.children()
    run.process.kill()
    run.process.wait(10.0)
    until_gone(nodes)


@pytest.mark.graph
def test_a_killed_launcher_leaves_no_orphan_even_where_a_node_hangs(launched) -> None:  # type: ignore[no-untyped-def]
    run = launched(task="MS-4", seed="3", speed="1")
    run.wait_for("search|go_to")
    nodes = run.children()
    os.kill(nodes["goal_selector"], signal.SIGSTOP)
    run.process.kill()
    run.process.wait(10.0)
    until_gone(nodes)


def until_gone(nodes: dict[str, int], deadline_s: float = 120.0) -> None:
    """Wait for the processes' end. The recorder may write a report first; others take 15 s at most."""
    end = time.monotonic() + deadline_s
    while left := [n for n, pid in nodes.items() if runs(pid)]:
        assert time.monotonic() < end, f"still running: {left}"
        time.sleep(0.1)


def runs(pid: int) -> bool:
    """Tell whether a process lives; one that nobody has waited for yet is dead, too."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def test_a_process_that_ignores_signals_is_killed_in_time() -> None:
    told: list[str] = []
    deaf = "import signal as s, time; [s.signal(n, s.SIG_IGN) for n in (2, 15)]; time.sleep(60)"
    child = Child("deaf", [sys.executable, "-c", deaf], os.environ, lambda n, t: told.append(t), grace_s=0.5)
    time.sleep(1.0)
    begin = time.monotonic()
    end_all([child], lambda n, t: told.append(t))
    assert time.monotonic() - begin < 10.0
    assert child.code() == -signal.SIGKILL
    assert any("terminated" in t for t in told) and any("killed" in t for t in told)

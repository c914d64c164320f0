"""`reprohrl virtual-crazyflie` as its own process, flown by this project and by stock cflib."""

from __future__ import annotations

import json
import os
import re
import select
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from firmware_bridge.aideck.reader import AiDeckCamera
from firmware_bridge.drone import CrazyflieDrone
from reprohrl.contracts.command import VelocityCommand

pytest.importorskip("cflib")
pytest.importorskip("pybullet")
START_S = 90.0
VERB = (sys.executable, "-m", "reprohrl", "virtual-crazyflie")


class Process:
    """The virtual drone on free ports, ready when constructed."""

    def __init__(self, *arguments: str, count: int = 1) -> None:
        command = [*VERB, "--port", "0", "--aideck-port", "0"]
        self.process = subprocess.Popen([*command, *arguments], stderr=subprocess.PIPE, bufsize=0)
        assert self.process.stderr is not None
        text, end = b"", time.monotonic() + START_S
        while time.monotonic() < end and text.count(b"goals") < count:
            if select.select([self.process.stderr], [], [], 0.5)[0]:
                chunk = os.read(self.process.stderr.fileno(), 4096)
                assert chunk, f"it ended: {text.decode()}"
                text += chunk
        said = re.findall(r"at (udp://\S+:\d+), AI-deck at \S+:(\d+)(?:, (tcp://\S+:\d+))?", text.decode())
        assert said, text.decode()
        self.uris = [uri for uri, _, _ in said]
        self.uri, self.aideck_port, self.tcp_uri = said[0][0], int(said[0][1]), said[0][2]

    def stop(self) -> int:
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(timeout=10.0)

    def kill(self) -> None:
        self.process.kill()
        self.process.wait(timeout=10.0)
        if self.process.stderr is not None:
            self.process.stderr.close()


@pytest.fixture
def virtual(tmp_path: Path) -> Iterator[Process]:
    process = Process("--task", "S1", "--seed", "3", "--truth", str(tmp_path / "truth.json"))
    yield process
    process.kill()


@pytest.mark.timeout(180)
def test_it_flies_streams_tells_the_truth_and_stops_on_sigterm(virtual: Process, tmp_path: Path) -> None:
    truth = tmp_path / "truth.json"
    camera = AiDeckCamera("127.0.0.1", virtual.aideck_port)
    with camera, CrazyflieDrone(virtual.uri, cache=tmp_path / "cache") as drone:
        start = drone.state().position
        drone.take_off(0.6)
        for _ in range(15):
            frame = camera.read(1.0)
            assert frame is not None
            assert frame.pixels.shape == (244, 324)
            assert frame.pixels.std() > 1.0
            drone.send(VelocityCommand(yaw_rate=0.5))
        assert camera.health().fps == pytest.approx(10, rel=0.25)
        assert drone.state().height == pytest.approx(0.6, abs=0.15)
        assert drone.state().position[:2] == pytest.approx(start[:2], abs=0.2)
        assert max(drone.state().ranges) < 4.0
        drone.land()
        assert drone.state().height < 0.15
    written = json.loads(truth.read_text())  # while it runs
    assert written["took_off_s"] is not None
    assert virtual.stop() == 0
    report = json.loads(truth.read_text())
    assert report["task"] == "S1"
    assert len(report["goals"]) == 1
    assert report["success"] is False
    assert report["contacts"] == []
    assert report["position"][2] < 0.1
    assert max(row[3] for row in report["path"]) == pytest.approx(0.6, abs=0.2)
    assert set(report["goal_distance_m"]) == set(report["goals"])


def test_a_taken_port_is_an_error_in_one_sentence() -> None:
    import socket

    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as taken:
        taken.bind(("127.0.0.1", 0))
        port = str(taken.getsockname()[1])
        command = [*VERB, "--port", port, "--aideck-port", "0"]
        result = subprocess.run(command, capture_output=True, text=True, timeout=START_S, check=False)
    assert result.returncode == 2
    assert "choose other ports with --port" in " ".join(result.stderr.split())
    assert "Traceback" not in result.stderr


def test_an_unknown_task_gets_a_suggestion() -> None:
    command = [*VERB, "--task", "MC-33"]
    result = subprocess.run(command, capture_output=True, text=True, timeout=START_S, check=False)
    assert result.returncode == 2
    assert 'did you mean "MC-3"?' in " ".join(result.stderr.split())

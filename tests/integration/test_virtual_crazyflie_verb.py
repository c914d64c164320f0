"""`reprohrl virtual-crazyflie` as its own process, flown by this project and by stock cflib."""

from __future__ import annotations

import json
import math
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


@pytest.mark.timeout(180)
def test_two_drones_in_one_room_are_a_swarm_for_stock_cflib_and_see_each_other(tmp_path: Path) -> None:
    import cflib.crtp
    from cflib.crazyflie.log import LogConfig
    from cflib.crazyflie.swarm import CachedCfFactory, Swarm
    from cflib.crazyflie.syncLogger import SyncLogger

    cflib.crtp.init_drivers()
    truth = tmp_path / "truth.json"
    process = Process(
        "--world", "S1", "--seed", "3", "--count", "2", "--no-noise", "--latency-ms", "2",
        "--truth", str(truth), count=2,
    )  # fmt: skip
    try:
        first, second = process.uris
        with Swarm(process.uris, factory=CachedCfFactory(rw_cache=str(tmp_path / "toc"))) as swarm:
            places = swarm.get_estimated_positions()
            apart = math.dist(places[first][:2], places[second][:2])
            assert apart == pytest.approx(0.5, abs=0.02)
            swarm.parallel_safe(lambda scf: scf.cf.high_level_commander.takeoff(0.6, 1.5))
            ranges = LogConfig("ranges", period_in_ms=50)
            for side in ("front", "back", "left", "right"):
                ranges.add_variable(f"range.{side}", "uint16_t")
            ranges.add_variable("stateEstimate.z", "float")
            nearest, end = 9999, time.monotonic() + 60.0
            with SyncLogger(swarm._cfs[first], ranges) as logger:
                for _, values, _ in logger:
                    if values["stateEstimate.z"] > 0.55:
                        nearest = min(v for name, v in values.items() if name.startswith("range"))
                    if nearest < 500 or time.monotonic() > end:
                        break
            assert nearest < 500  # the other one, half a metre away, is nearer than any wall
            swarm.parallel_safe(lambda scf: scf.cf.high_level_commander.land(0.0, 3.0))
            time.sleep(4.0)
        assert process.stop() == 0
    finally:
        process.kill()
    reports = [json.loads(path.read_text()) for path in (truth, tmp_path / "truth.1.json")]
    assert [r["contacts"] for r in reports] == [[], []]
    assert min(max(row[3] for row in r["path"]) for r in reports) > 0.5


@pytest.mark.timeout(180)
def test_over_tcp_a_half_empty_drone_that_needs_arming_streams_and_flies(tmp_path: Path) -> None:
    process = Process("--world", "S1", "--battery", "40", "--arming")
    try:
        with CrazyflieDrone(process.tcp_uri, cache=tmp_path / "cache") as drone:
            assert drone.state().battery_v == pytest.approx(3.85, abs=0.1)  # of 4.1 V when full
            drone.take_off(0.5)
            assert drone.state().height == pytest.approx(0.5, abs=0.15)
            drone.land()
    finally:
        process.kill()


def test_a_profile_draws_drone_link_and_camera_and_options_overrule_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    from firmware_bridge.virtual import flying_world
    from reprohrl.cli.main import main

    seen: list[flying_world.VirtualConfig] = []

    class ListedError(Exception):
        pass

    def list_them(_scene: object, configs: list[flying_world.VirtualConfig]) -> None:
        seen.extend(configs)
        raise ListedError

    monkeypatch.setattr(flying_world, "VirtualFleet", list_them)
    words = ["virtual-crazyflie", "--world", "S1", "--port", "0", "--aideck-port", "0"]
    with pytest.raises(ListedError):
        main([*words, "--profile", "radio", "--battery", "50", "--count", "2"])
    first, second = seen
    assert (first.quality.latency_s, first.quality.jitter_s, first.quality.loss) == (0.01, 0.005, 0.005)
    assert (first.fps, first.charge) == (8.0, 0.5)
    assert first.row is not None
    assert (first.seed, second.seed, second.quality.seed) == (0, 1, 1)
    with pytest.raises(ListedError):
        main([*words, "--latency-ms", "20"])
    assert (seen[-1].quality.latency_s, seen[-1].row, seen[-1].power_cycle) == (0.02, None, True)
    assert main([*words, "--profile", "radoi"]) == 2


def test_a_room_that_is_too_small_for_so_many_says_so() -> None:
    from firmware_bridge.virtual.company import scenes_for
    from reprohrl.contracts.errors import UserError
    from sim.tasks import make_scene

    scene = make_scene("S1", 3)
    assert [len(s.objects) for s in scenes_for(scene, 3)] == [len(scene.objects) + 2] * 3
    with pytest.raises(UserError, match="there is room for"):
        scenes_for(scene, 10_000)

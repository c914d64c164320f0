"""`reprohrl fly --uri`: refused, insisted on, in the shadow of a pilot, and as a rehearsal."""

from __future__ import annotations

import json
import struct
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("cflib")

from firmware_bridge.observer import only_reads
from firmware_bridge.rehearsal import describe
from firmware_bridge.virtual.aideck import VirtualAiDeck
from firmware_bridge.virtual.cpx_server import CpxServer
from firmware_bridge.virtual.crtp import Packet
from firmware_bridge.virtual.server import VirtualCrazyflie
from reprohrl.cli.crazyflie_flight import mission_for
from reprohrl.cli.main import main
from reprohrl.contracts.command import VelocityCommand
from reprohrl.contracts.errors import UserError
from reprohrl.flight.shadow import ShadowRow, compare
from reprohrl.preflight.finding import NotReadyError
from tests.fakes.kinematic_body import KinematicBody

IMAGE = np.full((244, 324), 90, np.uint8)


@pytest.fixture
def body() -> KinematicBody:
    return KinematicBody()


@pytest.fixture
def heard(monkeypatch: pytest.MonkeyPatch) -> list[Packet]:
    """Every packet that reaches the virtual firmware."""
    from firmware_bridge.virtual import ports

    packets: list[Packet] = []
    handle = ports.handle
    monkeypatch.setattr(ports, "handle", lambda firmware, p: (packets.append(p), handle(firmware, p))[1])
    return packets


@pytest.fixture
def drone(
    body: KinematicBody, heard: list[Packet], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[VirtualCrazyflie]:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    with (
        CpxServer() as deck,
        VirtualCrazyflie(body, cpx=deck) as drone,
        VirtualAiDeck(lambda: IMAGE, link=deck, fps=10.0),
    ):
        drone.run()
        yield drone


def fly(drone: VirtualCrazyflie, folder: Path, *words: str) -> int:
    usual = ["fly", "--uri", drone.tcp_uri, "--goals", "sphere,cone", "--no-video", "--out", str(folder)]
    return main([*usual, "--planner", "rule", "--navigator", "routes", *words])


def moving(packets: list[Packet]) -> list[Packet]:
    return [p for p in packets if not only_reads(p.port, p.channel, p.data)]


def test_in_the_shadow_everything_runs_and_nothing_is_sent(
    drone: VirtualCrazyflie, body: KinematicBody, heard: list[Packet], tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:  # fmt: skip
    assert fly(drone, tmp_path / "run", "--shadow", "--time-limit", "2") == 0
    assert moving(heard) == [] and len(heard) > 50
    assert not body.motors and body.position == [0.0, 0.0, 0.0]
    said = capsys.readouterr().out
    assert "beside the scripted baseline" in said and "Nothing was sent to the drone" in said
    kept = json.loads((tmp_path / "run" / "shadow.json").read_text())
    assert kept["summary"]["ticks"] == len(kept["rows"]) >= 2
    assert {"command", "baseline", "supervised", "option", "baseline_option"} <= kept["rows"][0].keys()
    assert "shadow" in json.loads((tmp_path / "run" / "summary.json").read_text())["backend"]


def test_a_dry_run_shows_the_packets_of_a_flight_and_sends_none(
    drone: VirtualCrazyflie, body: KinematicBody, heard: list[Packet], tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:  # fmt: skip
    assert fly(drone, tmp_path / "run", "--dry-run", "--time-limit", "2") == 0
    assert moving(heard) == [] and not body.motors
    lines = [line for line in capsys.readouterr().out.splitlines() if line.startswith("port ")]
    assert "take off to 0.80 m" in lines[1]  # after the notice that setpoints end
    assert sum("hover" in line for line in lines) >= 5
    assert "land to 0.00 m" in lines[-1]


def test_a_failed_check_refuses_the_flight_and_says_which(
    drone: VirtualCrazyflie, body: KinematicBody, heard: list[Packet], tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:  # fmt: skip
    body.battery_v = 3.3
    assert fly(drone, tmp_path / "run") == 2
    said = " ".join(capsys.readouterr().err.split())
    assert "flight is refused: Battery: 3.30 V, take-off needs 3.5 V" in said and "--force" in said
    assert moving(heard) == [] and not (tmp_path / "run").exists()


def test_told_otherwise_it_takes_off_past_a_failed_check(
    body: KinematicBody, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    slow = 2.0  # a camera that fails its check
    with (
        CpxServer() as deck,
        VirtualCrazyflie(body, cpx=deck) as drone,
        VirtualAiDeck(lambda: IMAGE, link=deck, fps=slow),
    ):
        drone.run()
        status = fly(drone, tmp_path / "run", "--force", "--time-limit", "2")
    said = capsys.readouterr()
    assert "failed: Camera" in said.err
    summary = json.loads((tmp_path / "run" / "summary.json").read_text())
    assert status == 1 and summary["ticks"] >= 1 and not summary["success"]
    assert body.position[2] < 0.1 and not body.motors  # and down again


def test_a_simulated_dry_run_says_what_would_be_flown(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    assert main(["fly", "--task", "S1", "--seed", "3", "--dry-run", "--out", str(tmp_path / "x")]) == 0
    said = capsys.readouterr().out
    assert "would fly S1, seed 3: cone" in said and "detector" in said
    assert not (tmp_path / "x").exists()


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--shadow"], "--shadow needs a drone"),
        (["--uri", "radio://0/80/2M/E7E7E7E7E7"], "a real room knows no task"),
        (["--uri", "udp://127.0.0.1:1", "--shadow", "--dry-run"], "neither sends anything"),
        (["--uri", "udp://127.0.0.1:1", "--planner", "lerned"], 'did you mean "learned"?'),
        (["--uri", "udp://127.0.0.1:1", "--camera", "none"], "a mission needs frames"),
    ],
)
def test_what_makes_no_sense_is_answered_before_anything_is_opened(
    words: list[str], said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["fly", *words]) == 2
    assert said in " ".join(capsys.readouterr().err.split())


def test_a_virtual_drones_goals_are_those_of_its_task() -> None:
    assert mission_for("udp://127.0.0.1:19850", "", "S1", 3, "test").names == ("cone",)
    assert mission_for("radio://0", "cube,cone", "S1", 3, "test").names == ("cube", "cone")
    with pytest.raises(UserError, match="no goals"):
        mission_for("udp://10.0.0.5:19850", "", "S1", 3, "test")


@pytest.mark.parametrize(
    ("port", "channel", "data", "words"),
    [
        (7, 0, b"\x0a" + struct.pack("<ffff", 0.3, -0.1, 45.0, 0.8),
         "hover +0.30 -0.10 m/s, +45.0 deg/s, at 0.80 m"),
        (7, 0, b"\x09" + struct.pack("<ffff", 0, 0, 0, 0.5), "level at 0.50 m"),
        (7, 0, b"\x00", "stop"), (7, 1, b"\x00\0\0\0\0", "setpoints end"),
        (8, 0, struct.pack("<BBff?f", 7, 0, 0.8, 0, True, 2.7), "take off to 0.80 m in 2.7 s"),
        (8, 0, struct.pack("<BBff?f", 8, 0, 0.0, 0, True, 2.0), "land to 0.00 m in 2.0 s"),
        (8, 0, b"\x03\0", "high-level stop"), (9, 1, b"\x01\x01", "arm"), (9, 1, b"\x03", "emergency stop"),
        (6, 0, bytes(12), "command"),
    ],
)  # fmt: skip
def test_packets_are_described_in_words_and_bytes(port: int, channel: int, data: bytes, words: str) -> None:
    assert describe(port, channel, data) == f"port {port} channel {channel}: {words}  [{data.hex(' ')}]"


def test_a_shadow_is_compared_axis_by_axis_and_by_where_both_point() -> None:
    ours, theirs = VelocityCommand(vx=0.4, yaw_rate=0.5), VelocityCommand(vx=0.2, vy=0.05, yaw_rate=-0.5)
    still = VelocityCommand()
    rows = [
        ShadowRow(0.0, "go to cone", ours, ours, "pass", "go to cone", theirs),
        ShadowRow(0.1, "search", ours, still, "hover", "go to cone", still),
    ]
    found = compare(rows)
    assert found["ticks"] == 2
    assert found["mean_difference"] == {"vx_mps": 0.3, "vy_mps": 0.025, "vz_mps": 0.0, "yaw_rate_radps": 0.75}
    assert (found["same_direction"], found["same_turn"]) == (1.0, 0.0)
    assert (found["same_option"], found["shaped_by_supervisor"]) == (0.5, 0.5)
    assert compare([])["same_direction"] is None


def test_the_ros_backend_takes_off_past_a_failed_check_only_when_told_so(
    drone: VirtualCrazyflie, body: KinematicBody, monkeypatch: pytest.MonkeyPatch
) -> None:
    from ros_nodes.backends.crazyflie import CrazyflieBackend

    backend = CrazyflieBackend(drone.tcp_uri, "127.0.0.1", 1, ros_now=time.time)
    try:
        backend.open()
        drone.firmware.estimator.lose(1.0)
        with pytest.raises(NotReadyError, match=r"Estimator: .*REPROHRL_FORCE=1"):
            backend.take_off(0.5)
        assert not body.motors
        drone.firmware.estimator.lose(0.0)
        drone.firmware.estimator.reset()
        monkeypatch.setenv("REPROHRL_FORCE", "1")
        backend.take_off(0.5)
        assert body.position[2] > 0.3
        backend.land()
    finally:
        backend.close()

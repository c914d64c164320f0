"""`reprohrl doctor --uri`: over real sockets, in words and as JSON, with and without a drone."""

from __future__ import annotations

import json
import socket
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("cflib")

from firmware_bridge.virtual.aideck import VirtualAiDeck
from firmware_bridge.virtual.cpx_server import CpxServer
from firmware_bridge.virtual.server import VirtualCrazyflie
from reprohrl.cli.crazyflie_parts import camera_address
from reprohrl.cli.main import main
from reprohrl.contracts.errors import UserError
from tests.fakes.kinematic_body import KinematicBody

IMAGE = np.zeros((244, 324), np.uint8)
DRONE_LINES = ["Connection", "Link", "Firmware", "Decks", "Battery", "Supervisor", "Estimator", "Parameters"]


@pytest.fixture(autouse=True)
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))


@pytest.fixture
def body() -> KinematicBody:
    return KinematicBody()


@pytest.fixture
def drone(body: KinematicBody) -> Iterator[VirtualCrazyflie]:
    with (
        CpxServer() as deck,
        VirtualCrazyflie(body, cpx=deck) as drone,
        VirtualAiDeck(lambda: IMAGE, link=deck, fps=8.0),
    ):
        drone.run()
        yield drone


def lines(text: str) -> dict[str, dict[str, str]]:
    return {f["name"]: f for f in json.loads(text)["findings"]}


def test_a_drone_over_cpx_gets_a_line_for_everything_its_camera_included(
    drone: VirtualCrazyflie, capsys: pytest.CaptureFixture[str]
) -> None:
    status = main(["doctor", "--uri", drone.tcp_uri, "--json", "--seconds", "2"])
    found = lines(capsys.readouterr().out)
    assert list(found)[-9:] == [*DRONE_LINES, "Camera"]
    assert "324x244" in found["Camera"]["evidence"]
    assert set(found["Battery"]) == {"name", "state", "evidence", "fix"}
    assert status == int(any(f["state"] == "failed" for f in found.values()))


def test_a_failed_check_is_in_the_exit_status_and_says_what_to_do(
    drone: VirtualCrazyflie, body: KinematicBody, capsys: pytest.CaptureFixture[str]
) -> None:
    body.battery_v = 3.3
    assert main(["doctor", "--uri", drone.uri, "--camera", "none", "--seconds", "1"]) == 1
    said = capsys.readouterr().out
    assert "failed  Battery: 3.30 V, take-off needs 3.5 V" in said and "charge it" in said
    assert "Not ready to fly" in said and "Camera" not in said


def test_nobody_at_the_address_is_a_finding_too(capsys: pytest.CaptureFixture[str]) -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as taken:
        taken.bind(("127.0.0.1", 0))
        uri = f"udp://127.0.0.1:{taken.getsockname()[1]}"
        assert main(["doctor", "--uri", uri, "--json", "--timeout", "1.5"]) == 1
    found = lines(capsys.readouterr().out)
    assert found["Connection"]["state"] == "failed" and uri in found["Connection"]["evidence"]
    assert found["Connection"]["fix"] and "Battery" not in found


def test_without_a_radio_a_radio_uri_fails_on_the_machines_side(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("glob.glob", lambda *_, **__: [])
    assert main(["doctor", "--uri", "radio://0/80/2M", "--json", "--timeout", "1"]) == 1
    found = lines(capsys.readouterr().out)
    assert found["Radio"]["state"] == "failed" and found["Connection"]["state"] == "failed"


@pytest.mark.parametrize(
    ("uri", "given", "address"),
    [
        ("radio://0/80/2M", "", "192.168.4.1:5000"),
        ("udp://127.0.0.1:19850", "", "127.0.0.1:5000"),
        ("udp://10.0.0.7:19850", "", "192.168.4.1:5000"),
        ("tcp://192.168.4.1:5000", "", "link"),
        ("tcp://192.168.4.1:5000", "none", "none"),
        ("radio://0/80/2M", "10.0.0.9", "10.0.0.9:5000"),
        ("radio://0/80/2M", "10.0.0.9:5001", "10.0.0.9:5001"),
    ],
)
def test_the_camera_is_looked_for_where_it_belongs(uri: str, given: str, address: str) -> None:
    assert camera_address(uri, given) == address


@pytest.mark.parametrize(("uri", "given"), [("udp://127.0.0.1:1", "link"), ("radio://0", "deck:many")])
def test_an_impossible_camera_is_refused(uri: str, given: str) -> None:
    with pytest.raises(UserError, match="--camera"):
        camera_address(uri, given)

"""Real processes over real UDP are killed without a warning. Deadlines here are wall time, and generous."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from firmware_bridge.drone import CrazyflieDrone
from firmware_bridge.kept_drone import KeptDrone
from firmware_bridge.virtual.server import VirtualCrazyflie
from reprohrl.contracts.command import HOVER, VelocityCommand
from reprohrl.contracts.errors import LinkError, UserError
from tests.fakes.kinematic_body import KinematicBody

pytest.importorskip("cflib")
pytestmark = pytest.mark.timeout(120)
LOCKED = 1 << 6


@pytest.fixture
def body() -> KinematicBody:
    return KinematicBody()


@pytest.fixture
def server(body: KinematicBody) -> Iterator[VirtualCrazyflie]:
    with VirtualCrazyflie(body) as server:
        server.run()
        yield server


class Pilot:
    """`tests/safety/pilot.py` as a process."""

    def __init__(self, how: str, server: VirtualCrazyflie, folder: Path) -> None:
        command = [sys.executable, "-m", "tests.safety.pilot", how, server.uri, str(folder / "pilot-cache")]
        root = Path(__file__).parents[2]
        self.process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=root)

    def wait_for(self, word: str) -> str:
        assert self.process.stdout is not None
        for line in self.process.stdout:
            if line.startswith(word):
                return line
        raise AssertionError(f"the pilot ended before it was {word}")

    def kill(self) -> None:
        self.process.kill()
        self.process.wait(10.0)
        if self.process.stdout is not None:
            self.process.stdout.close()


def until(done: Callable[[], bool], timeout_s: float) -> bool:
    end = time.monotonic() + timeout_s
    while not done() and time.monotonic() < end:
        time.sleep(0.02)
    return done()


def locked(server: VirtualCrazyflie) -> bool:
    with server.lock:
        return bool(server.firmware.info() & LOCKED)


def down(body: KinematicBody) -> bool:
    return body.position[2] == 0.0 and not body.motors


def test_a_killed_pilot_leaves_a_process_that_lands_and_ends(
    server: VirtualCrazyflie, body: KinematicBody, folder: Path
) -> None:
    pilot = Pilot("kept", server, folder)
    try:
        keeper = int(pilot.wait_for("connected").split()[1])
        pilot.wait_for("flying")
        assert until(lambda: body.position[0] > 0.1, 20.0)
    finally:
        pilot.kill()
    assert until(lambda: down(body), 20.0), body.position
    assert not locked(server)
    assert until(lambda: not alive(keeper), 20.0)


def test_a_pilot_killed_in_its_take_off_is_landed_too(
    server: VirtualCrazyflie, body: KinematicBody, folder: Path
) -> None:
    pilot = Pilot("kept", server, folder)
    try:
        pilot.wait_for("connected")
        assert until(lambda: body.position[2] > 0.1, 30.0)
    finally:
        pilot.kill()
    assert until(lambda: down(body), 20.0), body.position
    assert not locked(server)


def test_when_the_process_of_the_link_itself_is_killed_the_firmware_brings_the_drone_down(
    server: VirtualCrazyflie, body: KinematicBody, folder: Path
) -> None:
    pilot = Pilot("own", server, folder)
    try:
        pilot.wait_for("flying")
        assert until(lambda: body.position[0] > 0.1, 20.0)
    finally:
        pilot.kill()
    assert until(lambda: down(body), 20.0), body.position
    assert until(lambda: locked(server), 5.0)
    with (
        CrazyflieDrone(server.uri, cache=folder / "next-cache") as drone,
        pytest.raises(LinkError, match="locked after a watchdog or an emergency stop; restart the drone"),
    ):
        drone.take_off(0.5)


def test_a_pilot_learns_that_the_process_of_its_link_is_gone(
    server: VirtualCrazyflie, body: KinematicBody, folder: Path
) -> None:
    drone = KeptDrone(server.uri, cache=folder / "kept-cache")
    drone.connect()
    try:
        os.kill(drone.pid, signal.SIGKILL)
        with pytest.raises(LinkError, match="process that holds the link is gone"):
            for _ in range(100):
                drone.state()
                time.sleep(0.05)
    finally:
        drone.close()


def test_a_kept_drone_flies_as_any_other(server: VirtualCrazyflie, body: KinematicBody, folder: Path) -> None:
    said: list[str] = []
    with KeptDrone(server.uri, cache=folder / "kept-cache", progress=said.append) as drone:
        assert any("connected in" in line for line in said)
        drone.take_off(0.5)
        for _ in range(8):
            drone.send(VelocityCommand(vx=0.4))
            time.sleep(0.1)
        assert body.position[0] > 0.05
        assert drone.state().flying and drone.state_at(drone.state().stamp).height > 0.3
        with pytest.raises(UserError, match="not finite"):
            drone.send(VelocityCommand(vx=float("nan")))
        drone.send(HOVER)
        drone.land()
        assert until(lambda: down(body), 5.0)
        assert drone.link_statistics().setpoint_hz > 0.0
        assert any(n.kind == "link" for n in drone.notes())
    assert not locked(server)


def test_an_address_nobody_answers_at_is_told_across_the_processes(folder: Path) -> None:
    with pytest.raises(LinkError, match="not an address of a Crazyflie"):
        KeptDrone("pigeon://1", cache=folder / "kept-cache", connect_timeout_s=5.0).connect()


def alive(pid: int) -> bool:
    """True while a process runs; one that ended and waits to be collected does not."""
    try:
        with open(f"/proc/{pid}/stat") as stat:
            return stat.read().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False

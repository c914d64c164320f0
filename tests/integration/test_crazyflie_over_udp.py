"""`CrazyflieDrone` and stock cflib against the virtual Crazyflie, over real UDP and in real time."""

from __future__ import annotations

import math
import socket
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from firmware_bridge.drone import CrazyflieDrone
from firmware_bridge.virtual.server import VirtualCrazyflie
from reprohrl.contracts.command import VelocityCommand
from reprohrl.contracts.errors import LinkError, UserError
from tests.fakes.kinematic_body import KinematicBody

pytest.importorskip("cflib")


@pytest.fixture
def body() -> KinematicBody:
    return KinematicBody(yaw=math.pi / 2)


@pytest.fixture
def server(body: KinematicBody) -> Iterator[VirtualCrazyflie]:
    with VirtualCrazyflie(body) as server:
        server.run()
        yield server


@pytest.fixture
def drone(server: VirtualCrazyflie, tmp_path: Path) -> Iterator[CrazyflieDrone]:
    with CrazyflieDrone(server.uri, cache=tmp_path, connect_timeout_s=20.0) as drone:
        yield drone


def until(done: Callable[[], bool], timeout_s: float) -> bool:
    end = time.monotonic() + timeout_s
    while not done() and time.monotonic() < end:
        time.sleep(0.01)
    return done()


def fly(drone: CrazyflieDrone, command: VelocityCommand, seconds: float) -> None:
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        drone.send(command)
        time.sleep(0.1)


def test_cflib_connects_fully_reads_the_tables_and_writes_a_parameter(
    server: VirtualCrazyflie, tmp_path: Path
) -> None:
    from firmware_bridge.link import close_quietly, open_crazyflie
    from reprohrl.contracts.clock import WallClock

    said: list[str] = []
    cf = open_crazyflie(
        server.uri, clock=WallClock(), timeout_s=10.0, attempts=1, progress=said.append, cache=tmp_path
    )
    try:
        assert sum(len(g) for g in cf.param.toc.toc.values()) == len(server.firmware.parameters.entries)
        assert sum(len(g) for g in cf.log.toc.toc.values()) == len(server.firmware.variables)
        assert cf.platform.get_protocol_version() == 12
        assert cf.param.toc.get_element_by_complete_name("ring.effect").is_persistent()
        assert cf.param.get_value("deck.bcAI") == "1"
        cf.param.set_value("ring.effect", 7)
        assert until(lambda: server.firmware.parameters.get("ring.effect") == 7, 2.0)
        assert until(lambda: cf.param.get_value("ring.effect") == "7", 2.0)
        assert cf.supervisor.can_fly
        assert until(lambda: 0 < cf.link_statistics.latency.latency < 200, 2.0)
    finally:
        close_quietly(cf)
    assert len(list(tmp_path.glob("*.json"))) == 2
    assert "connected" in said[-1]


def test_it_takes_off_flies_where_it_is_told_and_lands(drone: CrazyflieDrone, body: KinematicBody) -> None:
    drone.take_off(0.6)
    assert body.position[2] == pytest.approx(0.6, abs=0.12)
    fly(drone, VelocityCommand(vx=0.4), 1.5)  # it looks along +y
    state = drone.state()
    assert body.position[1] == pytest.approx(0.55, abs=0.15)
    assert body.position[0] == pytest.approx(0.0, abs=0.05)
    assert state.velocity == pytest.approx((0.4, 0.0, 0.0), abs=0.06)
    assert state.flying
    fly(drone, VelocityCommand(vy=0.3, yaw_rate=0.0), 1.0)
    assert body.position[0] == pytest.approx(-0.25, abs=0.12)
    fly(drone, VelocityCommand(yaw_rate=1.0), 1.0)
    assert drone.state().yaw == pytest.approx(math.pi / 2 + 1.0, abs=0.2)
    assert drone.state().ranges == pytest.approx((1.0, 2.0, 0.5, 4.0, 4.0))
    assert drone.state().battery_v == pytest.approx(4.0)
    drone.land()
    assert body.position[2] == 0.0
    assert until(lambda: not body.motors, 1.0)
    with pytest.raises(UserError, match="not finite"):
        drone.send(VelocityCommand(vx=math.nan))


def test_states_come_at_33_hz_and_are_stamped_when_they_arrive(drone: CrazyflieDrone) -> None:
    stamps: set[float] = set()
    end = time.monotonic() + 1.0
    while time.monotonic() < end:
        stamps.add(drone.state().stamp)
        time.sleep(0.003)
    assert 20 <= len(stamps) <= 40
    assert time.monotonic() - drone.state().stamp < 0.2
    old = sorted(stamps)[-10]
    assert drone.state_at(old).stamp == pytest.approx(old, abs=0.03)


def test_a_silent_policy_means_hover_then_landing(drone: CrazyflieDrone, body: KinematicBody) -> None:
    drone.take_off(0.5)
    fly(drone, VelocityCommand(vx=0.4), 1.0)
    assert until(lambda: math.hypot(*body.velocity[:2]) < 0.05, 0.8)
    assert body.position[2] > 0.35
    assert until(lambda: body.position[2] == 0.0, 5.0)
    assert until(lambda: not body.motors, 3.0)
    assert drone.fell_silent
    assert not drone.state().flying or until(lambda: not drone.state().flying, 3.0)


def test_leaving_the_context_in_the_air_lands(
    server: VirtualCrazyflie, body: KinematicBody, tmp_path: Path
) -> None:
    with (
        pytest.raises(RuntimeError, match="policy"),
        CrazyflieDrone(server.uri, cache=tmp_path) as drone,
    ):
        drone.take_off(0.5)
        raise RuntimeError("the policy failed")
    assert body.position[2] == 0.0
    assert until(lambda: not body.motors, 1.0)


def test_emergency_stop_drops_it_and_the_next_take_off_says_why_not(
    drone: CrazyflieDrone, body: KinematicBody
) -> None:
    drone.take_off(0.5)
    drone.emergency_stop()
    assert until(lambda: not body.motors, 0.3)
    assert until(lambda: body.position[2] == 0.0, 2.0)
    time.sleep(0.1)
    with pytest.raises(LinkError, match="locked"):
        drone.take_off(0.5)


def test_a_drone_that_needs_arming_is_armed(body: KinematicBody, tmp_path: Path) -> None:
    with VirtualCrazyflie(body, require_arming=True) as server:
        server.run()
        with CrazyflieDrone(server.uri, cache=tmp_path) as drone:
            assert not server.firmware.supervisor.armed
            drone.take_off(0.4)
            assert server.firmware.supervisor.armed
            drone.land()
            assert until(lambda: not server.firmware.supervisor.armed, 1.0)


def test_an_empty_battery_is_not_taken_off_with(drone: CrazyflieDrone, body: KinematicBody) -> None:
    body.battery_v = 3.3
    assert until(lambda: drone.state().battery_v < 3.4, 1.0)
    with pytest.raises(LinkError, match=r"battery has 3\.30 V"):
        drone.take_off(0.5)


def test_a_lost_link_shows_in_the_state(
    server: VirtualCrazyflie, drone: CrazyflieDrone, body: KinematicBody
) -> None:
    assert drone.state().link == 1.0
    server.close()
    assert until(lambda: drone.state().link == 0.0, 3.0)
    assert time.monotonic() - drone.state().stamp > 0.9


def test_garbage_and_scans_do_not_disturb_a_flight(
    server: VirtualCrazyflie, drone: CrazyflieDrone, body: KinematicBody
) -> None:
    drone.take_off(0.4)
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as stranger:
        stranger.settimeout(1.0)
        stranger.sendto(b"\xff", ("127.0.0.1", server.port))  # what cflib's scan sends
        assert stranger.recv(64) == b"\xff"
        for size in (0, 40, 1400):
            stranger.sendto(bytes(size), ("127.0.0.1", server.port))
    fly(drone, VelocityCommand(vx=0.3), 0.5)
    assert drone.state().link == 1.0
    assert body.position[1] > 0.05


def test_nobody_answering_is_an_error_within_the_deadline(tmp_path: Path) -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as mute:
        mute.bind(("127.0.0.1", 0))
        uri = f"udp://127.0.0.1:{mute.getsockname()[1]}"
        began = time.monotonic()
        with pytest.raises(LinkError, match=f"nobody answers at {uri}"):
            CrazyflieDrone(uri, cache=tmp_path, connect_timeout_s=2.0, attempts=2).connect()
        assert time.monotonic() - began < 6.0


def test_a_drone_that_answers_once_and_stalls_is_told_apart(tmp_path: Path) -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as host:
        host.bind(("127.0.0.1", 0))
        host.settimeout(5.0)
        import threading

        def answer_once() -> None:
            packet, address = host.recvfrom(64)
            while packet == b"\xff":  # a probe
                packet, address = host.recvfrom(64)
            host.sendto(b"\xfd" + b"Bitcraze Crazyflie".ljust(30, b"\0"), address)

        thread = threading.Thread(target=answer_once, daemon=True)
        thread.start()
        uri = f"udp://127.0.0.1:{host.getsockname()[1]}"
        with pytest.raises(LinkError, match=r"stalled in the version query; nothing new came for \d\.\d s"):
            CrazyflieDrone(uri, cache=tmp_path, connect_timeout_s=1.5, attempts=1).connect()
        thread.join(1.0)


def test_an_address_no_driver_takes_is_refused_with_examples(tmp_path: Path) -> None:
    with pytest.raises(LinkError, match=r"not an address of a Crazyflie.*radio://0/80/2M"):
        CrazyflieDrone("carrier-pigeon://7", cache=tmp_path, connect_timeout_s=2.0).connect()


def test_using_a_drone_that_is_not_connected_says_so() -> None:
    with pytest.raises(LinkError, match="not connected"):
        CrazyflieDrone("udp://127.0.0.1:1").state()


def test_a_drone_that_is_started_after_its_pilot_is_waited_for(body: KinematicBody, tmp_path: Path) -> None:
    import threading

    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    servers: list[VirtualCrazyflie] = []

    def start() -> None:
        servers.append(VirtualCrazyflie(body, port=port))
        servers[0].run()

    starter = threading.Timer(1.5, start)
    starter.start()
    said: list[str] = []
    drone = CrazyflieDrone(
        f"udp://127.0.0.1:{port}", cache=tmp_path, connect_timeout_s=15.0, progress=said.append
    )
    with drone:
        assert drone.state().link > 0.5
    servers[0].close()
    assert "the port is closed" in said[0]


def test_log_blocks_that_the_firmware_dropped_are_started_again(
    server: VirtualCrazyflie, drone: CrazyflieDrone
) -> None:
    with server.lock:
        server.firmware.log.reset()
    before = drone.state().stamp
    assert until(lambda: drone.state().stamp > before + 0.6, 3.0)
    assert until(lambda: drone.state().link == 1.0, 1.0)

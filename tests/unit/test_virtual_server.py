"""The virtual Crazyflie and its hosts: who gets the logs, who is forgotten, what a close leaves. Lockstep."""

from __future__ import annotations

import socket
import struct
import threading
from collections.abc import Iterator

import pytest

from firmware_bridge.virtual.cpx_server import CpxServer
from firmware_bridge.virtual.crtp import Packet, Port, decode
from firmware_bridge.virtual.server import VirtualCrazyflie
from tests.fakes.kinematic_body import KinematicBody

CONNECT = Packet(Port.LINK, 1, b"\0")
PING = Packet(Port.LINK, 0, b"\0ping")


class Host:
    """A host's socket; `ask` returns the answers up to the one of the same port."""

    def __init__(self, server: VirtualCrazyflie) -> None:
        self._port = server.port
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._socket.settimeout(5.0)

    def ask(self, packet: Packet) -> Packet:
        self._socket.sendto(packet.encode(), ("127.0.0.1", self._port))
        while True:
            answer = decode(self._socket.recv(64))
            if answer is not None and answer.port == packet.port and answer.channel == packet.channel:
                return answer

    def log_battery(self) -> None:
        """Start a block of one variable every 10 ms."""
        self.ask(Packet(Port.LOG, 1, b"\x05"))
        self.ask(Packet(Port.LOG, 1, b"\x06\x01" + struct.pack("<BH", 1, 0)))
        self.ask(Packet(Port.LOG, 1, b"\x03\x01\x01"))

    def received(self) -> list[Packet]:
        """What has come in so far, after an echo that marks the end."""
        self._socket.sendto(PING.encode(), ("127.0.0.1", self._port))
        got = []
        while (packet := decode(self._socket.recv(64))) != PING:
            assert packet is not None
            got.append(packet)
        return got

    def close(self) -> None:
        self._socket.close()


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def server(clock: Clock) -> Iterator[VirtualCrazyflie]:
    with VirtualCrazyflie(KinematicBody(), clock=clock, power_cycle=True) as server:
        yield server


@pytest.fixture
def hosts(server: VirtualCrazyflie) -> Iterator[tuple[Host, Host]]:
    pair = Host(server), Host(server)
    yield pair
    for host in pair:
        host.close()


def data(packets: list[Packet]) -> int:
    return sum((p.port, p.channel) == (Port.LOG, 2) for p in packets)


def test_a_second_host_is_answered_and_takes_nobodys_logs(
    server: VirtualCrazyflie, hosts: tuple[Host, Host]
) -> None:
    pilot, guest = hosts
    pilot.ask(CONNECT)
    pilot.log_battery()
    assert guest.ask(Packet(Port.PLATFORM, 1, b"\0")).data[1] == 12
    server.step(0.5)
    assert data(guest.received()) == 0
    assert data(pilot.received()) >= 40


def test_a_host_that_connects_takes_the_downlink_and_finds_no_blocks_of_the_last_one(
    server: VirtualCrazyflie, hosts: tuple[Host, Host]
) -> None:
    old, new = hosts
    old.ask(CONNECT)
    old.log_battery()
    new.ask(CONNECT)
    server.step(0.2)
    assert data(old.received()) == data(new.received()) == 0
    new.log_battery()
    server.step(0.2)
    assert data(new.received()) > 0
    assert server.firmware.reboots == 0


def test_a_host_that_falls_silent_loses_its_blocks_after_a_second(
    server: VirtualCrazyflie, hosts: tuple[Host, Host], clock: Clock
) -> None:
    pilot, _ = hosts
    pilot.ask(CONNECT)
    pilot.log_battery()
    clock.now = 0.9
    server.step(0.02)
    assert len(server.firmware.log) == 1
    clock.now = 1.1
    server.step(0.02)
    assert len(server.firmware.log) == 0


def test_whoever_comes_after_a_silence_finds_it_switched_off_and_on_unless_it_flies(
    server: VirtualCrazyflie, hosts: tuple[Host, Host], clock: Clock
) -> None:
    first, second = hosts
    first.ask(CONNECT)
    with server.lock:
        server.firmware.supervisor.emergency_stop()
    server.step(0.2)
    assert server.firmware.supervisor.locked
    clock.now = 5.0
    second.ask(PING)
    assert server.firmware.reboots == 1
    assert server.firmware.can_fly
    second.ask(Packet(Port.HIGH_LEVEL, 0, struct.pack("<BBff?f", 7, 0, 0.8, 0.0, True, 1.5)))
    server.step(2.0)
    clock.now = 10.0
    first.ask(CONNECT)
    assert server.firmware.reboots == 1


def test_closing_ends_every_thread_and_frees_the_ports() -> None:
    before = set(threading.enumerate())
    with CpxServer() as deck, VirtualCrazyflie(KinematicBody(), cpx=deck) as server:
        server.run()
        udp, tcp = server.port, deck.port
        with socket.create_connection(("127.0.0.1", tcp), timeout=5.0):
            assert deck.wait_connected(5.0)
            assert len(set(threading.enumerate()) - before) >= 3
    for thread in set(threading.enumerate()) - before:
        thread.join(5.0)
    assert set(threading.enumerate()) <= before
    VirtualCrazyflie(KinematicBody(), port=udp).close()
    CpxServer(port=tcp).close()


def test_a_taken_port_is_an_os_error_and_leaves_nothing_open(server: VirtualCrazyflie) -> None:
    before = threading.active_count()
    with pytest.raises(OSError, match="in use"):
        VirtualCrazyflie(KinematicBody(), port=server.port)
    assert threading.active_count() == before


def test_without_a_deck_there_is_no_tcp_address(server: VirtualCrazyflie) -> None:
    with pytest.raises(ValueError, match="has no AI-deck"):
        assert server.tcp_uri

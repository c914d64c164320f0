"""Stock cflib over `tcp://`: CRTP and the AI-deck's images on one socket, one firmware behind both links."""

from __future__ import annotations

import socket
import struct
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from firmware_bridge.aideck.cpx import CpxPacket, CpxParser, Function, Target
from firmware_bridge.virtual.cpx_server import QUEUE_PACKETS, CpxServer
from firmware_bridge.virtual.server import VirtualCrazyflie
from tests.fakes.kinematic_body import KinematicBody

pytest.importorskip("cflib")
ECHO = b"\xf0\x00ping"


@pytest.fixture
def body() -> KinematicBody:
    return KinematicBody()


@pytest.fixture
def deck() -> Iterator[CpxServer]:
    with CpxServer() as deck:
        yield deck


@pytest.fixture
def server(body: KinematicBody, deck: CpxServer) -> Iterator[VirtualCrazyflie]:
    with VirtualCrazyflie(body, cpx=deck) as server:
        server.run()
        yield server


def until(done: Callable[[], bool], timeout_s: float = 10.0) -> bool:
    end = time.monotonic() + timeout_s
    while not done() and time.monotonic() < end:
        time.sleep(0.01)
    return done()


class Client:
    """A raw CPX client, as small as can be."""

    def __init__(self, port: int) -> None:
        self.socket = socket.create_connection(("127.0.0.1", port), timeout=10.0)
        self._parser = CpxParser()
        self._packets: list[CpxPacket] = []

    def send(self, destination: int, function: int, data: bytes) -> None:
        self.socket.sendall(CpxPacket(Target.HOST, destination, function, data).encode())

    def crtp(self, data: bytes) -> None:
        self.send(Target.STM32, Function.CRTP, data)

    def read(self, function: int) -> CpxPacket:
        while True:
            for i, packet in enumerate(self._packets):
                if packet.function == function:
                    return self._packets.pop(i)
            chunk = self.socket.recv(4096)
            assert chunk, "the server hung up"
            self._packets += self._parser.feed(chunk)

    def answer(self) -> CpxPacket:
        """The next CRTP packet that is no console text."""
        while True:
            packet = self.read(Function.CRTP)
            if packet.data[0] >> 4:
                return packet

    def close(self) -> None:
        self.socket.close()


@pytest.fixture
def client(deck: CpxServer) -> Iterator[Client]:
    client = Client(deck.port)
    yield client
    client.close()


def test_stock_cflib_connects_reads_logs_writes_a_parameter_and_flies(
    server: VirtualCrazyflie, body: KinematicBody, tmp_path: Path
) -> None:
    import cflib.crtp
    from cflib.crazyflie.log import LogConfig
    from cflib.crazyflie.syncLogger import SyncLogger

    from tests.stock_links import stock_link

    cflib.crtp.init_drivers()
    assert server.tcp_uri.startswith("tcp://127.0.0.1:")
    with stock_link(server.tcp_uri, tmp_path) as scf:
        assert scf.cf.platform.get_protocol_version() == 12
        scf.cf.param.set_value("ring.effect", 5)
        assert until(lambda: server.firmware.parameters.get("ring.effect") == 5)
        config = LogConfig("height", 50)
        config.add_variable("stateEstimate.z", "float")
        scf.cf.high_level_commander.takeoff(0.5, 0.6)
        with SyncLogger(scf, config) as log:
            heights: Iterator[Any] = iter(log)
            end = time.monotonic() + 30.0
            while next(heights)[1]["stateEstimate.z"] < 0.45:
                assert time.monotonic() < end, "it never came up"
        scf.cf.high_level_commander.land(0.0, 0.6)
        assert until(lambda: body.position[2] == 0.0)


def test_udp_and_tcp_reach_the_same_firmware(server: VirtualCrazyflie, client: Client) -> None:
    client.crtp(ECHO)
    assert client.answer().data[1:] == ECHO[1:]
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as udp:
        udp.settimeout(5.0)
        ring = [p.name for p in server.firmware.parameters.entries].index("ring.effect")
        udp.sendto(b"\x2e" + struct.pack("<HB", ring, 9), ("127.0.0.1", server.port))
        assert udp.recv(64)[1:] == struct.pack("<HB", ring, 9)
    client.crtp(b"\x2d" + struct.pack("<H", ring))
    assert client.answer().data[1:] == struct.pack("<HBB", ring, 0, 9)


def test_the_opening_system_packet_and_packets_for_other_chips_get_no_answer(
    server: VirtualCrazyflie, client: Client
) -> None:
    client.send(Target.STM32, Function.SYSTEM, b"\x21\x01")
    client.send(Target.GAP8, Function.APP, b"who is there")
    client.send(Target.ESP32, Function.WIFI_CTRL, b"\x10")
    client.crtp(ECHO)
    answer = client.answer()
    assert answer.data[1:] == ECHO[1:]
    assert (answer.source, answer.destination, answer.last) == (Target.STM32, Target.HOST, True)


def test_crtp_does_not_stand_behind_a_whole_frame(
    server: VirtualCrazyflie, deck: CpxServer, client: Client
) -> None:
    """A chip that streams as fast as the socket takes it leaves room for answers."""
    assert deck.wait_connected(5.0)
    stop = threading.Event()

    def stream() -> None:
        chunk = CpxPacket(Target.GAP8, Target.HOST, Function.APP, bytes(1000))
        while not stop.is_set():
            deck.send_patiently(chunk, 0.1)

    thread = threading.Thread(target=stream)
    thread.start()
    try:
        for _ in range(20):
            client.crtp(ECHO)
            assert client.answer().data[1:] == ECHO[1:]
    finally:
        stop.set()
        thread.join(5.0)
    assert deck.dropped == 0


def test_a_client_that_reads_nothing_loses_packets_but_stalls_nobody(
    server: VirtualCrazyflie, deck: CpxServer, client: Client
) -> None:
    assert deck.wait_connected(5.0)
    chunk = CpxPacket(Target.GAP8, Target.HOST, Function.APP, bytes(1000))
    end = time.monotonic() + 30.0
    while deck.send_patiently(chunk, 0.2):  # until the buffers of the socket are full
        assert time.monotonic() < end, "it took everything"
    for _ in range(QUEUE_PACKETS):
        deck.send(chunk)
    assert deck.dropped > 0
    assert server.firmware.time >= 0.0


def test_one_client_at_a_time_and_the_next_one_after_it(
    server: VirtualCrazyflie, deck: CpxServer, client: Client
) -> None:
    assert deck.wait_connected(5.0)
    second = Client(deck.port)
    second.crtp(ECHO)
    second.socket.settimeout(0.3)
    with pytest.raises(TimeoutError):
        second.socket.recv(64)
    client.close()
    second.socket.settimeout(10.0)
    assert second.answer().data[1:] == ECHO[1:]
    second.close()
    assert until(lambda: not deck.connected)


def test_bytes_that_are_no_cpx_close_the_connection_and_nothing_else(
    server: VirtualCrazyflie, deck: CpxServer, client: Client
) -> None:
    client.socket.sendall(b"GET / HTTP/1.1\r\n\r\n")
    assert client.socket.recv(64) == b""
    again = Client(deck.port)
    again.crtp(ECHO)
    assert again.answer().data[1:] == ECHO[1:]
    again.close()

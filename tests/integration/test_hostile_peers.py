"""Strangers, bit errors and bad firmware on live sockets: both sides go on, and recover when it stops."""

from __future__ import annotations

import logging
import math
import socket
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest

from firmware_bridge.aideck.cpx import CpxPacket, Function, Target
from firmware_bridge.aideck.reader import AiDeckCamera
from firmware_bridge.drone import CrazyflieDrone
from firmware_bridge.virtual.aideck import Kind, VirtualAiDeck
from firmware_bridge.virtual.cpx_server import CpxServer
from firmware_bridge.virtual.server import VirtualCrazyflie
from tests.crtp_corpus import CORPUS
from tests.fakes.kinematic_body import KinematicBody
from tests.mutation import Mutator, scaled
from tests.relay import TcpRelay, UdpRelay, bit_errors

IMAGE = np.tile(np.arange(0, 248, 4, dtype=np.uint8), (62, 1))


def until(done: Callable[[], bool], timeout_s: float = 15.0) -> bool:
    end = time.monotonic() + timeout_s
    while not done() and time.monotonic() < end:
        time.sleep(0.01)
    return done()


@pytest.fixture
def quiet_cflib() -> Iterator[None]:
    """cflib logs a traceback for each packet it cannot read."""
    logger = logging.getLogger("cflib")
    level = logger.level
    logger.setLevel(logging.CRITICAL)
    yield
    logger.setLevel(level)


@pytest.mark.parametrize("kind", list(Kind))
def test_a_camera_sees_again_after_a_spell_of_bit_errors(kind: Kind) -> None:
    deck = VirtualAiDeck(lambda: IMAGE, fps=60, kind=kind)
    with deck, TcpRelay(deck.port) as relay:
        camera = AiDeckCamera("127.0.0.1", relay.port, watchdog_s=0.5)
        with camera:
            relay.damage = bit_errors(3, 0.2)
            assert until(lambda: relay.damaged > 60)
            relay.damage = None
            good = camera.health().frames
            assert until(lambda: camera.health().frames > good + 5)
            frame = camera.read(5.0)
            assert frame is not None
            assert frame.pixels.shape == IMAGE.shape
        assert camera.health().trouble == "closed"


def test_a_drone_is_heard_again_after_a_spell_of_bit_errors(tmp_path: Path, quiet_cflib: None) -> None:
    with VirtualCrazyflie(KinematicBody()) as server:
        server.run()
        with (
            UdpRelay(server.port) as relay,
            CrazyflieDrone(f"udp://127.0.0.1:{relay.port}", cache=tmp_path, connect_timeout_s=40.0) as drone,
        ):
            relay.damage = bit_errors(5, 1.0)
            assert until(lambda: relay.damaged > scaled(400), 30.0)
            relay.damage = None
            began = drone.state().stamp
            assert until(lambda: drone.state().stamp > began + 0.5)
            assert all(math.isfinite(v) for v in drone.state().position)
            assert until(lambda: drone.state().link > 0.9)


def test_a_tcp_link_that_loses_its_place_is_a_lost_link_not_a_hang(tmp_path: Path, quiet_cflib: None) -> None:
    with CpxServer() as esp32, VirtualCrazyflie(KinematicBody(), cpx=esp32) as server:
        server.run()
        with (
            TcpRelay(esp32.port) as relay,
            CrazyflieDrone(f"tcp://127.0.0.1:{relay.port}", cache=tmp_path, connect_timeout_s=40.0) as drone,
        ):
            assert drone.state().link > 0
            relay.damage = lambda piece: b"\xff\xff" + piece
            assert until(lambda: drone.state().link == 0.0)
            assert all(math.isfinite(v) for v in drone.state().position)
        assert until(lambda: not esp32.connected)


def test_packets_too_long_for_crtp_or_too_many_do_not_pile_up() -> None:
    """A link whose packets nobody takes, as when cflib's thread hangs in a callback."""
    from firmware_bridge.cpx_driver import MAX_WAITING, CpxDriver

    with CpxServer() as esp32:
        driver = CpxDriver()
        driver.connect(f"tcp://127.0.0.1:{esp32.port}", None, lambda _message: None)
        try:
            assert esp32.wait_connected(5.0)
            for data in (bytes(32), bytes(1000), b""):
                esp32.send_patiently(CpxPacket(Target.STM32, Target.HOST, Function.CRTP, data), 5.0)
            echo = CpxPacket(Target.STM32, Target.HOST, Function.CRTP, b"\xfc\0ok")
            for _ in range(MAX_WAITING + 500):
                assert esp32.send_patiently(echo, 5.0)
            assert until(lambda: driver._incoming.qsize() == MAX_WAITING)
            assert bytes(driver.receive_packet(0).data) == b"\0ok"
        finally:
            driver.close()


@pytest.mark.parametrize("through", ["udp", "tcp"])
def test_a_virtual_drone_answers_after_strangers_have_sent_what_they_like(through: str) -> None:
    mutator = Mutator(CORPUS, 11, max_bytes=60)
    with CpxServer() as esp32, VirtualCrazyflie(KinematicBody(), cpx=esp32) as server:
        server.run()
        before = threading.active_count()
        if through == "udp":
            with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as stranger:
                stranger.connect(("127.0.0.1", server.port))
                stranger.settimeout(0.01)
                for number, datagram in enumerate(mutator.packets(scaled(3000))):
                    stranger.send(datagram)
                    if number % 20 == 0:
                        time.sleep(0.001)
        else:
            for seed in range(scaled(40)):
                _insult(esp32.port, Mutator(CORPUS, seed, max_bytes=60), valid_cpx=seed % 2 == 0)
        assert until(lambda: _echoes(server))
        assert until(lambda: threading.active_count() <= before)


def _insult(port: int, mutator: Mutator, *, valid_cpx: bool) -> None:
    """Connect, send damaged CRTP in CPX or no CPX at all, and leave."""
    with socket.create_connection(("127.0.0.1", port), timeout=5.0) as stranger:
        try:
            for data in mutator.packets(60):
                packet = CpxPacket(Target.HOST, Target.STM32, Function.CRTP, data)
                stranger.sendall(packet.encode() if valid_cpx else data)
        except OSError:
            return  # thrown out, rightly
        stranger.shutdown(socket.SHUT_WR)
        stranger.settimeout(5.0)
        while stranger.recv(4096):
            pass


def _echoes(server: VirtualCrazyflie) -> bool:
    """True when a ping comes back, among whatever else is under way."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as friend:
        friend.connect(("127.0.0.1", server.port))
        friend.settimeout(0.5)
        friend.send(b"\xfc\0hello")
        try:
            for _ in range(50):
                if friend.recv(64)[1:] == b"\0hello":
                    return True
        except TimeoutError:
            return False
    return False

"""Images and control on the one socket of a `tcp://` link: with our driver, and with cflib's own."""

from __future__ import annotations

import queue
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from firmware_bridge.aideck.cpx import Function
from firmware_bridge.aideck.link_camera import LinkCamera
from firmware_bridge.aideck.nanocockpit import StreamedState
from firmware_bridge.aideck.stream import PosedFrame
from firmware_bridge.drone import CrazyflieDrone
from firmware_bridge.virtual.aideck import Kind, VirtualAiDeck
from firmware_bridge.virtual.cpx_server import CpxServer
from firmware_bridge.virtual.server import VirtualCrazyflie
from reprohrl.contracts.command import VelocityCommand
from reprohrl.contracts.errors import LinkError, UserError
from tests.fakes.kinematic_body import KinematicBody

IMAGE = np.tile(np.arange(162, dtype=np.uint8), (122, 1))


@pytest.fixture
def esp32() -> Iterator[CpxServer]:
    with CpxServer() as esp32:
        yield esp32


@pytest.fixture
def server(esp32: CpxServer) -> Iterator[VirtualCrazyflie]:
    with VirtualCrazyflie(KinematicBody(), cpx=esp32) as server:
        server.run()
        yield server


def until(done: Callable[[], bool], timeout_s: float = 15.0) -> bool:
    end = time.monotonic() + timeout_s
    while not done() and time.monotonic() < end:
        time.sleep(0.01)
    return done()


@pytest.mark.parametrize("kind", list(Kind))
def test_a_drone_on_tcp_flies_and_sees(
    kind: Kind, esp32: CpxServer, server: VirtualCrazyflie, tmp_path: Path
) -> None:
    def estimate() -> StreamedState:
        return StreamedState(position=server.firmware.state.position)

    deck = VirtualAiDeck(lambda: IMAGE, link=esp32, fps=10, kind=kind, state=estimate)
    with deck, CrazyflieDrone(server.tcp_uri, cache=tmp_path, connect_timeout_s=40.0) as drone:
        camera = LinkCamera(drone.subscribe_cpx)
        camera.open(10.0)
        drone.take_off(0.5)
        frame = None
        for _ in range(5):
            drone.send(VelocityCommand(vx=0.2))
            frame = camera.read(10.0)
            assert frame is not None
            assert frame.pixels.shape == IMAGE.shape
        if kind is Kind.NANOCOCKPIT:
            assert isinstance(frame, PosedFrame)
            assert frame.metadata.state.position[2] > 0.2
        drone.land()
        faults = camera.health()
        assert (faults.torn, faults.corrupt) == (0, 0)
        camera.close()


@pytest.mark.parametrize("scheme", ["tcp", "udp"])
def test_the_ros_backend_sees_through_the_link_or_the_decks_own_socket(
    scheme: str, esp32: CpxServer, server: VirtualCrazyflie, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """And straightens a frame of another mode into the one the detector knows."""
    from ros_nodes.backends.crazyflie import CrazyflieBackend

    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    uri = server.tcp_uri if scheme == "tcp" else server.uri
    port = 1 if scheme == "tcp" else esp32.port
    with VirtualAiDeck(lambda: IMAGE, link=esp32, fps=10):
        backend = CrazyflieBackend(uri, "127.0.0.1", port, ros_now=time.time)
        try:
            backend.open()
            seen = (backend.observe().frame for _ in range(100))
            frame = next((one for one in seen if one is not None), None)
            assert frame is not None and frame.pixels.shape == (244, 324)
        finally:
            backend.close()


def test_the_ros_backend_refuses_a_damaged_calibration_before_it_connects(tmp_path: Path) -> None:
    from ros_nodes.backends.crazyflie import CrazyflieBackend

    path = tmp_path / "camera.json"
    path.write_text("{}")
    with pytest.raises(UserError, match="is no calibration"):
        CrazyflieBackend("udp://127.0.0.1:1", "127.0.0.1", 1, ros_now=time.time, calibration=str(path))


def test_a_udp_link_says_that_it_carries_no_images(server: VirtualCrazyflie, tmp_path: Path) -> None:
    with (
        CrazyflieDrone(server.uri, cache=tmp_path, connect_timeout_s=40.0) as drone,
        pytest.raises(LinkError, match="carries no images"),
    ):
        LinkCamera(drone.subscribe_cpx)


def test_stock_cflib_hands_the_images_over_too(
    esp32: CpxServer, server: VirtualCrazyflie, tmp_path: Path
) -> None:
    """As a user's own script would: `cf.link.cpx.receivePacket(CPXFunction.APP)` into a `LinkCamera`."""
    from cflib.cpx import CPXFunction
    from cflib.crtp.tcpdriver import TcpDriver

    link, stop = TcpDriver(), threading.Event()
    with VirtualAiDeck(lambda: IMAGE, link=esp32, fps=20):
        link.connect(server.tcp_uri, None, lambda _message: None)
        try:
            camera = LinkCamera(_pump(link.cpx, CPXFunction, stop))
            camera.open(10.0)
            for _ in range(5):
                frame = camera.read(10.0)
                assert frame is not None
                assert np.array_equal(frame.pixels, IMAGE)
            camera.close()
        finally:
            stop.set()
            _leave(link, esp32)


def _pump(
    cpx: Any, functions: Any, stop: threading.Event
) -> Callable[[Function, Callable[[bytes], None]], None]:
    """Return a `subscribe` on cflib's queues: one thread for each function cflib knows."""

    def subscribe(function: Function, take: Callable[[bytes], None]) -> None:
        if function not in {f.value for f in functions}:
            return  # cflib knows no STREAMER

        def run() -> None:
            while not stop.is_set():
                try:
                    take(bytes(cpx.receivePacket(functions(function.value), timeout=0.2).data))
                except queue.Empty:
                    continue

        threading.Thread(target=run, daemon=True).start()

    return subscribe


def _leave(link: Any, esp32: CpxServer) -> None:
    """Close as cflib does; its router thread would spin on the closed socket for ever, so end it first."""
    link.cpx._router._connected = False
    link.close()
    assert until(lambda: not esp32.connected)

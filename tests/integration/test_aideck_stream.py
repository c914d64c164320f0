"""The AI-deck reader on a real TCP stream."""

from __future__ import annotations

import contextlib
import itertools
import socket
import threading
import time
from collections.abc import Callable
from typing import Self

import numpy as np
import pytest
from numpy.typing import NDArray

from firmware_bridge.aideck.cpx import CpxPacket, CpxParser, Function, Target
from firmware_bridge.aideck.link_camera import LinkCamera
from firmware_bridge.aideck.nanocockpit import StreamedState
from firmware_bridge.aideck.reader import AiDeckCamera
from firmware_bridge.aideck.stream import PosedFrame
from firmware_bridge.virtual.aideck import Kind, VirtualAiDeck
from firmware_bridge.virtual.cpx_server import CpxServer
from reprohrl.contracts.errors import LinkError

SHAPE = (244, 324)


def counting_source() -> Callable[[], NDArray[np.uint8]]:
    numbers = itertools.count()
    return lambda: np.full(SHAPE, next(numbers) % 256, np.uint8)


def until(done: Callable[[], bool], timeout_s: float = 5.0) -> bool:
    end = time.monotonic() + timeout_s
    while not done() and time.monotonic() < end:
        time.sleep(0.01)
    return done()


def goes_on(camera: AiDeckCamera) -> bool:
    """True once three more frames have come."""
    frames = camera.health().frames
    return until(lambda: camera.health().frames >= frames + 3, 10.0)


class SharedSocket:
    """A client that hands the data of each packet to whoever asked for its function."""

    def __init__(self, esp32: CpxServer, takers: dict[int, list[Callable[[bytes], None]]]) -> None:
        self._stream = socket.create_connection((esp32.host, esp32.port), timeout=0.2)
        self._takers = takers
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        self._thread.join(5.0)
        self._stream.close()

    def _run(self) -> None:
        parser = CpxParser()
        while not self._stop.is_set():
            with contextlib.suppress(TimeoutError):
                for packet in parser.feed(self._stream.recv(65536)):
                    for take in self._takers.get(packet.function, []):
                        take(packet.data)


def test_raw_frames_arrive_whole_and_in_order() -> None:
    deck = VirtualAiDeck(counting_source(), fps=20)
    with deck, AiDeckCamera("127.0.0.1", deck.port, watchdog_s=5.0) as camera:
        frames = [camera.read(5.0) for _ in range(15)]
        assert all(f is not None and f.pixels.shape == SHAPE for f in frames)
        values = [int(f.pixels[0, 0]) for f in frames if f is not None]
        assert all(b > a for a, b in itertools.pairwise(values))
        stamps = [f.stamp for f in frames if f is not None]
        assert all(b > a for a, b in itertools.pairwise(stamps))
        health = camera.health()
        assert health.fps > 0
        assert 0 <= health.age_s < 5.0
        assert health.frames >= 15
        assert (health.torn, health.orphaned, health.corrupt, health.reconnects) == (0, 0, 0, 0)


def test_the_newest_frame_wins() -> None:
    with VirtualAiDeck(counting_source(), fps=50) as deck, AiDeckCamera("127.0.0.1", deck.port) as camera:
        first = camera.read(5.0)
        begun = camera.health().frames
        assert until(lambda: camera.health().frames >= begun + 10)
        second = camera.read(5.0)
        assert first is not None
        assert second is not None
        assert int(second.pixels[0, 0]) - int(first.pixels[0, 0]) >= 10
        deck.frozen = True
        assert until(lambda: camera.read(0.3) is None)


def test_jpeg_frames_in_colour_arrive() -> None:
    image = np.zeros((*SHAPE, 3), np.uint8)
    image[..., 0] = 200
    with (
        VirtualAiDeck(lambda: image, fps=20, jpeg=True) as deck,
        AiDeckCamera("127.0.0.1", deck.port) as camera,
    ):
        frame = camera.read(1.0)
        assert frame is not None
        assert frame.pixels.shape == (*SHAPE, 3)
        assert frame.pixels[..., 0].mean() == pytest.approx(200, abs=5)
        assert frame.pixels[..., 2].mean() == pytest.approx(0, abs=5)


@pytest.mark.parametrize("kind", list(Kind))
def test_a_torn_frame_is_counted_and_left_out(kind: Kind) -> None:
    deck = VirtualAiDeck(counting_source(), fps=20, kind=kind)
    with deck, AiDeckCamera("127.0.0.1", deck.port, watchdog_s=3.0) as camera:
        deck.tear_next = True
        assert until(lambda: camera.health().torn == 1)
        assert goes_on(camera)
        assert camera.health().reconnects == 0


@pytest.mark.parametrize("kind", [Kind.JPEG, Kind.NANOCOCKPIT])
def test_a_spoilt_frame_is_counted_and_left_out(kind: Kind) -> None:
    deck = VirtualAiDeck(counting_source(), fps=20, kind=kind)
    with deck, AiDeckCamera("127.0.0.1", deck.port, watchdog_s=3.0) as camera:
        deck.corrupt_next = True
        assert until(lambda: camera.health().corrupt == 1)
        assert goes_on(camera)
        assert camera.health().torn == 0


def test_nanocockpit_frames_arrive_with_the_position_of_the_drone() -> None:
    small = np.arange(160 * 160, dtype=np.uint32).astype(np.uint8).reshape(160, 160)
    where = StreamedState(position=(1.0, -2.0, 0.5), stamp=77)
    deck = VirtualAiDeck(lambda: small, fps=30, kind=Kind.NANOCOCKPIT, state=lambda: where)
    with deck, AiDeckCamera("127.0.0.1", deck.port) as camera:
        frames = [camera.read(5.0) for _ in range(5)]
        stamps = []
        for frame in frames:
            assert isinstance(frame, PosedFrame)
            assert np.array_equal(frame.pixels, small)
            assert frame.metadata.state.position == (1.0, -2.0, 0.5)
            stamps.append((frame.stamp, frame.metadata.frame_us / 1e6))
        for (a, deck_a), (b, deck_b) in itertools.pairwise(stamps):
            # a faster frame moves the estimate of the deck's clock towards it, never away
            assert b - a <= deck_b - deck_a + 1e-6


@pytest.mark.parametrize("kind", list(Kind))
def test_frames_come_out_of_a_link_shared_with_other_packets(kind: Kind) -> None:
    """The deck's one socket carries CRTP, console text and images; a reader takes its share."""
    takers: dict[int, list[Callable[[bytes], None]]] = {}
    with CpxServer() as esp32:
        deck = VirtualAiDeck(counting_source(), link=esp32, fps=20, kind=kind)
        camera = LinkCamera(lambda function, take: takers.setdefault(function, []).append(take))
        with deck, SharedSocket(esp32, takers):
            camera.open(5.0)
            for _ in range(5):
                assert esp32.send(CpxPacket(Target.STM32, Target.HOST, Function.CRTP, bytes(31)))
                assert camera.read(5.0) is not None
            health = camera.health()
            assert (health.torn, health.orphaned, health.corrupt) == (0, 0, 0)
            camera.close()
            counted = camera.health().frames
            sent = deck.frames_sent
            assert until(lambda: deck.frames_sent > sent + 2)
            assert camera.health().frames <= counted + 1


def test_a_link_without_frames_is_an_error_that_says_what_to_flash() -> None:
    with pytest.raises(LinkError, match="flash a WiFi streamer"):
        LinkCamera(lambda function, take: None).open(0.1)


def test_a_stream_that_freezes_until_a_reconnection_is_reconnected() -> None:
    deck = VirtualAiDeck(counting_source(), fps=20)
    with deck, AiDeckCamera("127.0.0.1", deck.port, watchdog_s=0.5) as camera:
        deck.freeze_until_reconnect()
        assert until(lambda: camera.health().reconnects >= 1)
        assert goes_on(camera)


def test_a_hung_deck_that_ignores_resets_is_left_so_that_it_serves_again() -> None:
    """The stock ESP32 keeps a client that ends with a reset, as closing with unread bytes does."""
    with (
        CpxServer(notices_reset=False) as esp32,
        VirtualAiDeck(counting_source(), link=esp32, fps=20) as deck,
    ):
        with socket.create_connection(("127.0.0.1", esp32.port), timeout=5.0) as rude:
            assert rude.recv(16)
            deck.frozen = True
            time.sleep(0.2)  # its last frame lies unread in the socket: closing resets
        with socket.create_connection(("127.0.0.1", esp32.port), timeout=5.0) as waiting:
            waiting.settimeout(0.5)
            with pytest.raises(TimeoutError):
                waiting.recv(16)
            deck.frozen = False  # the power cycle: a packet to the first one fails, the next has its turn
            waiting.settimeout(5.0)
            assert waiting.recv(16)
        with AiDeckCamera("127.0.0.1", esp32.port, watchdog_s=0.5) as camera:
            deck.frozen = True
            assert until(lambda: camera.health().reconnects >= 1, 10.0)
            deck.frozen = False
            assert goes_on(camera)


def test_a_camera_that_reconnects_to_a_hung_deck_is_served_each_time() -> None:
    """With a FIN even a deck with nothing to send sees the client go, and takes the next connection."""
    with (
        CpxServer(notices_reset=False) as esp32,
        VirtualAiDeck(counting_source(), link=esp32, fps=20) as deck,
    ):
        clients: list[bool] = []
        esp32.on_client(clients.append)
        with AiDeckCamera("127.0.0.1", esp32.port, watchdog_s=0.3):
            deck.frozen = True
            assert until(lambda: clients.count(True) >= 3, 15.0)


def test_a_stream_that_lost_bytes_is_taken_up_anew() -> None:
    """What a short write of the ESP32 does: from there on, no packet begins where one should."""
    image = CpxPacket(Target.GAP8, Target.HOST, Function.APP, bytes(1020)).encode()
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.settimeout(5.0)
        camera = AiDeckCamera("127.0.0.1", server.getsockname()[1])
        camera.start()
        try:
            first, _ = server.accept()
            with first:
                first.sendall(image * 3 + image[:700] + image * 2)
                second, _ = server.accept()
                second.close()
            assert until(lambda: camera.health().reconnects >= 1)
        finally:
            camera.close()


def test_the_rest_of_a_frame_that_began_before_the_connection_is_orphaned() -> None:
    packets = [CpxPacket(Target.GAP8, Target.HOST, Function.APP, bytes(1020)).encode()] * 4
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.settimeout(5.0)
        camera = AiDeckCamera("127.0.0.1", server.getsockname()[1], watchdog_s=5.0)
        camera.start()
        try:
            client, _ = server.accept()
            with client:
                client.sendall(b"".join(packets))
                assert until(lambda: camera.health().orphaned == 4)
        finally:
            camera.close()


def test_a_frozen_stream_is_reopened_and_frames_come_back() -> None:
    deck = VirtualAiDeck(counting_source(), fps=20)
    with deck, AiDeckCamera("127.0.0.1", deck.port, watchdog_s=0.3) as camera:
        deck.frozen = True
        assert until(lambda: camera.health().reconnects >= 1)
        deck.frozen = False
        assert goes_on(camera)


def test_a_lost_connection_is_taken_up_again() -> None:
    with VirtualAiDeck(counting_source(), fps=20) as deck, AiDeckCamera("127.0.0.1", deck.port) as camera:
        deck.drop_client()
        assert until(lambda: camera.health().reconnects >= 1)
        assert goes_on(camera)


def test_a_closed_camera_stays_closed_until_it_is_opened_again() -> None:
    with VirtualAiDeck(counting_source(), fps=20) as deck:
        camera = AiDeckCamera("127.0.0.1", deck.port)
        camera.open(5.0)
        camera.close()
        camera.read(0.0)
        assert camera.read(0.2) is None
        assert camera.health().trouble == "closed"
        camera.open(5.0)
        assert goes_on(camera)
        camera.close()


def test_a_second_viewer_is_served_when_the_first_has_left() -> None:
    with VirtualAiDeck(counting_source(), fps=20) as deck:
        first = AiDeckCamera("127.0.0.1", deck.port)
        first.open(2.0)
        with socket.create_connection(("127.0.0.1", deck.port), timeout=2.0) as second:
            second.settimeout(0.3)
            with pytest.raises(TimeoutError):
                second.recv(16)
            first.close()
            second.settimeout(3.0)
            assert second.recv(16)


def test_noise_on_the_port_leads_to_reconnection_not_to_frames() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.settimeout(3.0)
        camera = AiDeckCamera("127.0.0.1", server.getsockname()[1])
        camera.start()
        for _ in range(2):
            client, _ = server.accept()
            with client:
                client.sendall(b"\xff" * 4000)
        assert camera.read(0.2) is None
        camera.close()


def test_a_deck_that_takes_the_connection_and_stays_silent_is_told_from_one_that_is_not_there() -> None:
    with VirtualAiDeck(counting_source()) as deck:
        deck.frozen = True
        with pytest.raises(LinkError, match=r"no frame comes.*other viewers.*power-cycle"):
            AiDeckCamera("127.0.0.1", deck.port, watchdog_s=0.2).open(1.0)


def test_something_else_on_the_port_is_named() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        web = threading.Thread(target=_serve_text, args=(server,), daemon=True)
        web.start()
        with pytest.raises(LinkError, match=r"is no CPX.*Its port is 5000"):
            AiDeckCamera("127.0.0.1", server.getsockname()[1]).open(1.0)
    web.join(5.0)


def _serve_text(server: socket.socket) -> None:
    server.settimeout(2.0)
    with contextlib.suppress(OSError):
        while True:
            client, _ = server.accept()
            with client:
                client.sendall(b"HTTP/1.0 400 Bad Request\r\n\r\n")


def test_no_deck_is_an_error_that_names_the_address_within_the_deadline() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
    with pytest.raises(LinkError, match=rf"no frames from the AI-deck at 127.0.0.1:{port}.*refused.*flash"):
        AiDeckCamera("127.0.0.1", port).open(0.5)

"""The AI-deck reader on a real TCP stream."""

from __future__ import annotations

import itertools
import socket
import time
from collections.abc import Callable

import numpy as np
import pytest
from numpy.typing import NDArray

from firmware_bridge.aideck.reader import AiDeckCamera
from firmware_bridge.virtual.aideck import VirtualAiDeck
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


def test_raw_frames_arrive_whole_in_order_and_at_the_rate_of_the_deck() -> None:
    with VirtualAiDeck(counting_source(), fps=20) as deck, AiDeckCamera("127.0.0.1", deck.port) as camera:
        frames = [camera.read(1.0) for _ in range(15)]
        assert all(f is not None and f.pixels.shape == SHAPE for f in frames)
        values = [int(f.pixels[0, 0]) for f in frames if f is not None]
        assert values == list(range(values[0], values[0] + 15))
        stamps = [f.stamp for f in frames if f is not None]
        assert all(b > a for a, b in itertools.pairwise(stamps))
        health = camera.health()
        assert health.fps == pytest.approx(20, rel=0.2)
        assert health.age_s < 0.2
        assert (health.torn, health.orphaned, health.corrupt, health.reconnects) == (0, 0, 0, 0)


def test_the_newest_frame_wins() -> None:
    with VirtualAiDeck(counting_source(), fps=50) as deck, AiDeckCamera("127.0.0.1", deck.port) as camera:
        first = camera.read(1.0)
        time.sleep(0.4)
        second = camera.read(1.0)
        assert first is not None
        assert second is not None
        assert int(second.pixels[0, 0]) - int(first.pixels[0, 0]) >= 10
        deck.frozen = True
        time.sleep(0.1)
        camera.read(0.2)
        assert camera.read(0.1) is None


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


def test_a_torn_frame_is_counted_and_left_out() -> None:
    with VirtualAiDeck(counting_source(), fps=20) as deck, AiDeckCamera("127.0.0.1", deck.port) as camera:
        deck.tear_next = True
        assert until(lambda: camera.health().torn == 1)
        assert until(lambda: camera.health().age_s < 0.1)
        assert camera.health().reconnects == 0


def test_a_frozen_stream_is_reopened_and_frames_come_back() -> None:
    deck = VirtualAiDeck(counting_source(), fps=20)
    with deck, AiDeckCamera("127.0.0.1", deck.port, watchdog_s=0.3) as camera:
        deck.frozen = True
        assert until(lambda: camera.health().reconnects >= 1)
        deck.frozen = False
        assert until(lambda: camera.health().age_s < 0.1)


def test_a_lost_connection_is_taken_up_again() -> None:
    with VirtualAiDeck(counting_source(), fps=20) as deck, AiDeckCamera("127.0.0.1", deck.port) as camera:
        deck.drop_client()
        assert until(lambda: camera.health().reconnects == 1)
        assert until(lambda: camera.health().age_s < 0.1)


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


def test_no_deck_is_an_error_that_names_the_address_within_the_deadline() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
    began = time.monotonic()
    with pytest.raises(LinkError, match=rf"no frames from the AI-deck at 127.0.0.1:{port}"):
        AiDeckCamera("127.0.0.1", port).open(0.5)
    assert time.monotonic() - began < 3.0

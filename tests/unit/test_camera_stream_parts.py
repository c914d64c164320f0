"""The parts of the camera reader: the deck's clock, the newest frame and its rates, JPEG headers, colour."""

from __future__ import annotations

import errno
import itertools
import socket

import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from firmware_bridge.aideck.cpx import CpxError, Function
from firmware_bridge.aideck.deck_clock import DeckClock
from firmware_bridge.aideck.frames import Format, FrameAssembler, FrameFaults, ImageHeader
from firmware_bridge.aideck.jpeg import header_length, jpeg_shape
from firmware_bridge.aideck.newest import NewestFrame
from firmware_bridge.aideck.reader import next_backoff
from firmware_bridge.aideck.stream import ImageStream
from firmware_bridge.aideck.trouble import explain
from firmware_bridge.virtual.deck_images import ImageSender, Kind, encode_jpeg
from reprohrl.contracts.clock import ManualClock
from reprohrl.contracts.drone import Frame

IMAGE = np.random.default_rng(3).integers(0, 255, (24, 32), np.uint8)


def test_the_decks_clock_runs_on_past_32_bits() -> None:
    clock, deck = DeckClock(), 2**32 - 50_000
    times = [clock.host_time((deck + 20_000 * k) % 2**32, 10.0 + 0.02 * k) for k in range(6)]
    assert np.diff(times) == pytest.approx(0.02)


def test_a_restarted_deck_starts_its_clock_anew() -> None:
    clock = DeckClock()
    clock.host_time(3_000_000_000, 10.0)
    assert clock.host_time(500_000, 12.0) == pytest.approx(12.0)
    assert clock.host_time(520_000, 12.5) == pytest.approx(12.02)


def test_a_drifting_crystal_is_followed() -> None:
    clock, last = DeckClock(), 0.0
    for k in range(3000):  # 100 s, the deck 100 ppm slow
        last = clock.host_time(int(k * 33_333 * (1 - 1e-4)), k * 0.033333)
    assert last == pytest.approx(2999 * 0.033333, abs=0.0015)


def test_rates_fall_to_nothing_when_frames_stop() -> None:
    clock = ManualClock()
    newest = NewestFrame(clock)
    for _ in range(21):
        clock.sleep(0.1)
        newest.publish(Frame(IMAGE, clock.now()), clock.now())
    health = newest.health(FrameFaults())
    assert health.fps == pytest.approx(10.0)
    assert health.gap_s == pytest.approx(0.1)
    clock.sleep(1.0)
    assert newest.health(FrameFaults()).fps == pytest.approx(10 / 2.0, rel=0.15)
    assert newest.health(FrameFaults()).age_s == pytest.approx(1.0)
    clock.sleep(1.5)
    assert newest.health(FrameFaults()).fps == 0.0


def test_each_connection_without_a_frame_waits_twice_as_long_as_the_last() -> None:
    waits = list(
        itertools.accumulate(range(6), lambda last, _: next_backoff(last, had_frames=False), initial=0.0)
    )
    assert waits[1:] == [0.2, 0.4, 0.8, 1.6, 2.0, 2.0]
    assert next_backoff(2.0, had_frames=True) == 0.2


@pytest.mark.parametrize(
    ("error", "why", "fix"),
    [
        (TimeoutError("timed out"), "nothing answers", "join the AI-deck's WiFi"),
        (OSError(errno.EHOSTUNREACH, "No route to host"), "nothing answers", "join the AI-deck's WiFi"),
        (socket.gaierror(-2, "Name or service not known"), "does not know the name", "console"),
        (ConnectionRefusedError(), "connection refused", "flash"),
        (ConnectionResetError(errno.ECONNRESET, "reset by peer"), "reset by peer", "power-cycle"),
        (CpxError("a packet of 9999 bytes"), "no CPX", "5000"),
    ],
)
def test_each_failure_has_its_reason_and_its_next_step(error: Exception, why: str, fix: str) -> None:
    told = explain(error)
    assert why in told[0]
    assert fix in told[1]


def test_a_frame_is_handed_out_once_and_the_newest_wins() -> None:
    newest = NewestFrame(ManualClock())
    for k in range(3):
        newest.publish(Frame(IMAGE, float(k)), float(k))
    frame = newest.read(0.0)
    assert frame is not None
    assert frame.stamp == 2.0
    assert newest.read(0.0) is None


@pytest.mark.parametrize("color", [False, True])
def test_a_jpegs_size_is_read_without_decoding_it(color: bool) -> None:
    payload = encode_jpeg(np.dstack([IMAGE] * 3) if color else IMAGE)
    assert jpeg_shape(payload) == (24, 32)
    assert payload[: header_length(payload)].endswith(b"\x00\x3f\x00")  # a baseline scan's header


def test_a_progressive_jpeg_is_refused_as_it_may_ask_for_any_number_of_passes() -> None:
    payload = cv2.imencode(".jpg", IMAGE, [cv2.IMWRITE_JPEG_PROGRESSIVE, 1])[1].tobytes()
    assert jpeg_shape(payload) is None


def test_a_jpeg_that_names_a_huge_size_is_corrupt_before_any_memory_is_taken() -> None:
    payload = bytearray(encode_jpeg(IMAGE))
    at = payload.index(b"\xff\xc0") + 5
    payload[at : at + 4] = b"\xff\xff\xff\xff"
    assembler = FrameAssembler()
    assembler.feed(ImageHeader(32, 24, 1, Format.JPEG, len(payload)).encode())
    assert assembler.feed(bytes(payload)) is None
    assert assembler.faults.corrupt == 1


def test_a_stock_jpeg_comes_as_header_data_and_footer() -> None:
    packets = ImageSender(Kind.JPEG).packets(IMAGE)
    assert len(packets[0].data) == 11
    assert packets[1].data.startswith(b"\xff\xd8")
    assert packets[-1].data == b"\xff\xd9"
    assert b"".join(p.data for p in packets[1:]) == encode_jpeg(IMAGE)


def test_a_raw_image_that_fills_its_last_packet_is_followed_by_an_empty_one() -> None:
    full = np.zeros((20, 102), np.uint8)  # 2040 bytes
    assert [len(p.data) for p in ImageSender(Kind.RAW).packets(full)] == [11, 1020, 1020, 0]
    stock = np.zeros((244, 324), np.uint8)
    assert [len(p.data) for p in ImageSender(Kind.RAW).packets(stock)] == [11, *[1020] * 77, 516]


@pytest.mark.parametrize("kind", list(Kind))
@given(fates=st.lists(st.sampled_from(["fine", "torn", "spoilt", "lost"]), max_size=20))
def test_every_frame_arrives_or_is_counted_as_what_happened_to_it(kind: Kind, fates: list[str]) -> None:
    sender, stream, arrived = ImageSender(kind, chunk=100), ImageStream(), 0
    if kind is Kind.RAW:  # raw pixels carry nothing to tell wrong ones by
        fates = [fate for fate in fates if fate != "spoilt"]
    for fate in ["fine", *fates, "fine"]:
        sender.tear_next, sender.corrupt_next = fate == "torn", fate == "spoilt"
        packets = sender.packets(IMAGE)
        if fate != "lost":
            arrived += sum(stream.feed(p.function, p.data, 1.0) is not None for p in packets)
    assert arrived == 2 + fates.count("fine")
    assert (stream.faults.torn, stream.faults.corrupt) == (fates.count("torn"), fates.count("spoilt"))
    assert stream.faults.orphaned == 0
    if kind is Kind.NANOCOCKPIT:
        assert stream.faults.missed == fates.count("lost") + fates.count("torn") + fates.count("spoilt")


@pytest.mark.parametrize("bayer", ["BG", "RG"])
def test_a_colour_sensors_mosaic_becomes_rgb(bayer: str) -> None:
    first_is_red = bayer == "BG"
    mosaic = np.full((16, 16), 100, np.uint8)
    mosaic[(0 if first_is_red else 1) :: 2, (0 if first_is_red else 1) :: 2] = 220  # red
    mosaic[(1 if first_is_red else 0) :: 2, (1 if first_is_red else 0) :: 2] = 20  # blue
    stream = ImageStream(bayer=bayer)
    frames = [stream.feed(Function.APP, p.data, 1.0) for p in ImageSender(Kind.RAW).packets(mosaic)]
    (frame,) = (f for f in frames if f is not None)
    assert frame.pixels[4:-4, 4:-4].reshape(-1, 3).mean(axis=0) == pytest.approx([220, 100, 20], abs=2)


def test_an_unknown_mosaic_is_named() -> None:
    with pytest.raises(ValueError, match="no Bayer mosaic 'XX'"):
        ImageStream(bayer="XX")


def test_both_streamers_packets_may_be_mixed_and_others_count_for_nothing() -> None:
    stream = ImageStream()
    stock = ImageSender(Kind.RAW).packets(IMAGE)
    posed = ImageSender(Kind.NANOCOCKPIT).packets(IMAGE)
    mixed = [p for pair in itertools.zip_longest(stock, posed) for p in pair if p is not None]
    frames = [stream.feed(p.function, p.data, 1.0) for p in mixed]
    assert sum(f is not None for f in frames) == 2
    assert stream.feed(Function.CONSOLE, b"capture=58ms", 1.0) is None
    assert stream.faults == FrameFaults()

"""The nanocockpit's buffers: state in front of the image, padding behind it, damage counted."""

from __future__ import annotations

import math
import struct

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from firmware_bridge.aideck.cpx import Framing, Function
from firmware_bridge.aideck.nanocockpit import (
    BEGIN,
    BEGIN_HEAD,
    IMAGE,
    METADATA_BYTES,
    FrameMetadata,
    StreamedState,
    StreamerAssembler,
    compress_quaternion,
    decompress_quaternion,
)
from firmware_bridge.aideck.stream import ImageStream, PosedFrame
from firmware_bridge.virtual.deck_images import ImageSender, Kind

PIXELS = np.random.default_rng(4).integers(0, 255, (160, 160), np.uint8)
STATE = StreamedState(
    position=(1.234, -0.5, 0.8),
    velocity=(0.1, -0.2, 0.3),
    acceleration=(0.0, 0.5, 9.81),
    attitude=(0.0, 0.0, math.sin(0.4), math.cos(0.4)),
    rates=(0.01, -0.02, 1.5),
    stamp=123_456_789,
)


def sender(**options: object) -> ImageSender:
    return ImageSender(Kind.NANOCOCKPIT, Framing.NANOCOCKPIT, state=lambda: STATE, **options)  # type: ignore[arg-type]


def test_the_metadata_is_as_long_as_the_packed_structure_of_the_deck() -> None:
    assert METADATA_BYTES == 148  # 16 + state 32 + 4 + ToF 68 + 8 + inference 20
    assert BEGIN_HEAD.size == 12


def test_fields_lie_where_the_deck_packs_them() -> None:
    data = FrameMetadata(160, 120, 7, 1000, 900, STATE).encode()
    assert struct.unpack_from("<BHHBBB", data) == (10, 160, 120, 1, 0, 7)
    assert struct.unpack_from("<II", data, 8) == (1000, 900)
    assert struct.unpack_from("<I3h", data, 16) == (123_456_789, 1234, -500, 800)
    assert struct.unpack_from("<3h", data, 42) == (10, -20, 1500)


@pytest.mark.parametrize("framing", list(Framing))
@pytest.mark.parametrize("checked", [False, True])
def test_a_frame_arrives_with_its_state(framing: Framing, checked: bool) -> None:
    assembler = StreamerAssembler()
    packets = ImageSender(Kind.NANOCOCKPIT, framing, state=lambda: STATE, checked=checked).packets(PIXELS)
    results = [assembler.feed(p.data) for p in packets]
    assert results[:-1] == [None] * (len(packets) - 1)
    assert results[-1] is not None
    pixels, about = results[-1]
    assert np.array_equal(pixels, PIXELS)
    assert about.state.position == STATE.position
    assert about.state.velocity == STATE.velocity
    assert about.state.rates == STATE.rates
    assert about.state.stamp == STATE.stamp
    assert about.state.attitude == pytest.approx(STATE.attitude, abs=2e-3)


def test_the_padding_of_the_last_packet_is_left_out() -> None:
    odd = PIXELS[:159, :157]
    packets = sender().packets(odd)
    assert len(packets[-1].data) % 4 == 0
    assembler = StreamerAssembler()
    results = [assembler.feed(p.data) for p in packets]
    assert results[-1] is not None
    assert np.array_equal(results[-1][0], odd)
    assert assembler.faults.torn == 0


def test_an_app_that_sends_no_attitude_is_told_from_a_level_drone() -> None:
    level = FrameMetadata(8, 8, 0, 0, 0, StreamedState(attitude=(0.0, 0.0, 0.0, 1.0)))
    silent = FrameMetadata(8, 8, 0, 0, 0, StreamedState())
    read = [FrameMetadata.decode(m.encode()) for m in (level, silent)]
    assert read[0] is not None
    assert read[0].state.attitude == (0.0, 0.0, 0.0, 1.0)
    assert read[1] is not None
    assert read[1].state.attitude is None


def test_a_range_matrix_comes_through() -> None:
    cells = np.arange(16, dtype=np.uint8).reshape(4, 4)
    read = FrameMetadata.decode(FrameMetadata(8, 8, 0, 0, 0, ranges=cells).encode())
    assert read is not None
    assert read.ranges is not None
    assert np.array_equal(read.ranges, cells)


@pytest.mark.parametrize(("at", "value"), [(0, 11), (5, 2), (6, 1)], ids=["version", "two bytes", "format"])
def test_another_version_or_pixel_format_is_corrupt_not_misread(at: int, value: int) -> None:
    assembler = StreamerAssembler()
    for packet in sender().packets(PIXELS)[:-1]:
        data = bytearray(packet.data)
        if data[0] == BEGIN:
            data[BEGIN_HEAD.size + at] = value
        assembler.feed(bytes(data))
    assert assembler.feed(sender().packets(PIXELS)[-1].data) is None
    assert assembler.faults.corrupt == 1


def test_a_wrong_checksum_is_corrupt() -> None:
    deck, assembler = sender(), StreamerAssembler()
    deck.corrupt_next = True
    assert all(assembler.feed(p.data) is None for p in deck.packets(PIXELS))
    assert assembler.faults.corrupt == 1


def test_a_frame_cut_short_is_torn_and_the_next_one_whole() -> None:
    deck, assembler = sender(), StreamerAssembler()
    deck.tear_next = True
    for packet in deck.packets(PIXELS):
        assert assembler.feed(packet.data) is None
    results = [assembler.feed(p.data) for p in deck.packets(PIXELS)]
    assert results[-1] is not None
    assert assembler.faults.torn == 1


def test_frames_that_never_came_are_counted_by_their_numbers() -> None:
    deck, assembler = sender(), StreamerAssembler()
    frames = [deck.packets(PIXELS) for _ in range(300)]  # past the counter's 256
    for number in (0, 1, 5, 299):
        for packet in frames[number]:
            assembler.feed(packet.data)
    assert assembler.faults.missed == 3 + (299 - 5 - 1) % 256


def test_data_without_a_beginning_is_orphaned() -> None:
    assembler = StreamerAssembler()
    assert assembler.feed(b"\x11\x00\x00\x00abcd") is None
    assert assembler.feed(b"") is None
    assert assembler.feed(BEGIN_HEAD.pack(BEGIN, IMAGE, 0xFFFFFFFF, 0)) is None
    assert assembler.faults.orphaned == 3


def test_stamps_follow_the_decks_clock_not_the_jitter_of_the_network() -> None:
    stream, stamps = ImageStream(latency_s=0.02), []
    delays = [0.05, 0.01, 0.08, 0.03, 0.06]
    for k, delay in enumerate(delays):
        about = FrameMetadata(8, 8, k, 1_000_000 + 16_667 * k, 0)
        payload = about.encode() + bytes(64)
        data = BEGIN_HEAD.pack(BEGIN, IMAGE, len(payload), 0) + payload
        frame = stream.feed(Function.STREAMER, data, 50.0 + 0.016667 * k + delay)
        assert isinstance(frame, PosedFrame)
        stamps.append(frame.stamp)
    assert stamps[0] == pytest.approx(50.03)
    for k in range(1, 5):  # the fastest frame has come: least delay 0.01, known latency 0.02
        assert stamps[k] == pytest.approx(50.0 + 0.016667 * k + 0.01 - 0.02, abs=1e-4)


@given(st.tuples(*[st.floats(-1, 1)] * 4).filter(lambda q: sum(c * c for c in q) > 1e-4))
def test_quaternions_are_packed_as_cflib_packs_them(
    q: tuple[float, float, float, float],
) -> None:
    from cflib.utils.encoding import compress_quaternion as theirs

    norm = math.sqrt(sum(c * c for c in q))
    unit = tuple(c / norm for c in q)
    back = decompress_quaternion(compress_quaternion(q))
    assert abs(sum(a * b for a, b in zip(unit, back, strict=True))) == pytest.approx(1.0, abs=1e-4)
    their = decompress_quaternion(int(theirs(unit)))
    assert abs(sum(a * b for a, b in zip(their, back, strict=True))) == pytest.approx(1.0, abs=1e-4)


@given(st.integers(0, 2**32 - 1))
def test_any_32_bits_are_a_unit_quaternion(code: int) -> None:
    assert sum(c * c for c in decompress_quaternion(code)) == pytest.approx(1.0)

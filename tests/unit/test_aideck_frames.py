"""CPX packets and AI-deck images: any cut of the byte stream gives the same, damage is counted."""

from __future__ import annotations

import contextlib

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from firmware_bridge.aideck.cpx import MTU, CpxError, CpxPacket, CpxParser, Function, Target
from firmware_bridge.aideck.frames import Format, FrameAssembler, ImageHeader
from firmware_bridge.virtual.aideck import encode_jpeg

RNG = np.random.default_rng(3)
IMAGE = RNG.integers(0, 255, (24, 32), np.uint8)
HEADER = ImageHeader(32, 24, 1, Format.RAW, IMAGE.size).encode()


@given(st.lists(st.binary(max_size=60), max_size=8), st.lists(st.integers(1, 40), min_size=1))
def test_packets_are_the_same_however_the_stream_is_cut(payloads: list[bytes], cuts: list[int]) -> None:
    packets = [CpxPacket(Target.GAP8, Target.HOST, Function.APP, p) for p in payloads]
    stream = b"".join(p.encode() for p in packets)
    parser, out, start, turn = CpxParser(), [], 0, 0
    while start < len(stream):
        size = cuts[turn % len(cuts)]
        out += parser.feed(stream[start : start + size])
        start, turn = start + size, turn + 1
    assert out == packets


@settings(max_examples=200)
@given(st.lists(st.binary(max_size=300), max_size=10))
def test_garbage_is_a_cpx_error_or_nothing(chunks: list[bytes]) -> None:
    parser, assembler = CpxParser(), FrameAssembler()
    with contextlib.suppress(CpxError):
        for chunk in chunks:
            for packet in parser.feed(chunk):
                assembler.feed(packet.data)


@settings(max_examples=200)
@given(st.lists(st.one_of(st.binary(max_size=40), st.just(HEADER)), max_size=20))
def test_garbage_payloads_never_stop_the_next_image(payloads: list[bytes]) -> None:
    assembler = FrameAssembler()
    for payload in payloads:
        assembler.feed(payload)
    assembler.feed(HEADER)
    if assembler.feed(IMAGE.tobytes()) is None:  # the header was the missing end of an image before
        assembler.feed(HEADER)
        image = assembler.feed(IMAGE.tobytes())
        assert image is not None
        assert np.array_equal(image, IMAGE)


def test_a_length_beyond_the_mtu_is_refused() -> None:
    with pytest.raises(CpxError, match="1023"):
        CpxParser().feed((MTU + 1).to_bytes(2, "little") + b"\x63\x05")


def test_the_header_packet_has_the_length_the_deck_sends() -> None:
    assert CpxPacket(Target.GAP8, Target.HOST, Function.APP, HEADER).encode()[:2] == b"\x0d\x00"


@pytest.mark.parametrize("chunk", [1, 96, 100, 767, 768])
def test_bytes_are_counted_not_packets(chunk: int) -> None:
    assembler, data = FrameAssembler(), IMAGE.tobytes()
    assert assembler.feed(HEADER) is None
    images = [assembler.feed(data[i : i + chunk]) for i in range(0, len(data), chunk)]
    assert all(image is None for image in images[:-1])
    assert np.array_equal(images[-1], IMAGE)
    assert assembler.feed(b"") is None  # the stock sender's empty last packet
    assert (assembler.faults.torn, assembler.faults.orphaned) == (0, 0)


def test_an_image_cut_short_is_counted_and_the_next_one_is_whole() -> None:
    assembler, data = FrameAssembler(), IMAGE.tobytes()
    assembler.feed(HEADER)
    assembler.feed(data[:300])
    assert assembler.feed(HEADER) is None
    assert assembler.faults.torn == 1
    image = assembler.feed(data)
    assert image is not None
    assert np.array_equal(image, IMAGE)


def test_an_image_with_too_many_bytes_is_torn() -> None:
    assembler = FrameAssembler()
    assembler.feed(HEADER)
    assert assembler.feed(IMAGE.tobytes() + b"x") is None
    assert assembler.faults.torn == 1


def test_data_before_the_first_header_is_orphaned() -> None:
    assembler = FrameAssembler()
    assert assembler.feed(bytes(50)) is None
    assert assembler.faults.orphaned == 1


@pytest.mark.parametrize("color", [False, True])
def test_a_jpeg_is_decoded_and_half_a_jpeg_is_corrupt(color: bool) -> None:
    smooth = np.tile(np.linspace(20, 230, 32).astype(np.uint8), (24, 1))
    image = np.dstack([smooth, smooth // 2, smooth // 4]) if color else smooth
    payload = encode_jpeg(image, quality=95)
    assembler = FrameAssembler()
    assembler.feed(ImageHeader(32, 24, 1, Format.JPEG, len(payload)).encode())
    decoded = assembler.feed(payload)
    assert decoded is not None
    assert decoded.shape == image.shape
    assert np.abs(decoded.astype(int) - image).mean() < 6
    half = payload[: len(payload) // 2]
    assembler.feed(ImageHeader(32, 24, 1, Format.JPEG, len(half)).encode())
    assert assembler.feed(half) is None
    assert assembler.faults.corrupt == 1

"""CPX and image decoders take a hundred thousand damaged packets: no exception but their own, bounded memory.

`CpxError` is the parser's answer to a stream that lost its place; the reader then connects anew.
"""

from __future__ import annotations

import contextlib
import tracemalloc

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from firmware_bridge.aideck.cpx import CpxError, CpxParser, Framing, Function
from firmware_bridge.aideck.frames import MAX_PIXELS, Format, ImageHeader, decode_image
from firmware_bridge.aideck.nanocockpit import BEGIN, BEGIN_HEAD, IMAGE
from firmware_bridge.aideck.stream import ImageStream
from firmware_bridge.virtual.deck_images import ImageSender, Kind, encode_jpeg
from tests.mutation import Mutator, scaled

SMALL = np.random.default_rng(1).integers(0, 255, (24, 32), np.uint8)
ROUNDS, PER_ROUND = 50, 2000  # 100 000 packets for each kind
SEEDS = st.integers(0, 2**32 - 1)
EFFORT = settings(max_examples=scaled(ROUNDS), deadline=None, database=None)
MAX_FED = 4 * MAX_PIXELS


def corpus(kind: Kind, framing: Framing = Framing.STOCK) -> list[bytes]:
    """The packets' data of a small image; each as often as it takes for images to be finished at times."""
    packets = ImageSender(kind, framing, chunk=200, checked=True).packets(SMALL)
    return [p.data for p in packets]


def function_of(kind: Kind) -> Function:
    return Function.STREAMER if kind is Kind.NANOCOCKPIT else Function.APP


@pytest.mark.parametrize("kind", list(Kind))
@EFFORT
@given(seed=SEEDS)
def test_image_packets_of_any_kind_and_order(kind: Kind, seed: int) -> None:
    stream, function, fine = ImageStream(), function_of(kind), corpus(kind)
    for number, data in enumerate(Mutator(fine, seed, max_bytes=1020).packets(PER_ROUND - len(fine))):
        frame = stream.feed(function, data, 0.1 * number)
        assert frame is None or 0 < frame.pixels.size <= 3 * MAX_PIXELS
    frames = [stream.feed(function, data, 1e3) for _ in range(2) for data in fine]
    assert any(f is not None and f.pixels.shape == SMALL.shape for f in frames)  # and goes on as before


@pytest.mark.parametrize("kind", list(Kind))
@EFFORT
@given(seed=SEEDS)
def test_a_stream_with_damage_inside_its_packets(kind: Kind, seed: int) -> None:
    """Whole images, one packet in ten of them damaged: wrong ones are counted, right ones come through."""
    stream, function, fine = ImageStream(), function_of(kind), corpus(kind)
    damaged = Mutator(fine, seed, max_bytes=1020)
    good = 0
    for number in range(PER_ROUND // 4 // len(fine)):
        for at, data in enumerate(fine):
            wrong = (number + at) % 10 == seed % 10
            frame = stream.feed(function, damaged.packet() if wrong else data, 0.1 * number)
            good += frame is not None
    faults = stream.faults
    assert good + faults.torn + faults.orphaned + faults.corrupt > 0


@pytest.mark.parametrize("framing", [Framing.STOCK, Framing.NANOCOCKPIT, None], ids=str)
@EFFORT
@given(seed=SEEDS)
def test_byte_streams_of_any_content(framing: Framing | None, seed: int) -> None:
    parser, held = CpxParser(framing), 0
    encoded = [
        p.encode(f) for k in (Kind.RAW, Kind.NANOCOCKPIT) for f in Framing
        for p in ImageSender(k, f, chunk=200).packets(SMALL)
    ]  # fmt: skip
    for chunk in Mutator(encoded, seed, max_bytes=5000).packets(PER_ROUND):
        try:
            packets = parser.feed(chunk)
        except CpxError:
            parser = CpxParser(framing)
            continue
        held += sum(len(p.data) for p in packets)
        assert len(parser._buffer) <= 4 + 4088 + 5000
    assert held >= 0


@settings(max_examples=scaled(ROUNDS), deadline=None, database=None)
@given(seed=SEEDS, color=st.booleans())
def test_whole_jpegs_with_wrong_bytes_in_them(seed: int, color: bool) -> None:
    payload = encode_jpeg(np.dstack([SMALL] * 3) if color else SMALL)
    for data in Mutator([payload], seed, max_bytes=4000).packets(PER_ROUND // 10):
        header = ImageHeader(32, 24, 1, Format.JPEG, len(data))
        image = decode_image(header, data)
        assert image is None or image.shape[:2] == (24, 32)


@settings(max_examples=scaled(200), deadline=None)
@given(st.lists(st.binary(max_size=1020), max_size=60), st.sampled_from([Function.APP, Function.STREAMER]))
def test_packets_hypothesis_makes_up(payloads: list[bytes], function: Function) -> None:
    stream = ImageStream()
    for number, data in enumerate(payloads):
        stream.feed(function, data, float(number))


@settings(max_examples=scaled(200), deadline=None)
@given(st.lists(st.binary(max_size=2000), max_size=30))
def test_bytes_hypothesis_makes_up(chunks: list[bytes]) -> None:
    parser, stream = CpxParser(None), ImageStream()
    with contextlib.suppress(CpxError):
        for chunk in chunks:
            for packet in parser.feed(chunk):
                stream.feed(packet.function, packet.data, 0.0)


def test_memory_stays_bounded_over_many_damaged_packets() -> None:
    """Also where a header promises a large image and never keeps its word."""
    promise = ImageHeader(1024, 1024, 1, Format.JPEG, 3 * MAX_PIXELS).encode()
    begin = BEGIN_HEAD.pack(BEGIN, IMAGE, MAX_PIXELS, 0)
    stream, junk = ImageStream(), Mutator([bytes(1020)], 9, max_bytes=1020)

    def feed(count: int) -> None:
        for number, data in enumerate(junk.packets(count)):
            stream.feed(Function.APP, promise if number % 5000 == 0 else data, 0.0)
            stream.feed(
                Function.STREAMER,
                begin if number % 5000 == 0 else b"\x11\0\0\0" + data[:1016],
                0.0,
            )

    feed(6000)
    tracemalloc.start()
    feed(6000)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 2 * MAX_FED

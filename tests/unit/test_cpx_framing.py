"""Two ESP32 firmwares count the length differently; the parser finds out which one speaks."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from firmware_bridge.aideck.cpx import CpxError, CpxPacket, CpxParser, Framing, Function, Target, framing_of
from firmware_bridge.virtual.deck_images import ImageSender, Kind

IMAGE = np.random.default_rng(5).integers(0, 255, (160, 160), np.uint8)
STREAMS = {
    (kind, framing): b"".join(p.encode(framing) for p in ImageSender(kind, framing).packets(IMAGE))
    for kind in Kind
    for framing in Framing
}


@pytest.mark.parametrize(("kind", "framing"), list(STREAMS))
def test_the_framing_of_every_stream_is_found_at_its_start(kind: Kind, framing: Framing) -> None:
    assert framing_of(STREAMS[kind, framing]) is framing


@pytest.mark.parametrize(("kind", "framing"), list(STREAMS))
def test_the_framing_is_found_from_any_packet_of_the_stream_on(kind: Kind, framing: Framing) -> None:
    packets = ImageSender(kind, framing).packets(IMAGE)
    encoded = [p.encode(framing) for p in packets]
    for start in range(len(encoded) - 1):
        assert framing_of(b"".join(encoded[start:])) is framing


@given(st.sampled_from(list(STREAMS)), st.lists(st.integers(1, 3000), min_size=1, max_size=20))
def test_a_parser_without_framing_gives_the_packets_however_the_stream_is_cut(
    which: tuple[Kind, Framing], cuts: list[int]
) -> None:
    stream, parser, out, start, turn = STREAMS[which], CpxParser(None), [], 0, 0
    while start < len(stream):
        size = cuts[turn % len(cuts)]
        out += parser.feed(stream[start : start + size])
        start, turn = start + size, turn + 1
    assert b"".join(p.encode(which[1]) for p in out) == stream
    assert parser.framing is which[1]


def test_a_nanocockpit_packet_is_longer_than_a_stock_one_may_be() -> None:
    big = CpxPacket(Target.GAP8, Target.HOST, Function.STREAMER, bytes(4088))
    assert big.encode(Framing.NANOCOCKPIT)[:4] == b"\xf8\x0f\x63\x06"
    with pytest.raises(ValueError, match="1020 fit"):
        big.encode()
    with pytest.raises(CpxError, match="4088 bytes"):
        CpxParser().feed(big.encode(Framing.NANOCOCKPIT))


@pytest.mark.parametrize("routing", [0x00, 0x03, 0x18, 0x25], ids=hex)
def test_a_packet_from_or_to_no_chip_is_an_error(routing: int) -> None:
    with pytest.raises(CpxError, match=f"routed 0x{routing:02x}"):
        CpxParser().feed(bytes([10, 0, routing, 5]))


def test_a_stream_that_lost_bytes_is_an_error_within_a_few_packets() -> None:
    """What a short write of the ESP32 leaves behind: packets have no marks to find again."""
    stream = b"".join(p.encode() for p in ImageSender(Kind.RAW).packets(np.full((244, 324), 90, np.uint8)))
    parser = CpxParser(None)
    with pytest.raises(CpxError, match=r"a packet|CPX version"):
        parser.feed(stream[:5000] + stream[5700:])


def test_cflib_reads_what_we_send() -> None:
    from cflib.cpx import CPXFunction, CPXTarget
    from cflib.cpx import CPXPacket as TheirPacket

    theirs = TheirPacket()
    theirs.wireData = CpxPacket(Target.GAP8, Target.HOST, Function.APP, b"abc").encode()[2:]
    assert (theirs.source, theirs.destination, theirs.function) == (
        CPXTarget.GAP8,
        CPXTarget.HOST,
        CPXFunction.APP,
    )
    assert bytes(theirs.data) == b"abc"
    assert theirs.lastPacket
    sent = TheirPacket(CPXFunction.CRTP, CPXTarget.STM32, data=b"\xff")
    (ours,) = CpxParser().feed((sent.length + 2).to_bytes(2, "little") + bytes(sent.wireData))
    assert (ours.source, ours.destination, ours.function, ours.data) == (3, 1, 3, b"\xff")

"""The virtual firmware takes a hundred thousand damaged CRTP packets on all ports, flying and on the floor.

It may reboot, as the real one does after a failed assertion; it may not raise, hang, grow or go NaN.
"""

from __future__ import annotations

import itertools
import math
import tracemalloc

from hypothesis import given, settings
from hypothesis import strategies as st

from firmware_bridge.virtual import ports
from firmware_bridge.virtual.clockwork import TICK_S
from firmware_bridge.virtual.crtp import Packet, Port, decode
from firmware_bridge.virtual.firmware import Firmware
from firmware_bridge.virtual.log_blocks import MAX_BLOCKS, MAX_VARIABLES
from tests.crtp_corpus import CORPUS, p
from tests.fakes.kinematic_body import KinematicBody
from tests.mutation import Mutator, scaled

ROUNDS, PER_ROUND = 50, 2000
STEP_EVERY = 20


class Sink:
    """What the firmware sends by itself, counted."""

    def __init__(self) -> None:
        self.count = 0

    def __call__(self, data: bytes | str) -> None:
        assert len(data) <= 4096
        self.count += 1


def make_firmware() -> Firmware:
    return Firmware(KinematicBody(), console=Sink(), send_log=Sink())


def feed(firmware: Firmware, mutator: Mutator, count: int) -> None:
    for number, datagram in enumerate(mutator.packets(count)):
        packet = decode(datagram)
        if packet is None:
            continue
        for reply in ports.handle(firmware, packet):
            assert 1 <= len(reply.encode()) <= 31
        if number % STEP_EVERY == 0:
            firmware.step(TICK_S)


def take_off(firmware: Firmware) -> None:
    for datagram in (
        p(Port.SUPERVISOR, 1, 1, 1), p(Port.HIGH_LEVEL, 0, 7, 0, 0.8, 0.0, 1, 1.0)
    ):  # fmt: skip
        packet = decode(datagram)
        assert packet is not None
        ports.handle(firmware, packet)
    firmware.step(1.5)


def check(firmware: Firmware) -> None:
    """It answers, its numbers are numbers, and what it keeps is within its limits."""
    echo = Packet(Port.LINK, 0, b"\0ping")
    assert ports.handle(firmware, echo) == [echo]
    firmware.step(0.1)
    state = firmware.body.state()
    flat = itertools.chain(*(v if isinstance(v, tuple) else (v,) for v in (state.position, state.velocity)))
    assert all(math.isfinite(v) for v in flat)
    assert len(firmware.log) <= MAX_BLOCKS
    assert sum(len(b.items) for b in firmware.log._blocks.values()) <= MAX_VARIABLES


@settings(max_examples=scaled(ROUNDS), deadline=None, database=None)
@given(seed=st.integers(0, 2**32 - 1))
def test_damaged_packets_on_every_port(seed: int) -> None:
    firmware = make_firmware()
    if seed % 2:
        take_off(firmware)
    feed(firmware, Mutator(CORPUS, seed, max_bytes=31), PER_ROUND)
    check(firmware)


def test_every_packet_of_the_corpus_is_one_the_firmware_knows() -> None:
    """Otherwise the mutations would start from nothing."""
    answered = set()
    for datagram in CORPUS:
        packet = decode(datagram)
        assert packet is not None
        firmware = make_firmware()
        if ports.handle(firmware, packet):
            answered.add(packet.port)
        assert firmware.reboots == 0, datagram.hex()
    assert answered >= {
        Port.LINK,
        Port.PLATFORM,
        Port.LOG,
        Port.PARAM,
        Port.MEMORY,
        Port.HIGH_LEVEL,
        Port.SUPERVISOR,
    }


@settings(max_examples=scaled(150), deadline=None)
@given(st.lists(st.binary(min_size=1, max_size=31), max_size=60))
def test_packets_hypothesis_makes_up(datagrams: list[bytes]) -> None:
    firmware = make_firmware()
    for datagram in datagrams:
        packet = decode(datagram)
        assert packet is not None
        ports.handle(firmware, packet)
    check(firmware)


def test_memory_stays_bounded() -> None:
    firmware, mutator = make_firmware(), Mutator(CORPUS, 7, max_bytes=31)
    feed(firmware, mutator, 3000)
    tracemalloc.start()
    before, _ = tracemalloc.get_traced_memory()
    feed(firmware, mutator, 3000)
    after, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert after - before < 200_000
    assert peak - before < 1_000_000

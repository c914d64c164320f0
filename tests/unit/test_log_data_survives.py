"""A hundred thousand damaged log packets through stock cflib into our telemetry: states still come out.

cflib raises on a packet of the wrong length; its receiving thread logs that and goes on, as the test does.
"""

from __future__ import annotations

import contextlib
import logging
import math
import struct
import tracemalloc

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from firmware_bridge.telemetry import BLOCKS, Telemetry
from reprohrl.contracts.clock import ManualClock
from tests.mutation import Mutator, scaled

crtp = pytest.importorskip("cflib.crtp.crtpstack")
LOG_PORT, LOG_DATA = 5, 2
ROUNDS, PER_ROUND = 50, 2000
SIZES = {"float": "f", "uint16_t": "H", "uint8_t": "B"}


@pytest.fixture(autouse=True)
def quiet_cflib(caplog: pytest.LogCaptureFixture) -> None:
    """cflib writes a line for each packet of no block."""
    caplog.set_level(logging.CRITICAL, logger="cflib")


class Receiver:
    """cflib's log subsystem with our blocks added, as after a connection."""

    def __init__(self) -> None:
        from cflib.crazyflie import Crazyflie
        from cflib.crazyflie.log import LogConfig

        self.clock = ManualClock()
        self.telemetry = Telemetry(self.clock)
        self._log = Crazyflie().log
        for number, (name, period, variables) in enumerate(BLOCKS):
            block = LogConfig(name, period)
            for variable, kind in variables:
                block.add_variable(variable, kind)
            block.id = number
            block.data_received_cb.add_callback(self.telemetry._receiver(name))
            self._log.log_blocks.append(block)

    def take(self, data: bytes) -> bool:
        """Return False where cflib refused the packet."""
        self.clock.sleep(0.001)
        with contextlib.suppress(Exception):  # what cflib's receiving thread does
            packet = crtp.CRTPPacket()
            packet.set_header(LOG_PORT, LOG_DATA)
            packet.data = data
            self._log._new_packet_cb(packet)
            return True
        return False


def corpus() -> list[bytes]:
    """One packet of each block, with plausible values."""
    return [
        bytes([number, 1, 2, 3])
        + struct.pack("<" + "".join(SIZES[kind] for _, kind in variables), *[1] * len(variables))
        for number, (_, _, variables) in enumerate(BLOCKS)
    ]


@settings(max_examples=scaled(ROUNDS), deadline=None, database=None)
@given(seed=st.integers(0, 2**32 - 1))
def test_damaged_log_packets(seed: int) -> None:
    receiver, fine = Receiver(), corpus()
    for number, data in enumerate(Mutator(fine, seed, max_bytes=30).packets(PER_ROUND)):
        receiver.take(data)
        if number % 50 == 0:
            receiver.telemetry.state()
            receiver.telemetry.state_at(receiver.clock.now() - 0.1)
    assert all(receiver.take(data) for data in fine)
    state = receiver.telemetry.state()
    assert receiver.telemetry.complete
    assert state.position == (1.0, 1.0, 1.0)
    assert math.isfinite(state.yaw)
    assert 0 <= state.link <= 1


def test_every_number_a_variable_can_hold_makes_a_state() -> None:
    receiver = Receiver()
    for pattern in (b"\0\0\xc0\x7f", b"\0\0\x80\x7f", b"\0\0\x80\xff", b"\xff\xff\xff\xff", b"\1\0\0\0"):
        for data in corpus():
            assert receiver.take(data[:4] + (pattern * 7)[: len(data) - 4])
        state = receiver.telemetry.state()
        assert 0 <= state.link <= 1
        assert all(0 <= r <= 4.0 for r in state.ranges)


def test_memory_stays_bounded() -> None:
    receiver, mutator = Receiver(), Mutator(corpus(), 2, max_bytes=30)
    for data in mutator.packets(3000):
        receiver.take(data)
    tracemalloc.start()
    before, _ = tracemalloc.get_traced_memory()
    for data in mutator.packets(5000):
        receiver.take(data)
    after, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert after - before < 200_000

"""The small parts of the bridge: jitter, console lines, how far a handshake is, calling at a steady rate."""

from __future__ import annotations

import struct
import threading
import time
from types import SimpleNamespace
from typing import Any

import pytest

from firmware_bridge.console import MAX_LINE, MAX_NOTES, ConsoleText
from firmware_bridge.handshake import Handshake
from firmware_bridge.jitter import Jitter
from firmware_bridge.lockstep.clock import SteppedClock
from firmware_bridge.repeating import Repeating
from reprohrl.contracts.clock import ManualClock, WallClock


def test_jitter_is_the_deviation_from_the_period() -> None:
    jitter, now = Jitter(0.04), 0.0
    for i in range(101):
        jitter.called(now)
        now += 0.04 + (0.010 if i % 10 == 9 else 0.0)
    report = jitter.report()
    assert report.count == 100
    assert report.rate_hz == pytest.approx(24.4, abs=0.1)
    assert report.median_s < 0.001
    assert report.p95_s == pytest.approx(0.010, abs=2e-4)
    assert report.max_s == pytest.approx(0.010, abs=1e-6)
    assert "24.4 Hz" in str(report)


def test_jitter_beyond_its_bins_is_still_the_largest() -> None:
    jitter = Jitter(0.04)
    for now in (0.0, 0.04, 3.0):
        jitter.called(now)
    assert jitter.report().max_s == pytest.approx(2.92)
    jitter.reset()
    assert jitter.report().count == 0 and jitter.report().rate_hz == 0.0


def test_console_lines_are_put_together_and_bad_bytes_are_shown() -> None:
    console = ConsoleText(ManualClock(5.0))
    for piece in (
        b"SYS: up",
        b" and running\nEST",
        b"KALMAN: State out of bounds\n",
        b"odd \xff\xfe byte\n\n",
    ):
        console.feed(piece)
    assert [n.text for n in console.take()] == [
        "SYS: up and running", "ESTKALMAN: State out of bounds", r"odd \xff\xfe byte",
    ]  # fmt: skip
    assert console.take() == []


def test_a_drone_that_babbles_fills_no_memory() -> None:
    console = ConsoleText(ManualClock())
    for _ in range(5000):
        console.feed(b"x" * 30)
    lines = console.take()
    assert len(lines) <= MAX_NOTES
    assert all(len(n.text) <= MAX_LINE + 30 for n in lines)


def packet(port: int, channel: int, data: bytes) -> Any:
    return SimpleNamespace(port=port, channel=channel, data=bytearray(data))


def test_a_handshake_tells_where_it_is_from_its_packets() -> None:
    callbacks: list[Any] = []
    cf = SimpleNamespace(packet_received=SimpleNamespace(add_callback=callbacks.append))
    handshake = Handshake(cf)
    said = [handshake.stage]
    for p in (
        packet(15, 1, b"Bitcraze Crazyflie"), packet(5, 0, struct.pack("<BHI", 3, 386, 7)),
        packet(5, 0, b"\x02\x00\x00"), packet(5, 0, b"\x02\x01\x00"),
        packet(2, 0, struct.pack("<BHI", 3, 250, 7)), packet(2, 0, b"\x02\x00\x00"),
        packet(2, 3, b"\x07\x00\x00\x00\x01"), packet(2, 1, b"\x00\x00\x00\x01"),
    ):  # fmt: skip
        callbacks[0](p)
        said.append(handshake.stage)
    assert said == [
        "waiting for the first packet", "version query", "log table, 0 of 386", "log table, 1 of 386",
        "log table, 2 of 386", "parameter table, 0 of 250", "parameter table, 1 of 250",
        "types of persistent parameters, 1", "parameter values, 1 of 250",
    ]  # fmt: skip


def test_pings_are_no_progress_of_a_handshake() -> None:
    callbacks: list[Any] = []
    handshake = Handshake(SimpleNamespace(packet_received=SimpleNamespace(add_callback=callbacks.append)))
    callbacks[0](packet(15, 0, b"\x00" * 9))
    callbacks[0](packet(15, 3, b""))
    assert handshake.packets == 0


def test_stepped_time_calls_back_at_its_rate_and_only_when_slept_on() -> None:
    steps: list[float] = []
    clock = SteppedClock(steps.append, lambda: None)
    calls: list[float] = []
    repeating = Repeating("test", 0.1, lambda: calls.append(clock.now()), clock)
    clock.sleep(1.0)
    assert len(calls) == 11 and len(steps) == 120, "once at the start, then ten times"
    assert clock.now() == pytest.approx(1.0)
    repeating.close()
    clock.sleep(1.0)
    assert len(calls) == 11
    for _ in range(1000):
        clock.sleep(1e-4)
    assert clock.now() == pytest.approx(2.1)


def test_only_its_owner_lets_simulated_time_pass() -> None:
    clock = SteppedClock(lambda _dt: None, lambda: None)
    refused: list[str] = []

    def sleep() -> None:
        try:
            clock.sleep(0.1)
        except RuntimeError as error:
            refused.append(str(error))

    thread = threading.Thread(target=sleep)
    thread.start()
    thread.join(5.0)
    clock.every(0.1, sleep)
    clock.sleep(0.05)
    assert len(refused) == 2 and "only the owner" in refused[0]


def test_work_that_fails_is_called_again(caplog: pytest.LogCaptureFixture) -> None:
    calls = [0]
    done = threading.Event()

    def work() -> None:
        calls[0] += 1
        if calls[0] >= 3:
            done.set()
        raise OSError("the socket is gone")

    repeating = Repeating("test", 0.01, work, WallClock())
    assert done.wait(10.0)
    repeating.close()
    assert sum("test failed" in r.message for r in caplog.records) == 1
    seen = calls[0]
    time.sleep(0.05)
    assert calls[0] == seen

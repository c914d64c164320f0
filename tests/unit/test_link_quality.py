"""Latency, jitter and loss between host and drone: what is delayed, what may be lost, and that it repeats."""

from __future__ import annotations

import socket
import struct
import time
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from firmware_bridge.virtual.clockwork import TICK_S
from firmware_bridge.virtual.crtp import Packet, Port, decode
from firmware_bridge.virtual.link_quality import DelayLine, LinkQuality, may_be_lost
from firmware_bridge.virtual.server import VirtualCrazyflie
from tests.fakes.kinematic_body import KinematicBody

ECHO = Packet(Port.LINK, 0, b"\0ping")
HOVER = Packet(Port.COMMANDER_GENERIC, 0, struct.pack("<Bffff", 10, 0.0, 0.0, 0.0, 0.5))


@given(st.lists(st.floats(0.0, 10.0), max_size=30), st.integers(0, 100))
def test_packets_stay_in_order_and_within_latency_and_jitter(times: list[float], seed: int) -> None:
    line: DelayLine[int] = DelayLine(LinkQuality(0.05, 0.03, seed=seed), 0)
    sent = sorted(times)
    for i, now in enumerate(sent):
        line.put(ECHO, i, now)
    out: list[int] = []
    for i, now in enumerate(sent):
        early = line.due(now + 0.02 - 1e-6)
        assert i not in early
        out += early
    assert [*out, *line.due(20.0)] == list(range(len(sent)))
    assert line.next_s is None


@pytest.mark.parametrize(
    ("packet", "may"),
    [
        (HOVER, True),
        (Packet(Port.COMMANDER, 0), True),
        (Packet(Port.LOG, 2), True),
        (Packet(Port.COMMANDER_GENERIC, 1), False),  # notify_setpoints_stop
        (Packet(Port.LOG, 1), False),
        (Packet(Port.PARAM, 1), False),
        (Packet(Port.HIGH_LEVEL, 0), False),
        (Packet(Port.SUPERVISOR, 1), False),
        (Packet(Port.MEMORY, 2), False),
        (ECHO, False),
    ],
)
def test_only_setpoints_and_log_data_are_ever_lost(packet: Packet, may: bool) -> None:
    assert may_be_lost(packet) is may
    line: DelayLine[None] = DelayLine(LinkQuality(loss=1.0), 0)
    line.put(packet, None, 0.0)
    assert line.lost == int(may)


def test_the_nth_setpoint_shares_its_fate_in_every_run_whatever_else_is_sent() -> None:
    def fates(others: int) -> list[int]:
        line: DelayLine[int] = DelayLine(LinkQuality(loss=0.3, seed=7), 0)
        for i in range(200):
            for _ in range(others):
                line.put(ECHO, -1, 0.0)
            line.put(HOVER, i, 0.0)
        return [i for i in line.due(1.0) if i >= 0]

    assert fates(0) == fates(3)
    assert 120 < len(fates(0)) < 160


@pytest.mark.parametrize("bad", [{"latency_s": -1.0}, {"jitter_s": 99.0}, {"loss": 1.5}])
def test_values_that_are_none_are_refused(bad: dict[str, float]) -> None:
    with pytest.raises(ValueError, match=r"give "):
        LinkQuality(**bad)


def until(done: Callable[[], bool], timeout_s: float = 10.0) -> bool:
    end = time.monotonic() + timeout_s
    while not done() and time.monotonic() < end:
        time.sleep(0.005)
    return done()


def test_in_lockstep_delays_pass_in_simulated_time() -> None:
    body = KinematicBody()
    with (
        VirtualCrazyflie(body, quality=LinkQuality(latency_s=0.1)) as server,
        socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as host,
    ):
        host.settimeout(0.2)
        host.sendto(ECHO.encode(), ("127.0.0.1", server.port))
        assert until(lambda: len(server._up) == 1)
        for _ in range(round(0.19 / TICK_S)):
            server.step(TICK_S)
        with pytest.raises(TimeoutError):
            host.recv(64)
        for _ in range(round(0.04 / TICK_S)):
            server.step(TICK_S)
        packets = []
        while ECHO not in packets:
            packets.append(decode(host.recv(64)))


def test_a_late_setpoint_moves_the_drone_late() -> None:
    body = KinematicBody()
    with (
        VirtualCrazyflie(body, quality=LinkQuality(latency_s=0.2)) as server,
        socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as host,
    ):
        host.sendto(HOVER.encode(), ("127.0.0.1", server.port))
        assert until(lambda: len(server._up) == 1)
        server.step(0.19)
        assert not body.motors
        server.step(0.03)
        assert body.motors


def test_running_delivers_what_waited_in_lockstep() -> None:
    body = KinematicBody()
    with (
        VirtualCrazyflie(body, quality=LinkQuality(latency_s=0.05)) as server,
        socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as host,
    ):
        host.sendto(HOVER.encode(), ("127.0.0.1", server.port))
        assert until(lambda: len(server._up) == 1)
        server.run()
        assert until(lambda: body.motors)
        host.settimeout(10.0)
        host.sendto(ECHO.encode(), ("127.0.0.1", server.port))
        while decode(host.recv(64)) != ECHO:
            pass

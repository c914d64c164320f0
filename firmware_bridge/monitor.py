"""`LinkMonitor`: pings the drone and measures what the link does."""

from __future__ import annotations

import struct
import threading
from collections import deque
from collections.abc import Callable
from statistics import median
from typing import Any

from reprohrl.contracts.clock import Clock
from reprohrl.contracts.link import LinkStatistics

PING_HZ = 10.0
LINK_PORT, ECHO_CHANNEL = 15, 0
_PING = struct.Struct("<BIf")
"""9 bytes, as cflib's own pings, told apart from them by the first."""

OURS = 0x52
_ANSWER_S = 2.0
"""A ping that has no answer by then is lost."""

_RATE_S = 1.0


class LinkMonitor:
    """Call `ping` ten times a second. Thread-safe; the clock is the caller's.

    `on_answer` is called in cflib's thread for each ping answered, in the order of the packets.
    """

    def __init__(self, cf: Any, clock: Clock, on_answer: Callable[[], None] = lambda: None) -> None:
        self._cf, self._clock, self._on_answer = cf, clock, on_answer
        self._lock = threading.Lock()
        self._number = 0
        self._open: dict[int, float] = {}
        self._answered = self._lost = 0
        self._latencies: deque[float] = deque(maxlen=100)
        self._up: deque[float] = deque(maxlen=4096)
        self._down: deque[float] = deque(maxlen=4096)
        self._quality, self._rssi_dbm = 1.0, 0.0
        cf.add_header_callback(self._echoed, LINK_PORT, ECHO_CHANNEL)
        cf.packet_received.add_callback(lambda _packet: self._down.append(clock.now()))
        cf.packet_sent.add_callback(lambda _packet: self._up.append(clock.now()))
        cf.link_statistics.link_quality_updated.add_callback(self._set_quality)
        cf.link_statistics.uplink_rssi_updated.add_callback(self._set_rssi)

    def ping(self) -> None:
        from cflib.crtp.crtpstack import CRTPPacket

        now = self._clock.now()
        with self._lock:
            self._number = (self._number + 1) & 0xFFFFFFFF
            number = self._number
            self._open[number] = now
            for old in [n for n, t in self._open.items() if now - t > _ANSWER_S]:
                del self._open[old]
                self._lost += 1
        packet = CRTPPacket()
        packet.set_header(LINK_PORT, ECHO_CHANNEL)
        packet.data = _PING.pack(OURS, number, 0.0)
        self._cf.send_packet(packet)

    def statistics(self) -> LinkStatistics:
        """Return the numbers of this moment; the stream's are the caller's to add."""
        now = self._clock.now()
        with self._lock:
            pings = self._answered + self._lost
            return LinkStatistics(
                latency_median_s=median(self._latencies) if self._latencies else 0.0,
                latency_p95_s=self._p95(), ping_loss=self._lost / pings if pings else 0.0,
                rssi_dbm=self._rssi_dbm, quality=self._quality,
                up_hz=_rate(self._up, now), down_hz=_rate(self._down, now),
            )  # fmt: skip

    @property
    def latency_p95_s(self) -> float:
        with self._lock:
            return self._p95()

    @property
    def quality(self) -> float:
        return self._quality

    @property
    def rssi_dbm(self) -> float:
        return self._rssi_dbm

    def _p95(self) -> float:
        ordered = sorted(self._latencies)
        return ordered[min(len(ordered) - 1, int(0.95 * len(ordered)))] if ordered else 0.0

    def _echoed(self, packet: Any) -> None:
        if len(packet.data) != _PING.size or packet.data[0] != OURS:
            return
        _, number, _ = _PING.unpack(bytes(packet.data))
        with self._lock:
            sent = self._open.pop(number, None)
            if sent is None:
                return
            self._answered += 1
            self._latencies.append(self._clock.now() - sent)
        self._on_answer()

    def _set_quality(self, percent: float) -> None:
        self._quality = min(max(percent / 100.0, 0.0), 1.0)

    def _set_rssi(self, value: float) -> None:
        self._rssi_dbm = -abs(float(value))  # the dongle counts it without its sign


def _rate(times: deque[float], now: float) -> float:
    """Return packets per second over the last second."""
    count = 0
    for t in reversed(times.copy()):
        if now - t > _RATE_S:
            break
        count += 1
    return count / _RATE_S

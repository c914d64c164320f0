"""`VirtualCrazyflie`: the firmware behind sockets that stock cflib connects to, `udp://` and `tcp://`."""

from __future__ import annotations

import logging
import math
import threading
import time
from collections import deque
from collections.abc import Callable
from types import TracebackType
from typing import Self

from firmware_bridge.virtual import clockwork, ports
from firmware_bridge.virtual.body import VehicleBody
from firmware_bridge.virtual.cpx_server import CpxServer
from firmware_bridge.virtual.crtp import Packet, Port
from firmware_bridge.virtual.firmware import Firmware
from firmware_bridge.virtual.link_quality import DelayLine, LinkQuality
from firmware_bridge.virtual.links import CpxLink, Peer, UdpLink
from firmware_bridge.virtual.ports import console, link, log

_LOG = logging.getLogger(__name__)
_MAX_LAG_S = 0.25
"""Wall-clock mode gives up catching up beyond this: simulated time then runs slower than real time."""

_STILL_MPS = 0.15

Delivery = tuple[Packet, Peer]


class VirtualCrazyflie:
    """Answers CRTP as soon as it is constructed; flies when somebody steps it.

    Either the owner calls `step(dt)` (lockstep, deterministic), or `run()` steps in real time in a thread.
    `lock` guards the firmware and the body. Delays of `quality` pass in simulated time in lockstep, and in
    real time after `run()`; without delays, packets are answered when they come.
    """

    def __init__(
        self,
        body: VehicleBody,
        *,
        host: str = "127.0.0.1",
        port: int = 0,
        require_arming: bool = False,
        cpx: CpxServer | None = None,
        quality: LinkQuality | None = None,
        power_cycle: bool = False,
        clock: Callable[[], float] = time.monotonic,
        lock: threading.RLock | None = None,
    ) -> None:
        """`port` 0 takes a free one, readable from `uri`; `OSError` when it is taken.

        cpx    the deck through which `tcp://` comes in; the caller closes it
        power_cycle  switch off and on for a new host that comes after a second of silence, the drone standing
               still: what stock scripts leave behind (a lock, a priority) is then gone before the next one
        clock  [s], by which a silent host is forgotten after a second; lockstep tests may pass their own
        lock   shared by drones whose bodies share a world
        """
        self.lock = lock or threading.RLock()
        self._clock = clock
        self._power_cycle = power_cycle
        quality = quality or LinkQuality()
        self._up: DelayLine[Delivery] = DelayLine(quality, 0)
        self._down: DelayLine[Delivery] = DelayLine(quality, 1)
        self._simulated_s = 0.0
        self._real_time = False
        self._client: Peer | None = None
        self._last_heard = -clockwork.LINK_TIMEOUT_S
        self._console_text: list[str] = []
        self._inbox: deque[Delivery] = deque()
        self._stop = threading.Event()
        self._wake = threading.Event()
        self.firmware = Firmware(
            body, require_arming=require_arming, console=self._print, send_log=self._send_log
        )
        self._stepper: threading.Thread | None = None
        self._udp = UdpLink(self._receive, host=host, port=port)
        self._cpx = cpx
        if cpx is not None:
            CpxLink(self._receive, cpx)

    @property
    def port(self) -> int:
        return self._udp.port

    @property
    def uri(self) -> str:
        """What cflib connects to over UDP."""
        return self._udp.uri

    @property
    def tcp_uri(self) -> str:
        """What cflib connects to over the deck. Raises `ValueError` when there is none."""
        if self._cpx is None:
            raise ValueError("this virtual Crazyflie has no AI-deck; pass cpx=CpxServer(...)")
        return f"tcp://{self._cpx.host}:{self._cpx.port}"

    @property
    def lost(self) -> int:
        """Packets that the link's quality has lost so far, both ways."""
        return self._up.lost + self._down.lost

    def step(self, dt: float) -> None:
        """Advance firmware and physics by `dt` [s], sending the log packets that fall due.

        Packets that wait are answered before each tick, so a slow machine delays them by one tick at most.
        """
        while dt > 1e-9:
            part = min(dt, clockwork.TICK_S)
            dt -= part
            with self.lock:
                self._exchange()
                self._simulated_s += part
                self.firmware.step(part)
                if len(self.firmware.log) and self._clock() - self._last_heard > clockwork.LINK_TIMEOUT_S:
                    self.firmware.log.reset()
                self._flush_console()

    def run(self) -> None:
        """Step in real time in a thread until `close`."""
        if self._stepper is None:
            with self.lock:
                for line in (self._up, self._down):  # due times change their clock: deliver what waits
                    self._deliver(line.due(float("inf")), up=line is self._up)
                self._real_time = True
            self._stepper = threading.Thread(target=self._run, name="virtual-crazyflie-step", daemon=True)
            self._stepper.start()

    def close(self) -> None:
        """Stop the threads and free the port."""
        self._stop.set()
        self._wake.set()
        if self._stepper is not None and self._stepper is not threading.current_thread():
            self._stepper.join(timeout=2.0)
        self._udp.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _run(self) -> None:
        started = time.monotonic()
        while not self._stop.is_set():
            late = time.monotonic() - started
            if late >= clockwork.TICK_S:
                done = min(late, _MAX_LAG_S)
                self.step(done)
                started += late if late > _MAX_LAG_S else done
                continue
            with self.lock:
                self._exchange()
                due = [line.next_s for line in (self._up, self._down) if line.next_s is not None]
            wait = min([clockwork.TICK_S - late, *(max(0.0, t - time.monotonic()) for t in due)])
            self._wake.wait(wait)
            self._wake.clear()

    def _now(self) -> float:
        """Time of the delay lines [s]."""
        return time.monotonic() if self._real_time else self._simulated_s

    def _receive(self, packet: Packet, peer: Peer) -> None:
        """Take a packet from a link's thread."""
        self._inbox.append((packet, peer))
        with self.lock:
            self._exchange()
        if self._up.quality.delays:
            self._wake.set()

    def _exchange(self) -> None:
        """Move packets along both lines, answering those that arrive; called with the lock held."""
        now = self._now()
        while self._inbox:
            packet, peer = self._inbox.popleft()
            self._up.put(packet, (packet, peer), now)
        self._deliver(self._up.due(now), up=True)
        self._deliver(self._down.due(now), up=False)

    def _deliver(self, arrived: list[Delivery], *, up: bool) -> None:
        for packet, peer in arrived:
            if up:
                self._answer(packet, peer)
            else:
                peer.send(packet)

    def _answer(self, packet: Packet, peer: Peer) -> None:
        """Handle one packet. Whatever is in it, the server goes on."""
        if not packet.is_null:  # a scan's probe is no host
            self._adopt(packet, peer)
        try:
            replies = ports.handle(self.firmware, packet)
        except Exception:
            _LOG.exception("port %d failed on %s", packet.port, packet.data.hex())
            replies = []
        for reply in replies:
            self._send(reply, peer)
        self._flush_console()

    def _adopt(self, packet: Packet, peer: Peer) -> None:
        """Take the downlink to a host that connects, or that speaks after the last one fell silent.

        Another host's packets are answered, too, but logs and console stay with the one that flies.
        """
        now = self._clock()
        if peer != self._client:
            silent = now - self._last_heard > clockwork.LINK_TIMEOUT_S
            connects = (packet.port, packet.channel) == (Port.LINK, link.SOURCE)
            first = self._client is None
            if not (first or silent or connects):
                return
            self._client = peer
            self.firmware.log.reset()
            if self._power_cycle and silent and not first and self._stands_still():
                self._console_text.clear()
                self.firmware.power_cycle()
        self._last_heard = now

    def _stands_still(self) -> bool:
        return self.firmware.thrust <= 0 and math.hypot(*self.firmware.state.velocity) < _STILL_MPS

    def _print(self, text: str) -> None:
        self._console_text.append(text)

    def _flush_console(self) -> None:
        if self._client is None or not self._console_text:
            return
        text, self._console_text = "".join(self._console_text), []
        for packet in console.packets(text):
            self._send(packet, self._client)

    def _send_log(self, data: bytes) -> None:
        if self._client is not None:
            self._send(log.data_packet(data), self._client)

    def _send(self, packet: Packet, peer: Peer) -> None:
        now = self._now()
        self._down.put(packet, (packet, peer), now)
        self._deliver(self._down.due(now), up=False)

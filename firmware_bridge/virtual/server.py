"""`VirtualCrazyflie`: the firmware behind a UDP socket that stock cflib connects to."""

from __future__ import annotations

import logging
import socket
import threading
import time
from collections import deque
from types import TracebackType
from typing import Self

from firmware_bridge.virtual import clockwork, ports
from firmware_bridge.virtual.body import VehicleBody
from firmware_bridge.virtual.crtp import Packet, decode
from firmware_bridge.virtual.firmware import Firmware
from firmware_bridge.virtual.ports import console, log

_LOG = logging.getLogger(__name__)
_MAX_LAG_S = 0.25
"""Wall-clock mode gives up catching up beyond this: simulated time then runs slower than real time."""

Address = tuple[str, int]


class VirtualCrazyflie:
    """Answers CRTP as soon as it is constructed; flies when somebody steps it.

    Either the owner calls `step(dt)` (lockstep), or `run()` steps in real time in a thread. `lock` guards
    the firmware and the body. `port` 0 takes a free one, readable from `uri`.
    """

    def __init__(
        self, body: VehicleBody, *, host: str = "127.0.0.1", port: int = 0, require_arming: bool = False
    ) -> None:
        """Raises `OSError` when the port is taken."""
        self.lock = threading.RLock()
        self._client: Address | None = None
        self._last_heard = -clockwork.LINK_TIMEOUT_S
        self._console_text: list[str] = []
        self._waiting: deque[tuple[Packet, Address]] = deque()
        self._stop = threading.Event()
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._socket.bind((host, port))
        self._socket.settimeout(0.2)
        self.firmware = Firmware(
            body, require_arming=require_arming, console=self._print, send_log=self._send_log
        )
        self._receiver = threading.Thread(target=self._receive, name="virtual-crazyflie-rx", daemon=True)
        self._receiver.start()
        self._stepper: threading.Thread | None = None

    @property
    def port(self) -> int:
        return int(self._socket.getsockname()[1])

    @property
    def uri(self) -> str:
        return f"udp://{self._socket.getsockname()[0]}:{self.port}"

    def step(self, dt: float) -> None:
        """Advance firmware and physics by `dt` [s], sending the log packets that fall due.

        Packets that wait are answered before each tick, so a slow machine delays them by one tick at most.
        """
        while dt > 1e-9:
            part = min(dt, clockwork.TICK_S)
            dt -= part
            with self.lock:
                self._answer_waiting()
                self.firmware.step(part)
                if len(self.firmware.log) and time.monotonic() - self._last_heard > clockwork.LINK_TIMEOUT_S:
                    self.firmware.log.reset()

    def run(self) -> None:
        """Step in real time in a thread until `close`."""
        if self._stepper is None:
            self._stepper = threading.Thread(target=self._run, name="virtual-crazyflie-step", daemon=True)
            self._stepper.start()

    def close(self) -> None:
        """Stop the threads and free the port."""
        self._stop.set()
        for thread in (self._stepper, self._receiver):
            if thread is not None and thread is not threading.current_thread():
                thread.join(timeout=2.0)
        self._socket.close()

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
            else:
                self._stop.wait(clockwork.TICK_S - late)

    def _receive(self) -> None:
        while not self._stop.is_set():
            try:
                datagram, address = self._socket.recvfrom(2048)
            except TimeoutError:
                continue
            except OSError:
                if self._stop.is_set():
                    return
                continue
            packet = decode(datagram)
            if packet is not None:
                self._waiting.append((packet, address))
                with self.lock:
                    self._answer_waiting()

    def _answer_waiting(self) -> None:
        """Answer what has come in, in order; called with the lock held."""
        while self._waiting:
            self._answer(*self._waiting.popleft())

    def _answer(self, packet: Packet, address: Address) -> None:
        """Handle one packet. Whatever is in it, the server goes on."""
        if not packet.is_null:  # a scan's probe must not take the downlink from the host that flies
            self._adopt(address)
        try:
            replies = ports.handle(self.firmware, packet)
        except Exception:
            _LOG.exception("port %d failed on %s", packet.port, packet.data.hex())
            replies = []
        for reply in replies:
            self._send(reply, address)
        self._flush_console()

    def _adopt(self, address: Address) -> None:
        self._last_heard = time.monotonic()
        if address != self._client:
            self._client = address
            self.firmware.log.reset()

    def _print(self, text: str) -> None:
        self._console_text.append(text)

    def _flush_console(self) -> None:
        if self._client is None:
            return
        text, self._console_text = "".join(self._console_text), []
        for packet in console.packets(text):
            self._send(packet, self._client)

    def _send_log(self, data: bytes) -> None:
        if self._client is not None:
            self._send(log.data_packet(data), self._client)

    def _send(self, packet: Packet, address: Address) -> None:
        try:
            self._socket.sendto(packet.encode(), address)
        except OSError as error:
            _LOG.debug("packet to %s lost: %s", address, error)

"""Our link driver for `tcp://`: CRTP and the AI-deck's images on one socket, and an end when the socket ends.

cflib's own driver spins for ever on a closed socket, may send half a packet, and prints what it does.
"""

from __future__ import annotations

import contextlib
import logging
import queue
import re
import socket
import threading
from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

from cflib.crtp.crtpdriver import CRTPDriver
from cflib.crtp.crtpstack import CRTPPacket
from cflib.crtp.exceptions import WrongUriType

from firmware_bridge.aideck.cpx import CpxError, CpxPacket, CpxParser, Framing, Function, Target

_LOG = logging.getLogger(__name__)
DEFAULT_PORT = 5000
CONNECT_S, WRITE_S = 3.0, 1.0
MAX_CRTP, MAX_WAITING = 31, 4096
"""Bytes of a CRTP packet, and packets that may wait for cflib: further ones are lost, as on a radio."""

_CLIENT_CONNECTED = b"\x21\x01"
Receive = Callable[[bytes], None]


class CpxDriver(CRTPDriver):  # type: ignore[misc]
    """One TCP connection to an AI-deck. `subscribe` gives everything but CRTP to whoever wants it."""

    def __init__(self) -> None:
        CRTPDriver.__init__(self)
        self.needs_resending = False
        self.uri = ""
        self._incoming: queue.Queue[Any] = queue.Queue(maxsize=MAX_WAITING)
        self._subscribers: dict[int, list[Receive]] = {}
        self._socket: socket.socket | None = None
        self._write = threading.Lock()
        self._stop = threading.Event()
        self._error: Callable[[str], None] | None = None
        self._thread: threading.Thread | None = None

    def connect(self, uri: str, _statistics: Any, error: Callable[[str], None] | None) -> None:
        """Raises `OSError` when nobody listens, or the deck has another client."""
        if not re.search("^tcp://", uri):
            raise WrongUriType("not a tcp:// URI")
        parts = urlsplit(uri.split(" ")[0])
        self.uri, self._error = uri, error
        address = (parts.hostname or "", parts.port or DEFAULT_PORT)
        connection = socket.create_connection(address, timeout=CONNECT_S)
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        connection.settimeout(WRITE_S)
        self._socket = connection
        self._thread = threading.Thread(target=self._run, args=(connection,), name="cpx-rx", daemon=True)
        self._thread.start()
        self._send(CpxPacket(Target.HOST, Target.STM32, Function.SYSTEM, _CLIENT_CONNECTED, last=False))

    def subscribe(self, function: int, receive: Receive) -> Callable[[], None]:
        """Have `receive` called with the data of each packet, in the link's thread; return what ends that."""
        receivers = self._subscribers.setdefault(int(function), [])
        receivers.append(receive)
        return lambda: receivers.remove(receive) if receive in receivers else None

    def send_packet(self, packet: Any) -> None:
        raw = bytes([packet.header]) + bytes(packet.data)
        self._send(CpxPacket(Target.HOST, Target.STM32, Function.CRTP, raw, last=False))

    def receive_packet(self, wait: float = 0) -> Any:
        """Return the next CRTP packet, or None after `wait` [s]; 0 returns at once, -1 waits."""
        try:
            if wait == 0:
                return self._incoming.get_nowait()
            return self._incoming.get(timeout=wait if wait > 0 else None)
        except queue.Empty:
            return None

    def close(self) -> None:
        """Say goodbye with a FIN: the deck's firmware overlooks resets and then takes no new client."""
        self._stop.set()
        self._error = None
        connection, self._socket = self._socket, None
        if connection is None:
            return
        with contextlib.suppress(OSError):
            connection.shutdown(socket.SHUT_WR)
        if self._thread is not None and self._thread is not threading.current_thread():
            self._thread.join(timeout=1.0)  # it reads on until the deck has closed, too
        connection.close()

    def get_name(self) -> str:
        return "cpx"

    def get_status(self) -> str:
        return "connected" if self._socket is not None else "closed"

    def scan_interface(self, address: Any = None) -> list[Any]:
        return []

    def _send(self, packet: CpxPacket) -> None:
        connection = self._socket
        if connection is None:
            return
        try:
            with self._write:
                connection.sendall(packet.encode())
        except OSError as error:
            self._fail(f"the connection to {self.uri} does not take packets: {error}")

    def _run(self, connection: socket.socket) -> None:
        parser = CpxParser(Framing.STOCK)
        while True:
            try:
                chunk = connection.recv(8192)
            except TimeoutError:
                if self._stop.is_set():
                    return
                continue
            except OSError as error:
                return self._fail(f"the connection to {self.uri} broke: {error}")
            if not chunk:
                return self._fail(f"{self.uri} closed the connection")
            if self._stop.is_set():
                continue
            try:
                for packet in parser.feed(chunk):
                    self._route(packet)
            except CpxError as error:
                return self._fail(f"{self.uri} does not speak CPX: {error}")

    def _route(self, packet: CpxPacket) -> None:
        if packet.function == Function.CRTP:
            if 1 <= len(packet.data) <= MAX_CRTP:
                with contextlib.suppress(queue.Full):
                    self._incoming.put_nowait(CRTPPacket(packet.data[0], list(packet.data[1:])))
            return
        for receive in list(self._subscribers.get(packet.function, ())):
            try:
                receive(packet.data)
            except Exception:
                _LOG.exception("a subscriber of CPX function %d failed", packet.function)

    def _fail(self, message: str) -> None:
        """Report the end of the link, once."""
        error, self._error = self._error, None
        if error is not None and not self._stop.is_set():
            error(message)

"""`CpxServer`: the AI-deck's ESP32. One TCP client, whose CPX packets are routed to the chips behind it."""

from __future__ import annotations

import logging
import socket
import threading
from collections import deque
from collections.abc import Callable
from types import TracebackType
from typing import Self

from firmware_bridge.aideck.cpx import CpxError, CpxPacket, CpxParser, Framing, Target

_LOG = logging.getLogger(__name__)
Receive = Callable[[CpxPacket], None]
QUEUE_PACKETS = 256
"""Packets that may wait for a client that reads slowly; further ones are dropped, as the deck does."""

PATIENT_PACKETS = 16
"""A frame's chunks wait when this many are queued, so that CRTP packets never stand behind a whole frame."""

_POLL_S = 0.2
_WRITE_S = 5.0
_FIRST_ANSWER_S = 0.02
"""A new client hears nothing sooner [s], as over WiFi: stock cflib loses what comes before its receiving
thread first looks, and then waits for ever."""


class CpxServer:
    """Serves one client at a time on the deck's one TCP port; a second one waits until the first has gone.

    A chip is attached with `attach(target, receive)`; `receive` runs in the server's reading thread. Packets
    for a chip nobody attached are dropped. `send` is safe from any thread and never blocks.
    """

    def __init__(
        self,
        *,
        host: str = "127.0.0.1",
        port: int = 0,
        framing: Framing = Framing.STOCK,
        notices_reset: bool = True,
    ) -> None:
        """Raises `OSError` when the port is taken; 0 takes a free one.

        notices_reset  False: a client that ends with a reset instead of a FIN keeps its place until a packet
                       to it fails, as with the stock firmware, whose receiving loop ignores errors
        """
        self._framing, self._notices_reset = framing, notices_reset
        self._send_failed = threading.Event()
        self._chips: dict[int, Receive] = {}
        self._on_client: list[Callable[[bool], None]] = []
        self._stop = threading.Event()
        self._changed = threading.Condition()
        self._outgoing: deque[bytes] = deque()
        self._client: socket.socket | None = None
        self.dropped = 0
        """Packets lost for want of room since the start."""
        self._listener = socket.create_server((host, port), backlog=1)
        self._listener.settimeout(_POLL_S)
        self._address: tuple[str, int] = self._listener.getsockname()[:2]
        self._thread = threading.Thread(target=self._run, name="virtual-esp32", daemon=True)
        self._thread.start()

    @property
    def host(self) -> str:
        return self._address[0]

    @property
    def port(self) -> int:
        return self._address[1]

    @property
    def connected(self) -> bool:
        return self._client is not None

    def attach(self, target: Target, receive: Receive) -> None:
        """Route packets for `target` to `receive`."""
        self._chips[target] = receive

    def on_client(self, call: Callable[[bool], None]) -> None:
        """Have `call(True)` called when a client comes and `call(False)` when it goes."""
        self._on_client.append(call)

    def wait_connected(self, timeout_s: float) -> bool:
        """Wait at most `timeout_s` for a client; True when there is one."""
        with self._changed:
            return self._changed.wait_for(lambda: self._client is not None, timeout_s)

    def send(self, packet: CpxPacket) -> bool:
        """Queue a packet for the client. False when there is none or it reads too slowly."""
        with self._changed:
            return self._put(packet)

    def send_patiently(self, packet: CpxPacket, timeout_s: float) -> bool:
        """Queue a packet, waiting up to `timeout_s` for room. False when the client left or stalled."""
        with self._changed:
            self._changed.wait_for(
                lambda: self._client is None or len(self._outgoing) < PATIENT_PACKETS, timeout_s
            )
            return len(self._outgoing) < PATIENT_PACKETS and self._put(packet)

    def drop_client(self) -> None:
        """Close the connection, as a loss of the WiFi does."""
        client = self._client
        if client is not None:
            self._send_failed.set()
            _shut(client)

    def close(self) -> None:
        """Stop the threads and free the port."""
        self._stop.set()
        self.drop_client()
        with self._changed:
            self._changed.notify_all()
        if self._thread is not threading.current_thread():
            self._thread.join(timeout=5.0)
        self._listener.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _put(self, packet: CpxPacket) -> bool:
        if self._client is None:
            return False
        if len(self._outgoing) >= QUEUE_PACKETS:
            self.dropped += 1
            return False
        self._outgoing.append(packet.encode(self._framing))
        self._changed.notify_all()
        return True

    def _run(self) -> None:
        while not self._stop.is_set():
            try:
                client, _ = self._listener.accept()
            except TimeoutError:
                continue
            except OSError:
                return
            with client:
                self._serve(client)

    def _serve(self, client: socket.socket) -> None:
        client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        client.settimeout(_WRITE_S)
        writer = threading.Thread(target=self._write, args=(client,), name="virtual-esp32-tx", daemon=True)
        self._send_failed.clear()
        self._set_client(client)
        writer.start()
        try:
            self._read(client)
        except CpxError as error:
            _LOG.warning("the client does not speak CPX (%s): closing its connection", error)
        except OSError as error:
            _LOG.info("the client left: %s", error)
        self._set_client(None)
        _shut(client)
        writer.join(timeout=_WRITE_S)

    def _set_client(self, client: socket.socket | None) -> None:
        with self._changed:
            self._client = client
            self._outgoing.clear()
            self._changed.notify_all()
        for call in self._on_client:
            call(client is not None)

    def _read(self, client: socket.socket) -> None:
        """Route what the client sends until it goes."""
        parser = CpxParser(self._framing)
        while not self._stop.is_set():
            try:
                chunk = client.recv(4096)
            except TimeoutError:
                continue
            except ConnectionResetError:
                if not self._notices_reset:
                    self._wait_for_failed_send()
                raise
            if not chunk:
                return
            for packet in parser.feed(chunk):
                receive = self._chips.get(packet.destination)
                if receive is not None:
                    receive(packet)

    def _wait_for_failed_send(self) -> None:
        while not self._stop.is_set() and not self._send_failed.wait(_POLL_S):
            pass

    def _write(self, client: socket.socket) -> None:
        self._stop.wait(_FIRST_ANSWER_S)
        while True:
            with self._changed:
                self._changed.wait_for(lambda: self._client is not client or bool(self._outgoing), _POLL_S)
                if self._client is not client:
                    return
                batch = [self._outgoing.popleft() for _ in range(min(len(self._outgoing), 4))]
                self._changed.notify_all()
            try:
                client.sendall(b"".join(batch))
            except OSError as error:
                _LOG.info("the client takes nothing any more: %s", error)
                self._send_failed.set()
                _shut(client)  # wakes the reading thread, which cleans up
                return


def _shut(client: socket.socket) -> None:
    try:
        client.shutdown(socket.SHUT_RDWR)
    except OSError:
        _LOG.debug("the client was gone already")

"""The two ways into the virtual Crazyflie: CRTP over UDP, and CRTP in CPX over the AI-deck's TCP port."""

from __future__ import annotations

import logging
import socket
import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from firmware_bridge.aideck.cpx import CpxPacket, Function, Target
from firmware_bridge.virtual.cpx_server import CpxServer
from firmware_bridge.virtual.crtp import Packet, decode

_LOG = logging.getLogger(__name__)


class Peer(Protocol):
    """Where a packet came from; equal when it is the same host."""

    def send(self, packet: Packet) -> None:
        """Send best effort; never blocks."""


Received = Callable[[Packet, Peer], None]


@dataclass(frozen=True, slots=True)
class UdpPeer:
    """A host's socket."""

    link: UdpLink
    address: tuple[str, int]

    def send(self, packet: Packet) -> None:
        self.link.send(packet, self.address)


class UdpLink:
    """One datagram is one packet, either way (cflib `udp://`)."""

    def __init__(self, received: Received, *, host: str, port: int) -> None:
        """Raises `OSError` when the port is taken; 0 takes a free one."""
        self._received = received
        self._stop = threading.Event()
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        try:
            self._socket.bind((host, port))
        except OSError:
            self._socket.close()
            raise
        self._socket.settimeout(0.2)
        self._address: tuple[str, int] = self._socket.getsockname()
        self._thread = threading.Thread(target=self._receive, name="virtual-crazyflie-rx", daemon=True)
        self._thread.start()

    @property
    def port(self) -> int:
        return self._address[1]

    @property
    def uri(self) -> str:
        return f"udp://{self._address[0]}:{self._address[1]}"

    def send(self, packet: Packet, address: tuple[str, int]) -> None:
        try:
            self._socket.sendto(packet.encode(), address)
        except OSError as error:
            _LOG.debug("packet to %s lost: %s", address, error)

    def close(self) -> None:
        self._stop.set()
        if self._thread is not threading.current_thread():
            self._thread.join(timeout=2.0)
        self._socket.close()

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
                self._received(packet, UdpPeer(self, address))


@dataclass(frozen=True, slots=True)
class CpxPeer:
    """The one client of the deck's TCP port; `number` tells it from those before."""

    server: CpxServer
    number: int

    def send(self, packet: Packet) -> None:
        self.server.send(CpxPacket(Target.STM32, Target.HOST, Function.CRTP, packet.encode()))


class CpxLink:
    """The STM32 behind the deck: takes CRTP out of CPX packets (cflib `tcp://`)."""

    def __init__(self, received: Received, server: CpxServer) -> None:
        self._received = received
        self._server = server
        self._clients = 0
        server.on_client(self._client_changed)
        server.attach(Target.STM32, self._take)

    def _client_changed(self, connected: bool) -> None:
        self._clients += connected

    def _take(self, packet: CpxPacket) -> None:
        """Take CRTP. The SYSTEM packet cflib opens with says that a client is there: no answer to it."""
        if packet.function == Function.CRTP:
            inner = decode(packet.data)
            if inner is not None:
                self._received(inner, CpxPeer(self._server, self._clients))

"""A relay that stands between a client and a server, and damages what passes while it is told to."""

from __future__ import annotations

import contextlib
import random
import socket
import threading
from collections.abc import Callable
from typing import Self

Damage = Callable[[bytes], bytes]
_POLL_S = 0.1


class Relay:
    """Passes the downlink through `damage`, where there is one, and counts."""

    def __init__(self) -> None:
        self.damage: Damage | None = None
        self.damaged = 0
        self._stop = threading.Event()
        self._threads: list[threading.Thread] = []

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        for thread in self._threads:
            thread.join(5.0)

    def _start(self, run: Callable[[], None]) -> None:
        thread = threading.Thread(target=run, daemon=True)
        self._threads.append(thread)
        thread.start()

    def _pass(self, piece: bytes) -> bytes:
        damage = self.damage
        if damage is None:
            return piece
        self.damaged += 1
        return damage(piece)


class UdpRelay(Relay):
    """For one client at a time; one datagram is one packet."""

    def __init__(self, port: int) -> None:
        super().__init__()
        self._client: tuple[str, int] | None = None
        self._inside = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._inside.connect(("127.0.0.1", port))
        self._outside = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._outside.bind(("127.0.0.1", 0))
        for end in (self._inside, self._outside):
            end.settimeout(_POLL_S)
        self.port: int = self._outside.getsockname()[1]
        self._start(self._up)
        self._start(self._down)

    def __exit__(self, *error: object) -> None:
        super().__exit__(*error)
        self._inside.close()
        self._outside.close()

    def _up(self) -> None:
        while not self._stop.is_set():
            with contextlib.suppress(OSError):
                data, self._client = self._outside.recvfrom(2048)
                self._inside.send(data)

    def _down(self) -> None:
        while not self._stop.is_set():
            with contextlib.suppress(OSError):
                data = self._pass(self._inside.recv(2048))
                if self._client is not None:
                    self._outside.sendto(data, self._client)


class TcpRelay(Relay):
    """For one client at a time, as the AI-deck."""

    def __init__(self, port: int) -> None:
        super().__init__()
        self._target = port
        self._listener = socket.create_server(("127.0.0.1", 0), backlog=1)
        self._listener.settimeout(_POLL_S)
        self.port: int = self._listener.getsockname()[1]
        self.connections = 0
        self._start(self._run)

    def __exit__(self, *error: object) -> None:
        super().__exit__(*error)
        self._listener.close()

    def _run(self) -> None:
        while not self._stop.is_set():
            with contextlib.suppress(OSError):
                client, _ = self._listener.accept()
                self.connections += 1
                with client, socket.create_connection(("127.0.0.1", self._target), timeout=5.0) as server:
                    self._serve(client, server)

    def _serve(self, client: socket.socket, server: socket.socket) -> None:
        client.settimeout(5.0)
        server.settimeout(_POLL_S)
        gone = threading.Event()

        def up() -> None:
            with contextlib.suppress(OSError):
                while data := client.recv(4096):
                    server.sendall(data)
            gone.set()

        thread = threading.Thread(target=up, daemon=True)
        thread.start()
        while not self._stop.is_set() and not gone.is_set():
            try:
                data = server.recv(4096)
            except TimeoutError:
                continue
            except OSError:
                break
            if not data:
                break
            with contextlib.suppress(OSError):
                client.sendall(self._pass(data))
                continue
            break
        with contextlib.suppress(OSError):
            client.shutdown(socket.SHUT_RDWR)
        thread.join(6.0)


def bit_errors(seed: int, rate: float) -> Damage:
    """Return damage that flips, drops or doubles bytes, once in `1 / rate` pieces on average."""
    dice = random.Random(seed)

    def damage(piece: bytes) -> bytes:
        if dice.random() >= rate or not piece:
            return piece
        data, at = bytearray(piece), dice.randrange(len(piece))
        match dice.randrange(3):
            case 0:
                data[at] ^= 1 << dice.randrange(8)
            case 1:
                del data[at : at + dice.randint(1, 40)]
            case _:
                data[at:at] = dice.randbytes(dice.randint(1, 40))
        return bytes(data)

    return damage

"""The cflib link driver of `lockstep://NAME`: packets go to a firmware in this process."""

from __future__ import annotations

import threading
import time
from collections import deque
from typing import TYPE_CHECKING, Any

from cflib.crtp.crtpdriver import CRTPDriver
from cflib.crtp.crtpstack import CRTPPacket
from cflib.crtp.exceptions import WrongUriType

from firmware_bridge.virtual.crtp import Packet
from reprohrl.contracts.errors import LinkError

if TYPE_CHECKING:
    from firmware_bridge.lockstep.loopback import Loopback

SCHEME = "lockstep://"
SETTLE_TIMEOUT_S = 20.0
OPEN: dict[str, Loopback] = {}
"""The loopbacks that can be connected to, by name."""


class _Drained(Exception):  # noqa: N818
    """Nothing is left to take: ends cflib's loop where it runs in the thread of the clock."""


class LockstepDriver(CRTPDriver):  # type: ignore[misc]
    """One end of a `Loopback`.

    While time stands still (a connection, a parameter's answer) packets are handled by cflib's own thread, as
    on every link. Those of a step are handled by `drain`, in the thread that steps, by cflib's own loop: two
    threads that wait for each other hundreds of times a second would make a busy machine slow.
    """

    def __init__(self) -> None:
        CRTPDriver.__init__(self)
        self.needs_resending = False
        self._news = threading.Condition()
        self._incoming: deque[Packet] = deque()
        self._waits = self._held = self._closed = False
        self._drainer = 0
        self._cf: Any = None
        self._loopback: Loopback | None = None

    def connect(self, uri: str, _statistics: Any, error: Any) -> None:
        if not uri.startswith(SCHEME):
            raise WrongUriType("not a lockstep URI")
        name = uri.removeprefix(SCHEME)
        if name not in OPEN:
            raise LinkError(f"there is no loopback {name!r}", fix="make it before connecting to it")
        self._cf = getattr(error, "__self__", None)  # the Crazyflie whose link this is
        self._loopback = OPEN[name]
        self._loopback.attach(self)

    def send_packet(self, packet: Any) -> None:
        if self._loopback is not None and not self._closed:
            self._loopback.from_host(Packet(packet.port, packet.channel, bytes(packet.data)))

    def receive_packet(self, wait: float = 0) -> Any:
        """Return the next packet, or None after `wait` [s]; 0 returns at once, -1 waits."""
        deadline = time.monotonic() + (wait if wait >= 0 else 3600.0)
        with self._news:
            if threading.get_ident() == self._drainer:
                if not self._incoming:
                    raise _Drained
                return _crtp(self._incoming.popleft())
            while (self._held or not self._incoming) and not self._closed:
                self._waits = True
                self._news.notify_all()
                left = deadline - time.monotonic()
                if left <= 0:
                    return None
                self._news.wait(left)
            self._waits = False
            return _crtp(self._incoming.popleft()) if self._incoming else None

    def deliver(self, packet: Packet, *, wake: bool = True) -> None:
        """Put a packet where cflib's thread finds it; without `wake` it is left to the next `drain`."""
        with self._news:
            if self._closed:
                return
            self._incoming.append(packet)
            if wake and not self._drainer:
                self._waits = False
                self._news.notify_all()
            else:
                self._held = True

    def drain(self) -> None:
        """Have everything delivered handled. Raises `LinkError` when cflib's thread is busy for 20 s."""
        with self._news:
            if not self._news.wait_for(self._idle, SETTLE_TIMEOUT_S):
                raise LinkError("cflib's thread does not take its packets", why="a callback of it blocks")
            if self._closed or not self._incoming or self._cf is None:
                self._held = False
                return
            self._held, self._drainer = True, threading.get_ident()
        try:
            self._cf.incoming.run()
        except _Drained:
            pass
        finally:
            with self._news:
                self._held, self._drainer = False, 0

    def _idle(self) -> bool:
        return self._closed or (self._waits and (self._held or not self._incoming))

    def close(self) -> None:
        with self._news:
            self._closed = True
            self._news.notify_all()
        if self._loopback is not None:
            self._loopback.detach(self)

    def get_status(self) -> str:
        return "in this process"

    def get_name(self) -> str:
        return "lockstep"

    def scan_interface(self, address: Any = None) -> list[Any]:
        return []


def _crtp(packet: Packet) -> Any:
    return CRTPPacket(packet.encode()[0], list(packet.data))

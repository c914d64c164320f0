"""How far a connection has come, read from the packets themselves: cflib says nothing until it is done."""

from __future__ import annotations

import struct
import threading
import time
from typing import Any

PARAM, LOG, LINK = 2, 5, 15
_TABLE, _READ, _MISC = 0, 1, 3
_ITEM_V2, _INFO_V2 = 2, 3
_EXTENDED_TYPE = 7


class Handshake:
    """Counts what arrives. `stage` is how far it is, for people."""

    def __init__(self, cf: Any) -> None:
        self._lock = threading.Lock()
        self._totals: dict[int, int] = {}
        self._items: dict[int, int] = {LOG: 0, PARAM: 0}
        self._values = self._types = 0
        self.packets = 0
        self._progressed_at = time.monotonic()
        cf.packet_received.add_callback(self._received)

    @property
    def quiet_s(self) -> float:
        """Wall seconds since the handshake last moved on."""
        with self._lock:
            return time.monotonic() - self._progressed_at

    @property
    def stage(self) -> str:
        with self._lock:
            if not self.packets:
                return "waiting for the first packet"
            if self._values:
                return f"parameter values, {self._values}" + self._of(PARAM)
            if self._types:
                return f"types of persistent parameters, {self._types}"
            for port, name in ((PARAM, "parameter table"), (LOG, "log table")):
                if port in self._totals:
                    return f"{name}, {self._items[port]}" + self._of(port)
            return "version query"

    def _of(self, port: int) -> str:
        return f" of {self._totals[port]}" if port in self._totals else ""

    def _received(self, packet: Any) -> None:
        port, channel, data = packet.port, packet.channel, bytes(packet.data)
        if port == LINK and channel != 1:
            return  # pings and their answers are no progress
        with self._lock:
            self.packets += 1
            if port in self._items and channel == _TABLE and data:
                self._table(port, data)
            elif port == PARAM and channel == _READ:
                self._values += 1
            elif port == PARAM and channel == _MISC and data[:1] == bytes([_EXTENDED_TYPE]):
                self._types += 1
            elif port == LOG and channel == 2:
                return  # log data of an earlier connection
            self._progressed_at = time.monotonic()

    def _table(self, port: int, data: bytes) -> None:
        if data[0] == _INFO_V2 and len(data) >= 3:
            (self._totals[port],) = struct.unpack_from("<H", data, 1)
        elif data[0] == _ITEM_V2:
            self._items[port] += 1

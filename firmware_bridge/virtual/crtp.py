"""CRTP packets: one header byte and up to 30 bytes of data; one packet is one UDP datagram."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum

MAX_DATA = 30


class Port(IntEnum):
    """CRTP ports of the firmware (crtp.h)."""

    CONSOLE = 0
    PARAM = 2
    COMMANDER = 3
    MEMORY = 4
    LOG = 5
    LOCALIZATION = 6
    COMMANDER_GENERIC = 7
    HIGH_LEVEL = 8
    SUPERVISOR = 9
    PLATFORM = 13
    LINK = 15


@dataclass(frozen=True, slots=True)
class Packet:
    """A CRTP packet. `port` 0..15, `channel` 0..3, `data` at most `MAX_DATA` bytes."""

    port: int
    channel: int
    data: bytes = b""

    def encode(self) -> bytes:
        """Return the datagram; bits 2 and 3 of the header are set, as the firmware does."""
        if len(self.data) > MAX_DATA:
            raise ValueError(f"CRTP data of {len(self.data)} bytes; {MAX_DATA} fit")
        return bytes([(self.port & 0x0F) << 4 | 0x0C | (self.channel & 0x03)]) + self.data

    @property
    def is_null(self) -> bool:
        """A keep-alive or a scan's probe: port 15, channel 3."""
        return self.port == 15 and self.channel == 3


def decode(datagram: bytes) -> Packet | None:
    """Return the packet of a datagram, or None when it is no CRTP packet (empty or too long)."""
    if not 1 <= len(datagram) <= 1 + MAX_DATA:
        return None
    header = datagram[0]
    return Packet(header >> 4, header & 0x03, datagram[1:])

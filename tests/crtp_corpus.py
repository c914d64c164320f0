"""One valid CRTP packet, host to drone, of every kind that protocol 12 has: what mutations start from."""

from __future__ import annotations

import struct

from firmware_bridge.virtual.crtp import Packet, Port

F, H, U32, U16 = (struct.Struct(kind) for kind in ("<f", "<h", "<I", "<H"))


def p(port: int, channel: int, *parts: bytes | int | float) -> bytes:
    """A datagram: an int is one byte, a float four."""
    data = b"".join(
        bytes([x]) if isinstance(x, int) else F.pack(x) if isinstance(x, float) else x for x in parts
    )
    return Packet(port, channel, data).encode()


CORPUS = [
    p(Port.LINK, 0, 0, struct.pack("<d", 1.5)),
    p(Port.LINK, 1, 0),
    p(Port.LINK, 3),
    p(Port.PLATFORM, 1, 0),
    p(Port.PLATFORM, 1, 1),
    p(Port.PLATFORM, 0, 1, 1),
    p(Port.PLATFORM, 0, 2),
    p(Port.LOG, 0, 3),
    p(Port.LOG, 0, 2, U16.pack(4)),
    p(Port.LOG, 1, 5),
    p(Port.LOG, 1, 6, 1, 0x77, U16.pack(0), 0x77, U16.pack(1)),
    p(Port.LOG, 1, 7, 1, 7, U16.pack(2)),
    p(Port.LOG, 1, 3, 1, 10),
    p(Port.LOG, 1, 4, 1),
    p(Port.LOG, 1, 2, 1),
    p(Port.LOG, 1, 8, 1, U16.pack(20)),
    p(Port.PARAM, 0, 3),
    p(Port.PARAM, 0, 2, U16.pack(3)),
    p(Port.PARAM, 1, U16.pack(3)),
    p(Port.PARAM, 2, U16.pack(3), 1),
    p(Port.PARAM, 2, U16.pack(5), 1.0),
    p(Port.PARAM, 3, 0, b"commander\0enHighLevel\0", 8, 1),
    *(p(Port.PARAM, 3, k, U16.pack(9)) for k in range(2, 9)),
    p(Port.MEMORY, 0, 1),
    p(Port.MEMORY, 0, 2, 0),
    p(Port.MEMORY, 1, 0, U32.pack(16), 24),
    p(Port.MEMORY, 2, 0, U32.pack(100), bytes(20)),
    p(Port.COMMANDER, 0, 1.0, -1.0, 10.0, U16.pack(0)),
    p(Port.COMMANDER, 0, 0.0, 0.0, 0.0, U16.pack(40000)),
    p(Port.COMMANDER_GENERIC, 0, 0),
    p(Port.COMMANDER_GENERIC, 0, 1, 0.1, 0.2, 0.3, 20.0),
    p(Port.COMMANDER_GENERIC, 0, 8, 0.1, 0.2, 0.3, 20.0),
    p(Port.COMMANDER_GENERIC, 0, 2, 0.0, 0.0, 5.0, 0.6),
    p(Port.COMMANDER_GENERIC, 0, 9, 0.0, 0.0, 5.0, 0.6),
    p(Port.COMMANDER_GENERIC, 0, 5, 0.2, 0.1, 20.0, 0.5),
    p(Port.COMMANDER_GENERIC, 0, 10, 0.2, 0.1, 20.0, 0.5),
    p(Port.COMMANDER_GENERIC, 0, 7, 0.5, 0.5, 0.6, 90.0),
    p(
        Port.COMMANDER_GENERIC,
        0,
        6,
        *[H.pack(v) for v in (100, 200, 500, 0, 0, 0, 0, 0, 0)],
        U32.pack(0xC0000000),
        bytes(6),
    ),
    p(Port.COMMANDER_GENERIC, 1, 0, U32.pack(0)),
    p(Port.HIGH_LEVEL, 0, 0, 0),
    p(Port.HIGH_LEVEL, 0, 1, 0, 0.5, 2.0),
    p(Port.HIGH_LEVEL, 0, 2, 0, 0.0, 2.0),
    p(Port.HIGH_LEVEL, 0, 3, 0),
    p(Port.HIGH_LEVEL, 0, 4, 0, 1, 0.5, 0.5, 0.5, 0.0, 2.0),
    p(Port.HIGH_LEVEL, 0, 5, 0, 1, 0, 1, 1.0),
    p(Port.HIGH_LEVEL, 0, 6, 1, 1, 0, U32.pack(0), 2),
    p(Port.HIGH_LEVEL, 0, 7, 0, 0.5, 0.0, 1, 2.0),
    p(Port.HIGH_LEVEL, 0, 8, 0, 0.0, 0.0, 1, 2.0),
    p(Port.HIGH_LEVEL, 0, 11, 0, 0, 0, 3.0, 0.5, 0.5, 0.1, 2.0),
    p(Port.HIGH_LEVEL, 0, 12, 0, 1, 0, 0.5, 0.5, 0.0, 1.0, 2.0),
    p(Port.HIGH_LEVEL, 0, 13, 0, 1, 1, 0, 1, 1.0),
    p(Port.LOCALIZATION, 0, 0.1, 0.2, 0.3),
    p(Port.LOCALIZATION, 1, 8, 0.1, 0.2, 0.3, 0.0, 0.0, 0.0, 1.0),
    p(Port.LOCALIZATION, 1, 9, 0xE7, H.pack(100), H.pack(0), H.pack(500), U32.pack(0xC0000000)),
    p(Port.LOCALIZATION, 2, 0xE7, H.pack(100), H.pack(0), H.pack(500)),
    p(Port.LOCALIZATION, 1, 3),
    p(Port.LOCALIZATION, 1, 4),
    p(Port.SUPERVISOR, 0, 0x0C),
    p(Port.SUPERVISOR, 1, 1, 1),
    p(Port.SUPERVISOR, 1, 2),
    p(Port.SUPERVISOR, 1, 4),
]

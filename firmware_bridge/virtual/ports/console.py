"""Port 0, console: text to the host in pieces that fit, cut between characters."""

from __future__ import annotations

from firmware_bridge.virtual.crtp import MAX_DATA, Packet, Port


def packets(text: str) -> list[Packet]:
    """Return `text` as console packets; each holds whole UTF-8 characters, as cflib decodes strictly."""
    out: list[Packet] = []
    piece = b""
    for character in text:
        encoded = character.encode("utf-8", errors="replace")
        if len(piece) + len(encoded) > MAX_DATA:
            out.append(Packet(Port.CONSOLE, 0, piece))
            piece = b""
        piece += encoded
    return [*out, Packet(Port.CONSOLE, 0, piece)] if piece else out

"""Why no frames come, in words, and what to do about it."""

from __future__ import annotations

import errno
import socket

from firmware_bridge.aideck.cpx import CpxError

_UNREACHABLE = frozenset((errno.ENETUNREACH, errno.EHOSTUNREACH, errno.ENETDOWN, errno.EHOSTDOWN))
SILENT = (
    "it takes the connection, but no frame comes",
    "close other viewers (it serves one), or power-cycle the drone: its camera may hang",
)


class SilentError(ConnectionError):
    """The watchdog's: connected, and no frame in time."""


def explain(error: Exception) -> tuple[str, str]:
    """Return why the connection to the deck failed, and the next step."""
    if isinstance(error, SilentError):
        return SILENT
    if isinstance(error, CpxError):
        return f"what it sends is no CPX ({error})", "is this the AI-deck's address? Its port is 5000"
    if isinstance(error, socket.gaierror):
        return "this computer does not know the name", "use the address from the drone's console"
    if isinstance(error, ConnectionRefusedError):
        return (
            "the port is closed (connection refused)",
            "flash a WiFi streamer to the AI-deck; its port is 5000",
        )
    if isinstance(error, TimeoutError) or (isinstance(error, OSError) and error.errno in _UNREACHABLE):
        return "nothing answers there", "join the AI-deck's WiFi, or use the address from the drone's console"
    return str(error) or type(error).__name__, "join the AI-deck's WiFi again, or power-cycle the drone"

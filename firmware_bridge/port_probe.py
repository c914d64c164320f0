"""Waiting for a drone on this machine to open its port: cflib would fail at once on a closed one."""

from __future__ import annotations

import socket
from collections.abc import Callable
from urllib.parse import urlsplit

from reprohrl.contracts.clock import Clock

RETRY_S, PROBE_S = 0.5, 0.2


def wait_for_port(uri: str, *, clock: Clock, deadline: float, progress: Callable[[str], None]) -> None:
    """Return when a `udp://` port takes packets, and at `deadline` [s] on `clock`; at once for other links.

    Probes with the null packet that cflib's scan sends. A host that is merely silent is not waited for.
    """
    parts = urlsplit(uri)
    try:
        host, port = parts.hostname, parts.port
    except ValueError:
        return
    if parts.scheme != "udp" or host is None or port is None:
        return
    told = False
    while clock.now() < deadline - RETRY_S and _refused(host, port):
        if not told:
            progress(f"waiting for {uri}: the port is closed")
            told = True
        clock.sleep(RETRY_S)


def _refused(host: str, port: int) -> bool:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        probe.settimeout(PROBE_S)
        try:
            probe.connect((host, port))
            probe.send(b"\xff")
            probe.recv(64)
        except ConnectionRefusedError:
            return True
        except OSError:
            return False
    return False

"""Who may talk to the server: pages of this very server, asked for by a name it is known to have.

A browser sends a page's requests wherever the page says, and a foreign page may give its own name our
address (DNS rebinding). So the `Host` of every request has to be one of ours, and the `Origin`, which a
browser adds where a page does more than read, has to be the very page that this server gave out.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Iterable
from typing import Any
from urllib.parse import urlsplit

LOOPBACK = ("127.0.0.1", "localhost", "::1")


def is_loopback(host: str) -> bool:
    """Return whether only this machine can reach an address."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


class Guard:
    """Refuses requests by their headers. `names`: hosts the server may be called, beside the loopback."""

    def __init__(self, names: Iterable[str] = ()) -> None:
        self._names = {n.lower() for n in (*LOOPBACK, *names)}

    def trouble(self, host: str, origin: str | None) -> str:
        """Return why a request is refused, "" for a good one."""
        name, port = _split(host)
        if name not in self._names:
            return f"the host {host[:80]!r} is not served here"
        if origin is None:
            return ""
        parts = urlsplit(origin)
        if parts.scheme not in ("http", "https") or _split(parts.netloc) != (name, port):
            return f"a page of {origin[:80]!r} may not talk to the drone"
        return ""


class GuardedApp:
    """An ASGI application behind a `Guard`; HTTP gets 403, a WebSocket is closed before it opens."""

    def __init__(self, app: Any, guard: Guard) -> None:
        self._app, self._guard = app, guard

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] in ("http", "websocket"):
            headers = {k.decode("latin-1").lower(): v.decode("latin-1") for k, v in scope["headers"]}
            trouble = self._guard.trouble(headers.get("host", ""), headers.get("origin"))
            if trouble:
                await _refuse(scope["type"], trouble, receive, send)
                return
        await self._app(scope, receive, send)


async def _refuse(kind: str, trouble: str, receive: Any, send: Any) -> None:
    if kind == "websocket":
        await receive()  # its connect
        await send({"type": "websocket.close", "code": 1008, "reason": trouble[:100]})
        return
    body = trouble.encode()
    headers = [(b"content-type", b"text/plain; charset=utf-8"), (b"content-length", str(len(body)).encode())]
    await send({"type": "http.response.start", "status": 403, "headers": headers})
    await send({"type": "http.response.body", "body": body})


def _split(netloc: str) -> tuple[str, str]:
    """Return host and port of "localhost:8080" or "[::1]:8080"; the host in lower case, without brackets."""
    text = netloc.strip().lower()
    if text.startswith("["):
        name, _, rest = text[1:].partition("]")
        return name, rest.removeprefix(":")
    name, _, port = text.partition(":")
    return name, port

"""Talks to the page's server over real HTTP and a real WebSocket."""

from __future__ import annotations

import json
import socket
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

from websockets.sync.client import connect


class Client:
    def __init__(self, address: str) -> None:
        self.address = address

    def ask(self, path: str, body: Any = None, **headers: str) -> tuple[int, Any]:
        """Return status and answer of a GET, or with a body of a POST."""
        data = None if body is None else json.dumps(body).encode()
        sent = {"Content-Type": "application/json", **{k.replace("_", "-"): v for k, v in headers.items()}}
        request = urllib.request.Request(self.address.rstrip("/") + path, data, sent)
        try:
            with urllib.request.urlopen(request, timeout=20.0) as answer:
                return answer.status, _decoded(answer.read())
        except urllib.error.HTTPError as error:
            return error.code, _decoded(error.read())

    def read(self, text: str) -> dict[str, Any]:
        status, found = self.ask("/api/read", {"text": text})
        assert status == 200, found
        return dict(found)

    def fly(self, text: str) -> None:
        found = self.read(text)
        assert found["ok"], found
        assert self.ask("/api/fly", {"id": found["id"]})[0] == 200

    def state(self) -> dict[str, Any]:
        return dict(self.ask("/api/state")[1])

    def until(
        self, holds: Callable[[dict[str, Any]], Any], what: str, deadline_s: float = 90.0
    ) -> dict[str, Any]:
        end = time.monotonic() + deadline_s
        while not holds(state := self.state()):
            assert time.monotonic() < end, f"waited {deadline_s:g} s for {what}: {state['phase']}"
            time.sleep(0.05)
        return state

    def live(self, *, host: str = "", **headers: str) -> Any:
        """Open the WebSocket, as a page of our own does or, with other headers, a foreign one."""
        parts = urlsplit(self.address)
        line = socket.create_connection((parts.hostname, parts.port), 20.0)
        uri = f"ws://{host or parts.netloc}/live"
        return connect(uri, sock=line, max_size=2**22, open_timeout=20.0, additional_headers=headers)


def _decoded(data: bytes) -> Any:
    try:
        return json.loads(data)
    except ValueError:
        return data.decode(errors="replace")

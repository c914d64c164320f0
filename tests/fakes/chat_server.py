"""A real HTTP server on the loopback that speaks the chat protocol, well or badly, as a script says."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

Say = Callable[["Handler", dict[str, Any]], None]


def answer(text: str | Callable[[str], str], *, usage: bool = True) -> Say:
    """Answer well; a function gets the prompt."""

    def say(handler: Handler, asked: dict[str, Any]) -> None:
        words = text(asked["messages"][-1]["content"]) if callable(text) else text
        body: dict[str, Any] = {
            "choices": [{"message": {"role": "assistant", "content": words}, "finish_reason": "stop"}]
        }
        if usage:
            body["usage"] = {"prompt_tokens": 100, "completion_tokens": 10}
        handler.reply(200, json.dumps(body))

    return say


def status(code: int, message: str = "", **headers: str) -> Say:
    def say(handler: Handler, asked: dict[str, Any]) -> None:
        handler.reply(code, json.dumps({"error": {"message": message}}), headers)

    return say


def raw(body: str, code: int = 200) -> Say:
    return lambda handler, asked: handler.reply(code, body)


def refuse(why: str = "I cannot help with that") -> Say:
    body = {"choices": [{"message": {"content": None, "refusal": why}, "finish_reason": "stop"}]}
    return raw(json.dumps(body))


def hang(handler: Handler, asked: dict[str, Any]) -> None:
    """Say nothing until the server closes."""
    handler.server.over.wait(30.0)  # type: ignore[attr-defined]


def trickle(handler: Handler, asked: dict[str, Any]) -> None:
    """Send the header one byte at a time: no single wait is long."""
    over: threading.Event = handler.server.over  # type: ignore[attr-defined]
    for byte in b"HTTP/1.1 200 OK\r\nX-Slow: " + b"a" * 600:
        if over.wait(0.05):
            return
        try:
            handler.wfile.write(bytes([byte]))
            handler.wfile.flush()
        except OSError:
            return


def hang_up(handler: Handler, asked: dict[str, Any]) -> None:
    handler.connection.close()


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_POST(self) -> None:
        asked = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        script: Script = self.server.script  # type: ignore[attr-defined]
        with script.lock:
            number = len(script.requests)
            script.requests.append((self.path, dict(self.headers), asked))
            script.times.append(time.monotonic())
        say = script.replies[min(number, len(script.replies) - 1)]
        self.close_connection = True
        say(self, asked)

    def reply(self, code: int, body: str, headers: dict[str, str] | None = None) -> None:
        data = body.encode()
        self.send_response(code)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(data)))
        for name, value in (headers or {}).items():
            self.send_header(name.replace("_", "-"), value)
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, format: str, *args: Any) -> None:
        pass


@dataclass
class Script:
    """What the server says to the first, second, ... request; the last goes on for all further ones."""

    replies: list[Say]
    requests: list[tuple[str, dict[str, str], dict[str, Any]]] = field(default_factory=list)
    times: list[float] = field(default_factory=list)
    lock: threading.Lock = field(default_factory=threading.Lock)
    address: str = ""


@contextmanager
def chat_server(*replies: Say) -> Iterator[Script]:
    """Serve on a free port of 127.0.0.1 until left."""
    script = Script(list(replies))
    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    server.script, server.over = script, threading.Event()  # type: ignore[attr-defined]
    script.address = f"http://127.0.0.1:{server.server_address[1]}/v1"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield script
    finally:
        server.over.set()  # type: ignore[attr-defined]
        server.shutdown()
        server.server_close()
        thread.join(5.0)

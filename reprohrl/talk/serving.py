"""Runs the server: on the loopback unless told otherwise, until Ctrl-C; a drone that flies then is landed."""

from __future__ import annotations

import signal
import socket
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from types import FrameType

import uvicorn

from reprohrl.contracts.errors import UserError
from reprohrl.language.parsed import Parsed
from reprohrl.talk.flight import Pilot
from reprohrl.talk.guard import Guard, is_loopback
from reprohrl.talk.server import make_app
from reprohrl.talk.session import Session

START_S = 20.0
EVERYWHERE = ("0.0.0.0", "::")


def check_address(host: str, *, expose: bool) -> None:
    """Refuse an address that others reach, unless that is meant. Raises `UserError`."""
    if not expose and not is_loopback(host):
        raise UserError(
            f"others could fly the drone at {host}",
            why="the page has no password: whoever reaches it may fly",
            fix="leave --host out, or add --expose on a network you trust",
        )


def serve(
    pilot: Pilot, read: Callable[[str], Parsed], *, host: str, port: int, names: Sequence[str] = (),
    say: Callable[[str], None],
) -> int:  # fmt: skip
    """Serve until Ctrl-C or SIGTERM, then land; returns 0 when the drone is down, else 1."""
    session = Session(pilot, read)
    listening = _listen(host, port)
    server = _Server(session, Guard(_names(names)))
    say(f"open {address(listening, host)}   ({pilot.about}; Ctrl-C ends)")
    # The server gives the signals that ended it to whoever had them before: that must not end the landing.
    before = {n: signal.signal(n, _heard) for n in (signal.SIGINT, signal.SIGTERM)}
    try:
        server.run(sockets=[listening])
    finally:
        if session.busy:
            say("landing")
        down = session.close()
        if not down:
            say("the flight did not end in time")
        for number, handler in before.items():
            signal.signal(number, handler)
    return 0 if down else 1


@contextmanager
def serving(session: Session, *, names: Sequence[str] = ()) -> Iterator[str]:
    """Serve on a free port in a thread; gives the address. For tests and notebooks."""
    listening = _listen("127.0.0.1", 0)
    server = _Server(session, Guard(names))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]}, daemon=True)
    thread.start()
    end = time.monotonic() + START_S
    while not server.started:
        if time.monotonic() > end or not thread.is_alive():
            raise UserError("the page's server did not start")
        time.sleep(0.01)
    try:
        yield address(listening, "127.0.0.1")
    finally:
        session.close()
        server.should_exit = True
        thread.join(START_S)


def address(listening: socket.socket, host: str) -> str:
    port = listening.getsockname()[1]
    name = "127.0.0.1" if host in EVERYWHERE else host
    return f"http://[{name}]:{port}/" if ":" in name else f"http://{name}:{port}/"


def _names(names: Sequence[str]) -> list[str]:
    return [n for n in names if n not in EVERYWHERE]


class _Server(uvicorn.Server):
    """A server that tells the drone to land before it says goodbye to its pages."""

    def __init__(self, session: Session, guard: Guard) -> None:
        self._session = session
        super().__init__(
            uvicorn.Config(
                make_app(session, guard), log_level="warning", access_log=False, ws="websockets-sansio",
                lifespan="off", server_header=False, timeout_graceful_shutdown=2, ws_max_size=65536,
            )
        )  # fmt: skip

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        self._session.stop()
        super().handle_exit(sig, frame)


def _heard(number: int, frame: FrameType | None) -> None:
    """Take a signal that was obeyed already."""


def _listen(host: str, port: int) -> socket.socket:
    """Bind before anything is said, so that a taken port is told at once. Raises `UserError`."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listening = socket.socket(family, socket.SOCK_STREAM)
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listening.bind((host, port))
    except OSError as error:
        listening.close()
        raise UserError(
            f"port {port} of {host} cannot be used",
            why=str(error),
            fix="name another one: --port 0 takes any",
        ) from error
    return listening

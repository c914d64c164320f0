"""Opening and closing a cflib link with our own deadlines: cflib waits for ever and never resends on UDP."""

from __future__ import annotations

import logging
import os
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

from firmware_bridge.port_probe import RETRY_S, wait_for_port
from reprohrl.contracts.clock import Clock
from reprohrl.contracts.errors import LinkError

_LOG = logging.getLogger(__name__)
Progress = Callable[[str], None]
_DRIVER_FAILED = "Couldn't load link driver"
SILENCE_S = 5.0
"""A drone that is there sends its first packet well within this."""


def cache_folder() -> Path:
    """Where tables of contents are kept between connections: seconds instead of tens of seconds."""
    base = os.environ.get("XDG_CACHE_HOME") or str(Path.home() / ".cache")
    return Path(base) / "reprohrl" / "crazyflie"


class Attempt:
    """One try to connect. cflib's callbacks set its events."""

    def __init__(self, uri: str, cache: Path) -> None:
        import cflib.crtp
        from cflib.crazyflie import Crazyflie

        if not cflib.crtp.CLASSES:
            cflib.crtp.init_drivers()
        cache.mkdir(parents=True, exist_ok=True)
        self.uri = uri
        self.cf: Any = Crazyflie(rw_cache=str(cache))
        self.answered = threading.Event()
        self.tables = threading.Event()
        self.ready = threading.Event()
        self.ended = threading.Event()
        self.error = ""
        self.cf.link_established.add_callback(lambda _uri: self.answered.set())
        self.cf.connected.add_callback(lambda _uri: self.tables.set())
        self.cf.fully_connected.add_callback(lambda _uri: self._finish())
        self.cf.connection_failed.add_callback(lambda _uri, message: self._fail(message))
        self.cf.connection_lost.add_callback(lambda _uri, message: self._fail(message))
        self.cf.disconnected_link_error.add_callback(lambda _uri, message: self._fail(message))

    def run(self, timeout_s: float) -> bool:
        """Open the link; True once tables and parameter values are here."""
        log = logging.getLogger("cflib.crazyflie")
        log.addFilter(_not_reported_elsewhere)
        try:
            self.cf.open_link(self.uri)
            if self._answers(min(timeout_s, SILENCE_S)):
                self.ended.wait(timeout_s)
        finally:
            log.removeFilter(_not_reported_elsewhere)
        return self.ready.is_set() and not self.error

    def _answers(self, timeout_s: float) -> bool:
        """Wait for the first packet, or for cflib to give up."""
        for _ in range(max(1, round(timeout_s / 0.05))):
            if self.ended.wait(0.05) or self.answered.is_set():
                break
        return self.answered.is_set()

    def _finish(self) -> None:
        self.ready.set()
        self.ended.set()

    def _fail(self, message: str) -> None:
        self.error = self.error or message
        self.ended.set()

    def explain(self, timeout_s: float) -> LinkError:
        """Say what went wrong, at which stage, and what to do about it."""
        if "No driver found" in self.error:
            return LinkError(
                f"{self.uri!r} is not an address of a Crazyflie",
                why="no link driver takes it",
                fix="use radio://0/80/2M/E7E7E7E7E7, usb://0 or udp://127.0.0.1:19850",
            )
        if "Crazyradio" in self.error or "No radio" in self.error:
            return LinkError(
                f"no Crazyradio for {self.uri}",
                why="no dongle was found on USB",
                fix="plug it in; on Linux install Bitcraze's udev rules and log in again",
            )
        if not self.answered.is_set():
            return LinkError(
                f"nobody answers at {self.uri}",
                why=_reason(self.error) or f"no packet came back in {min(timeout_s, SILENCE_S):.0f} s",
                fix="switch the Crazyflie on, check channel and address, or start the virtual one: "
                "python -m firmware_bridge.virtual",
            )
        stage = "parameter values" if self.tables.is_set() else "table of contents"
        return LinkError(
            f"the connection to {self.uri} stalled in the {stage}",
            why=_reason(self.error)
            or f"not complete after {timeout_s:.0f} s; lost packets are not sent again",
            fix="move the drone closer or lower the load on the link, then try again",
        )


def _reason(message: str) -> str:
    """Return cflib's message as a phrase; it may be a traceback."""
    if "refused" in message.lower():
        return "the port is closed (connection refused)"
    first_line = message.strip().splitlines()[0] if message.strip() else ""
    return first_line.removeprefix(_DRIVER_FAILED).removeprefix(": ")


def _not_reported_elsewhere(record: logging.LogRecord) -> bool:
    """Filter: cflib logs tracebacks of what it also passes to `connection_failed`."""
    return not record.getMessage().startswith((_DRIVER_FAILED, "Got link error callback"))


def open_crazyflie(
    uri: str,
    *,
    clock: Clock,
    timeout_s: float,
    attempts: int,
    progress: Progress,
    cache: Path | None = None,
) -> Any:
    """Return a fully connected cflib `Crazyflie`.

    An attempt that stalls ends after its share of `timeout_s`, `timeout_s / attempts`; one that fails at once
    is repeated until the time is up, so a drone may be started after its pilot. Raises `LinkError` then.
    """
    share = timeout_s / max(1, attempts)
    deadline = clock.now() + timeout_s
    number = 0
    while True:
        number += 1
        wait_for_port(uri, clock=clock, deadline=deadline, progress=progress)
        progress(f"connecting to {uri}, attempt {number}")
        attempt = Attempt(uri, cache or cache_folder())
        started = clock.now()
        if attempt.run(share):
            progress(f"connected in {clock.now() - started:.1f} s")
            return attempt.cf
        error = attempt.explain(share)
        close_quietly(attempt.cf, timeout_s=0.3)  # its threads end on their own
        progress(str(error))
        hopeless = "is not an address" in error.what or "Crazyradio" in error.what
        if hopeless or clock.now() + 0.5 * share > deadline:
            raise error
        clock.sleep(RETRY_S)


def close_quietly(cf: Any, timeout_s: float = 3.0) -> None:
    """Close a link without the zero-thrust setpoint of `close_link`: it would drop a drone in flight.

    Runs in a thread of its own with a deadline, because cflib joins its threads without one.
    """
    cf.commander.send_setpoint = _ignore

    def close() -> None:
        try:
            cf.close_link()
        except Exception as error:  # cflib raises bare exceptions for sockets that are gone
            _LOG.debug("closing the link: %s", error)

    closer = threading.Thread(target=close, name="crazyflie-close", daemon=True)
    closer.start()
    closer.join(timeout_s)


def _ignore(*_args: object) -> None:
    """Stand in for `Commander.send_setpoint`."""

"""Opening and closing a cflib link with our own deadlines: cflib waits for ever and hardly resends."""

from __future__ import annotations

import logging
import os
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from firmware_bridge.handshake import Handshake
from firmware_bridge.link_errors import explain
from firmware_bridge.port_probe import RETRY_S, wait_for_port
from reprohrl.contracts.clock import Clock
from reprohrl.contracts.errors import LinkError

_LOG = logging.getLogger(__name__)
Progress = Callable[[str], None]
_NOISE = ("Couldn't load link driver", "Got link error callback", "No driver found")

SILENCE_S = 5.0
"""A drone that is there sends its first packet well within this."""

STALL_S = 3.0
"""A handshake that does not move on for this long has lost a packet: it is begun again."""

_GREET_S, _TELL_S, _POLL_S = 0.5, 2.0, 0.05

OLDEST_PROTOCOL, PROTOCOL = 4, 12
"""Older firmware has tables this software cannot read; PROTOCOL is what all of it is made for."""


def cache_folder() -> Path:
    """Where tables of contents are kept between connections: seconds instead of tens of seconds."""
    base = os.environ.get("XDG_CACHE_HOME") or str(Path.home() / ".cache")
    return Path(base) / "reprohrl" / "crazyflie"


class Attempt:
    """One try to connect. cflib's callbacks set its events."""

    def __init__(self, uri: str, cache: Path, progress: Progress = _LOG.info) -> None:
        from firmware_bridge import drivers
        from firmware_bridge.crazyflie import Crazyflie

        drivers.install()
        cache.mkdir(parents=True, exist_ok=True)
        self.uri, self._progress = uri, progress
        self.cf: Any = Crazyflie(rw_cache=str(cache))
        self.handshake = Handshake(self.cf)
        self.tables = threading.Event()
        self.ready = threading.Event()
        self.ended = threading.Event()
        self.error = ""
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
            self._wait(timeout_s)
        finally:
            log.removeFilter(_not_reported_elsewhere)
        return self.ready.is_set() and not self.error

    @property
    def answered(self) -> bool:
        return self.handshake.packets > 0

    def explain(self, timeout_s: float) -> LinkError:
        """Say what went wrong, at which stage, and what to do about it."""
        quiet = min(timeout_s, self.handshake.quiet_s)
        return explain(self.uri, self.error, self.handshake.stage if self.answered else "", quiet)

    def _wait(self, timeout_s: float) -> None:
        """Wait for the end, the deadline or a stall; greet again meanwhile, tell how far it is."""
        began = greeted = told = time.monotonic()
        while not self.ended.wait(_POLL_S):
            now = time.monotonic()
            if now - began > timeout_s or self.handshake.quiet_s > (STALL_S if self.answered else SILENCE_S):
                return
            if not self.answered and now - greeted > _GREET_S:
                greeted = now
                self._greet()
            if now - told > _TELL_S:
                told = now
                self._progress(f"connecting to {self.uri}: {self.handshake.stage}")

    def _greet(self) -> None:
        """Ask again for the first packet: cflib asks once, on every link."""
        if self.cf.link is not None:
            self.cf.platform._request_protocol_version()

    def _finish(self) -> None:
        self.ready.set()
        self.ended.set()

    def _fail(self, message: str) -> None:
        self.error = self.error or message
        self.ended.set()


def _not_reported_elsewhere(record: logging.LogRecord) -> bool:
    """Filter: cflib logs tracebacks of what it also passes to `connection_failed`."""
    return not record.getMessage().startswith(_NOISE)


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

    An attempt that stalls is repeated, at most `attempts` times; one that fails at once is repeated until
    the time is up, so a drone may be started after its pilot. Raises `LinkError` then.
    """
    deadline = clock.now() + timeout_s
    stalls = number = 0
    while True:
        number += 1
        wait_for_port(uri, clock=clock, deadline=deadline, progress=progress)
        progress(f"connecting to {uri}, attempt {number}")
        attempt = Attempt(uri, cache or cache_folder(), progress)
        started = clock.now()
        left = max(0.5, deadline - started)
        if attempt.run(left):
            progress(f"connected in {clock.now() - started:.1f} s")
            _check_version(attempt.cf, uri, progress)
            return attempt.cf
        error = attempt.explain(left)
        close_quietly(attempt.cf, timeout_s=0.3)  # its threads end on their own
        progress(str(error))
        stalls += not attempt.error
        if error.hopeless or stalls >= attempts or clock.now() + RETRY_S >= deadline:
            raise error
        clock.sleep(RETRY_S)


def _check_version(cf: Any, uri: str, progress: Progress) -> None:
    """Refuse what cannot be flown; say what an older firmware will lack."""
    version = cf.platform.get_protocol_version()
    if 0 <= version < OLDEST_PROTOCOL:
        close_quietly(cf)
        raise LinkError(
            f"the drone at {uri} speaks protocol {version}",
            why=f"this software needs {OLDEST_PROTOCOL} or newer",
            fix="update its firmware with cfclient's bootloader dialog",
        )
    if version < PROTOCOL:
        import warnings

        warnings.filterwarnings("ignore", message="(The supervisor subsystem requires|Using legacy TYPE_)")
        progress(
            f"protocol {version}: older than {PROTOCOL}, flown with its legacy commands; "
            "update the firmware when you can"
        )


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

"""Brings the log blocks back: the firmware drops them when it hears nothing from the host for a second."""

from __future__ import annotations

import logging
import threading
from typing import Any

from firmware_bridge.telemetry import Telemetry
from reprohrl.contracts.errors import LinkError

_LOG = logging.getLogger(__name__)
ECHOES = 4
"""cflib pings ten times a second; so many answers in a row without log data between: the blocks are gone."""

SETTLE_S = 2.0
"""A slow link needs this long to answer; asking again sooner would undo what was started."""

_LINK_PORT, _ECHO_CHANNEL = 15, 0


class LogKeeper:
    """A thread that restarts the log blocks of `telemetry` when the drone answers pings but logs nothing.

    Counting answers, not seconds, tells a drone that stopped logging from a host that is slow to listen.
    """

    def __init__(self, cf: Any, telemetry: Telemetry) -> None:
        self._cf, self._telemetry = cf, telemetry
        self.restarts = 0
        self._echoes, self._log_count = 0, telemetry.packets
        self._gone = threading.Event()
        self._stop = threading.Event()
        cf.add_header_callback(self._on_echo, _LINK_PORT, _ECHO_CHANNEL)
        self._thread = threading.Thread(target=self._run, name="crazyflie-log-keeper", daemon=True)
        self._thread.start()

    def close(self) -> None:
        self._stop.set()
        self._gone.set()
        self._thread.join(timeout=1.0)

    def _on_echo(self, _packet: object) -> None:
        """Called in cflib's thread, where packets are in the order of their arrival."""
        count = self._telemetry.packets
        self._echoes = self._echoes + 1 if count == self._log_count else 0
        self._log_count = count
        if self._echoes >= ECHOES:
            self._gone.set()

    def _run(self) -> None:
        while True:
            self._gone.wait()
            if self._stop.is_set():
                return
            self.restarts += 1
            _LOG.warning("the drone answers but logs nothing: starting the log blocks again")
            try:
                self._cf.log.reset()
                self._telemetry.start(self._cf)
            except (LinkError, AttributeError, KeyError) as error:  # the link was closed meanwhile
                _LOG.warning("the log blocks did not start: %s", error)
            self._stop.wait(SETTLE_S)
            self._echoes = 0
            self._gone.clear()
            if self._stop.is_set():
                return

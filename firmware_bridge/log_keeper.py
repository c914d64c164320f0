"""Brings the log blocks back: the firmware drops them when it hears nothing from the host for a second."""

from __future__ import annotations

import logging
import threading
from typing import Any

from firmware_bridge.telemetry import Telemetry
from reprohrl.contracts.errors import LinkError

_LOG = logging.getLogger(__name__)
SILENT_S = 0.6
CHECK_S = 0.1
SETTLE_S = 2.0
"""A slow link needs this long to answer; asking again sooner would undo what was started."""


class LogKeeper:
    """A thread that restarts the log blocks of `telemetry` when no packet came for `SILENT_S`."""

    def __init__(self, cf: Any, telemetry: Telemetry) -> None:
        self._cf, self._telemetry = cf, telemetry
        self.restarts = 0
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="crazyflie-log-keeper", daemon=True)
        self._thread.start()

    def close(self) -> None:
        self._stop.set()
        self._thread.join(timeout=1.0)

    def _run(self) -> None:
        while not self._stop.wait(CHECK_S):
            if self._telemetry.age_s < SILENT_S:
                continue
            self.restarts += 1
            _LOG.warning("no log data for %.1f s: starting the log blocks again", self._telemetry.age_s)
            try:
                self._cf.log.reset()
                self._telemetry.start(self._cf)
            except (LinkError, AttributeError, KeyError) as error:  # the link was closed meanwhile
                _LOG.warning("the log blocks did not start: %s", error)
            self._stop.wait(SETTLE_S)

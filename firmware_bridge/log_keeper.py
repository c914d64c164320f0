"""Brings the log blocks back: the firmware drops them when it hears nothing from the host for a second."""

from __future__ import annotations

import logging
from typing import Any

from firmware_bridge.repeating import Repeating
from firmware_bridge.telemetry import Telemetry
from reprohrl.contracts.clock import Clock
from reprohrl.contracts.errors import LinkError

_LOG = logging.getLogger(__name__)
ECHOES = 4
"""Of ten pings a second; so many answers in a row without log data between them: the blocks are gone."""

SETTLE_S = 2.0
"""A slow link needs this long to answer; asking again sooner would undo what was started."""

_CHECK_S = 0.1


class LogKeeper:
    """Restarts the log blocks of `telemetry` when the drone answers pings but logs nothing.

    Counting answers, not seconds, tells a drone that stopped logging from a host that is slow to listen.
    """

    def __init__(self, cf: Any, telemetry: Telemetry, clock: Clock) -> None:
        self._cf, self._telemetry, self._clock = cf, telemetry, clock
        self.restarts = 0
        self._echoes, self._log_count = 0, telemetry.packets
        self._settled_at = clock.now()
        self._repeating = Repeating("crazyflie-log-keeper", _CHECK_S, self._check, clock)

    def close(self) -> None:
        self._repeating.close()

    def answered(self) -> None:
        """Note a ping's answer. Called in cflib's thread, where packets are in the order of their arrival."""
        count = self._telemetry.packets
        self._echoes = self._echoes + 1 if count == self._log_count else 0
        self._log_count = count

    def _check(self) -> None:
        if self._echoes < ECHOES or self._clock.now() < self._settled_at:
            return
        self.restarts += 1
        _LOG.warning("the drone answers but logs nothing: starting the log blocks again")
        try:
            self._cf.log.reset()
            self._telemetry.start(self._cf)
        except (LinkError, AttributeError, KeyError) as error:  # the link was closed meanwhile
            _LOG.warning("the log blocks did not start: %s", error)
        self._settled_at = self._clock.now() + SETTLE_S
        self._echoes = 0

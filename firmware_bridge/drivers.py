"""Our link drivers in cflib's list, before its own: the other URIs are cflib's business."""

from __future__ import annotations

import re
from typing import Any

import cflib.crtp
from cflib.crtp import radiodriver
from cflib.crtp.exceptions import WrongUriType
from cflib.crtp.udpdriver import UdpDriver

from firmware_bridge.cpx_driver import CpxDriver

RADIO_RETRIES = 1000
"""Unanswered packets before cflib gives a radio link up, some 3 s: longer than the firmware waits for a
setpoint, so a shorter silence ends where it began. cflib's own 100 are over in a third of a second."""


class ResendingUdpDriver(UdpDriver):  # type: ignore[misc]
    """cflib's UDP driver, but requests without an answer are sent again: a lost one would hang a connect."""

    def connect(self, uri: str, statistics: Any, error: Any) -> None:
        if not re.search("^udp://", uri):
            raise WrongUriType("not a udp:// URI")
        super().connect(uri, statistics, error)
        self.needs_resending = True


def install() -> None:
    """Initialise cflib's drivers and put ours before them; does nothing the second time."""
    if not cflib.crtp.CLASSES:
        cflib.crtp.init_drivers()
    for ours in (ResendingUdpDriver, CpxDriver):
        if ours not in cflib.crtp.CLASSES:
            cflib.crtp.CLASSES.insert(0, ours)
    radiodriver.set_retries_before_disconnect(RADIO_RETRIES)

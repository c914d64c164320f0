"""Log blocks are restarted when the drone dropped them, not when this host was slow."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import pytest

from firmware_bridge.log_keeper import ECHOES, LogKeeper


class Drone:
    """Counts restarts; `hear` plays packets in the order they arrived: "l" log data, "e" ping answers."""

    def __init__(self) -> None:
        self.packets = 0
        self.resets = 0
        self.log = self
        self._echo: Callable[[object], None] = lambda _packet: None

    def add_header_callback(self, callback: Callable[[object], None], port: int, channel: int) -> None:
        assert (port, channel) == (15, 0)
        self._echo = callback

    def reset(self) -> None:
        self.resets += 1

    def start(self, cf: Any) -> None:
        assert cf is self

    def hear(self, packets: str) -> None:
        for packet in packets:
            if packet == "l":
                self.packets += 1
            else:
                self._echo(None)


@pytest.mark.parametrize(
    ("packets", "restarts"),
    [("llle" * 20, 0), ("l" + "e" * ECHOES + "l", 0), ("l" + "e" * (ECHOES + 1), 1), ("eeel" * 20, 0)],
)
def test_only_answers_without_log_data_between_them_count(packets: str, restarts: int) -> None:
    drone = Drone()
    keeper = LogKeeper(drone, drone)  # type: ignore[arg-type]
    drone.hear(packets)
    end = time.monotonic() + (2.0 if restarts else 0.1)
    while time.monotonic() < end and drone.resets < max(restarts, 1):
        time.sleep(0.01)
    keeper.close()
    assert drone.resets == restarts

"""Log blocks are restarted when the drone dropped them, not when this host was slow."""

from __future__ import annotations

from typing import Any

import pytest

from firmware_bridge.lockstep.clock import SteppedClock
from firmware_bridge.log_keeper import ECHOES, SETTLE_S, LogKeeper


class Drone:
    """Counts restarts; `hear` plays packets in the order they arrived: "l" log data, "e" ping answers."""

    def __init__(self) -> None:
        self.packets = 0
        self.resets = 0
        self.log = self

    def reset(self) -> None:
        self.resets += 1

    def start(self, cf: Any) -> None:
        assert cf is self

    def hear(self, packets: str, keeper: LogKeeper) -> None:
        for packet in packets:
            if packet == "l":
                self.packets += 1
            else:
                keeper.answered()


@pytest.mark.parametrize(
    ("packets", "restarts"),
    [("llle" * 20, 0), ("l" + "e" * ECHOES + "l", 0), ("l" + "e" * (ECHOES + 1), 1), ("eeel" * 20, 0)],
)
def test_only_answers_without_log_data_between_them_count(packets: str, restarts: int) -> None:
    drone = Drone()
    clock = SteppedClock(lambda _dt: None, lambda: None)
    keeper = LogKeeper(drone, drone, clock)  # type: ignore[arg-type]
    drone.hear(packets, keeper)
    if packets.endswith("el"):
        drone.hear("e", keeper)  # log data came: the count begins again
    clock.sleep(0.5)
    assert drone.resets == keeper.restarts == restarts
    drone.hear("e" * ECHOES * 2, keeper)
    clock.sleep(SETTLE_S / 2)
    assert drone.resets == max(restarts, 1)  # what was just started is given time
    keeper.close()

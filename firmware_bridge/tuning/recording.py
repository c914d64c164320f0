"""Recording a turning drone: what was sent, what the state said, what the camera saw."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from firmware_bridge.tuning.vision import turn_between
from reprohrl.contracts.clock import Clock
from reprohrl.contracts.command import HOVER, VelocityCommand
from reprohrl.contracts.drone import Camera, Drone, Frame

TURN_RADPS = 0.6
SECONDS = 12.0
_HOLDS_S = (0.8, 0.8, 1.2, 1.2, 0.6, 0.6, 1.0, 1.0)
"""How long each way: uneven, so that only one delay fits."""

_POLL_S = 0.02
_SEND_S = 0.05


@dataclass(slots=True)
class Recording:
    """Rows of time [s] and value; stamps are times of arrival on one clock."""

    sent: list[tuple[float, float]] = field(default_factory=list)
    yaw: list[tuple[float, float]] = field(default_factory=list)
    seen: list[tuple[float, float, float]] = field(default_factory=list)
    arrivals: list[float] = field(default_factory=list)

    def arrays(self) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:
        """Return sent (N, 2), yaw (M, 2), seen (K, 3)."""
        return (
            np.array(self.sent, np.float64).reshape(-1, 2), np.array(self.yaw, np.float64).reshape(-1, 2),
            np.array(self.seen, np.float64).reshape(-1, 3),
        )  # fmt: skip


def turns() -> Callable[[float], float]:
    """Return a function of the time since the start [s]: the yaw rate to fly then [rad/s]."""
    edges = list(itertools.accumulate(_HOLDS_S))

    def rate(t: float) -> float:
        t %= edges[-1]
        return TURN_RADPS * (1 if sum(t >= e for e in edges) % 2 == 0 else -1)

    return rate


def record(
    drone: Drone, camera: Camera | None, clock: Clock, *, seconds: float = SECONDS, fly: bool = False
) -> Recording:
    """Record for `seconds`; with `fly` a hovering drone is turned to and fro, otherwise somebody turns it.

    The camera's stamps must be those of arrival.
    """
    found, plan = Recording(), turns()
    began = sent_at = clock.now()
    before: Frame | None = None
    while (t := clock.now() - began) < seconds:
        if fly:
            wanted = plan(t)
            if not found.sent or found.sent[-1][1] != wanted or clock.now() - sent_at >= _SEND_S:
                sent_at = clock.now()
                drone.send(VelocityCommand(yaw_rate=wanted, stamp=sent_at))
                if not found.sent or found.sent[-1][1] != wanted:
                    found.sent.append((sent_at, wanted))
        state = drone.state()
        if not found.yaw or state.stamp > found.yaw[-1][0]:
            found.yaw.append((state.stamp, state.yaw))
        if camera is None:
            clock.sleep(_POLL_S)
            continue
        frame = camera.read(_POLL_S)
        if frame is not None:
            found.arrivals.append(frame.stamp)
            if before is not None and (turn := turn_between(before.pixels, frame.pixels)) is not None:
                found.seen.append((before.stamp, frame.stamp, turn))
            before = frame
    if fly:
        drone.send(HOVER)
    return found

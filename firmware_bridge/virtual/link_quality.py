"""`LinkQuality` and `DelayLine`: latency, jitter and loss between the host and the virtual Crazyflie."""

from __future__ import annotations

import random
from collections import deque
from dataclasses import dataclass
from typing import Generic, TypeVar

from firmware_bridge.virtual.crtp import Packet, Port

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class LinkQuality:
    """Of each direction. Only setpoints and log data are ever lost: cflib does not send again over UDP.

    latency_s, jitter_s   one way: latency plus or minus at most jitter, packets stay in order [s]
    loss                  share of setpoints (ports 3 and 7) and of log data packets, in [0, 1]
    seed                  the n-th setpoint and the n-th log packet share their fate in every run
    """

    latency_s: float = 0.0
    jitter_s: float = 0.0
    loss: float = 0.0
    seed: int = 0

    def __post_init__(self) -> None:
        for name in ("latency_s", "jitter_s"):
            value = getattr(self, name)
            if not 0.0 <= value <= 5.0:
                raise ValueError(f"{name} is {value}; give 0 to 5 s")
        if not 0.0 <= self.loss <= 1.0:
            raise ValueError(f"loss is {self.loss}; give a share between 0 and 1")

    @property
    def delays(self) -> bool:
        return self.latency_s > 0 or self.jitter_s > 0


def may_be_lost(packet: Packet) -> bool:
    """True for setpoints and log data, whose loss a host survives."""
    if packet.port in (Port.COMMANDER, Port.COMMANDER_GENERIC):
        return packet.channel == 0
    return packet.port == Port.LOG and packet.channel == 2


class DelayLine(Generic[T]):
    """One direction of a link. Not thread-safe: the server's lock guards it."""

    def __init__(self, quality: LinkQuality, stream: int) -> None:
        """`stream` tells the random numbers of several directions apart."""
        self.quality = quality
        self._fate = random.Random(f"{quality.seed}/{stream}/loss")
        self._spread = random.Random(f"{quality.seed}/{stream}/jitter")
        self._waiting: deque[tuple[float, T]] = deque()
        self.lost = 0

    def __len__(self) -> int:
        return len(self._waiting)

    def put(self, packet: Packet, item: T, now: float) -> None:
        """Take `item` at time `now` [s], or lose it."""
        q = self.quality
        if q.loss > 0 and may_be_lost(packet) and self._fate.random() < q.loss:
            self.lost += 1
            return
        due = now + max(0.0, q.latency_s + self._spread.uniform(-q.jitter_s, q.jitter_s))
        if self._waiting:
            due = max(due, self._waiting[-1][0])
        self._waiting.append((due, item))

    def due(self, now: float) -> list[T]:
        """Take out, in order, what has arrived by `now` [s]."""
        out: list[T] = []
        while self._waiting and self._waiting[0][0] <= now + 1e-9:
            out.append(self._waiting.popleft()[1])
        return out

    @property
    def next_s(self) -> float | None:
        """When the next item arrives; None when nothing waits."""
        return self._waiting[0][0] if self._waiting else None

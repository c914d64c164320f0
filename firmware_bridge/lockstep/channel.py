"""What a radio does to packets, in simulated time: delay, jitter, loss, silence."""

from __future__ import annotations

import heapq
import itertools
import random
from dataclasses import dataclass

from firmware_bridge.monitor import OURS
from firmware_bridge.virtual.crtp import Packet, Port
from firmware_bridge.virtual.ports.log import DATA as LOG_DATA

_FLIGHT_PORTS = frozenset(
    {Port.COMMANDER, Port.LOCALIZATION, Port.COMMANDER_GENERIC, Port.HIGH_LEVEL, Port.SUPERVISOR}
)


@dataclass(frozen=True, slots=True)
class LinkProfile:
    """One way: `latency_s` +- `jitter_s` (uniform), and the share of packets that are lost.

    Only what flies the drone is delayed and lost: setpoints, commands, pings and log data. The handshake of
    a connection is not, for on a real radio it is sent again until it is answered.
    """

    latency_s: float = 0.0
    jitter_s: float = 0.0
    loss: float = 0.0


PERFECT = LinkProfile()
RADIO = LinkProfile(0.010, 0.005, 0.005)


class Channel:
    """One direction of a link. `cut` makes it silent: whatever is sent is gone."""

    def __init__(self, profile: LinkProfile, seed: int) -> None:
        self.profile, self.cut = profile, False
        self.sent = self.lost = 0
        self._random = random.Random(seed)
        self._order = itertools.count()
        self._waiting: list[tuple[float, int, Packet]] = []
        self._newest_due = 0.0

    def offer(self, packet: Packet, now: float) -> bool:
        """Take a packet at `now` [s]; True when it is to be delivered at once instead."""
        self.sent += 1
        if self.cut:
            self.lost += 1
            return False
        p = self.profile
        if not in_flight(packet) or p == PERFECT:
            return True
        if self._random.random() < p.loss:
            self.lost += 1
            return False
        due = now + max(0.0, p.latency_s + p.jitter_s * self._random.uniform(-1.0, 1.0))
        self._newest_due = max(self._newest_due, due)  # a radio delays, it does not overtake
        heapq.heappush(self._waiting, (self._newest_due, next(self._order), packet))
        return False

    def due(self, now: float) -> list[Packet]:
        """Return what has arrived by `now`, in order."""
        out = []
        while self._waiting and self._waiting[0][0] <= now + 1e-9:
            out.append(heapq.heappop(self._waiting)[2])
        return [] if self.cut else out


def in_flight(packet: Packet) -> bool:
    """True for packets of the flight, False for those of a handshake.

    cflib's own pings are none: a thread sends them by the wall clock until the bridge sends its own, and the
    fate of a flight must not depend on how many that were.
    """
    if packet.port == Port.LOG:
        return packet.channel == LOG_DATA
    if packet.port == Port.LINK:
        return packet.channel == 0 and packet.data[:1] == bytes([OURS])
    return packet.port in _FLIGHT_PORTS

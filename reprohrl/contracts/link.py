"""How a drone's link does, and what the drone says besides its state."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol, runtime_checkable


@dataclass(frozen=True, slots=True)
class LinkStatistics:
    """Measured since the connection, or over the last seconds where it says so.

    latency_median_s, latency_p95_s   there and back, of the last 100 pings; 0 before the first answer
    ping_loss     share of pings never answered
    rssi_dbm      signal strength; 0 where the link has none
    quality       [0, 1], of the radio's acknowledgements; 1 for other links
    up_hz, down_hz      packets per second over the last second
    setpoint_hz   setpoints per second while streaming; with their jitter (95th percentile, largest) [s]
    restarts      how often log blocks had to be started again
    """

    latency_median_s: float = 0.0
    latency_p95_s: float = 0.0
    ping_loss: float = 0.0
    rssi_dbm: float = 0.0
    quality: float = 1.0
    up_hz: float = 0.0
    down_hz: float = 0.0
    setpoint_hz: float = 0.0
    setpoint_jitter_p95_s: float = 0.0
    setpoint_jitter_max_s: float = 0.0
    restarts: int = 0

    def __str__(self) -> str:
        parts = [
            f"latency {1e3 * self.latency_median_s:.1f} ms, p95 {1e3 * self.latency_p95_s:.1f} ms",
            f"{100 * self.ping_loss:.1f} % of pings lost",
            f"up {self.up_hz:.0f}/s, down {self.down_hz:.0f}/s",
        ]
        if self.rssi_dbm:
            parts.append(f"{self.rssi_dbm:.0f} dBm, quality {100 * self.quality:.0f} %")
        if self.setpoint_hz:
            parts.append(
                f"setpoints {self.setpoint_hz:.1f} Hz, jitter p95 {1e3 * self.setpoint_jitter_p95_s:.1f} ms, "
                f"max {1e3 * self.setpoint_jitter_max_s:.0f} ms"
            )
        if self.restarts:
            parts.append(f"log blocks restarted {self.restarts} times")
        return ", ".join(parts)


@dataclass(frozen=True, slots=True)
class DroneNote:
    """Something the drone said or did by itself. `kind` is console, failsafe or link; `stamp` [s]."""

    stamp: float
    kind: str
    text: str


@runtime_checkable
class Talkative(Protocol):
    """A drone with news for the flight log, and with failsafes of its own."""

    @property
    def failsafe(self) -> str:
        """Why it lands, or stopped, by itself; empty while it does what it is told."""
        ...

    def notes(self) -> list[DroneNote]:
        """Return what is new since the last call."""
        ...

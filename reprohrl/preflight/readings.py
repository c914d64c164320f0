"""What was measured on a connected drone and its camera."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from reprohrl.contracts.link import LinkStatistics

Variances = tuple[float, float, float]


@dataclass(frozen=True, slots=True)
class DroneReadings:
    """One look of `seconds` at a drone that stands or is held.

    protocol      of CRTP; negative where the drone does not say
    firmware      revision as the drone tells it, "" where it does not
    decks         name to present
    supervisor    bits of `supervisor.info`; None where nothing is logged
    variances     samples of the estimator's velocity variances [(m/s)^2]; () where they are not logged
    parameters    name to value; None where the drone has no such parameter
    log_rate_hz   states per second
    state_age_s   of the newest state at the end
    """

    uri: str
    seconds: float
    protocol: int
    firmware: str
    decks: Mapping[str, bool]
    link: LinkStatistics
    battery_v: float
    supervisor: int | None
    variances: tuple[Variances, ...]
    parameters: Mapping[str, float | None]
    log_rate_hz: float
    state_age_s: float
    console: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class CameraReadings:
    """The camera's stream over the same seconds; units as in its health. `size` is (width, height) [px]."""

    address: str
    frames: int
    fps: float
    age_s: float
    gap_s: float
    damaged: int
    missed: int
    reconnects: int
    size: tuple[int, int] = (0, 0)
    trouble: str = ""

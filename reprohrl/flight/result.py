"""How a flight ended."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from enum import StrEnum

from reprohrl.contracts.drone import Frame
from reprohrl.contracts.mission import MissionPhase, MissionStatus
from reprohrl.flight.log import FlightLog, TruthRow
from reprohrl.flight.pipeline import Step
from reprohrl.safety.conditions import Verdict


class Ending(StrEnum):
    """Why the loop was left; every one of them ends on the ground."""

    MISSION_ENDED = "mission ended"
    SUPERVISOR = "ended by the supervisor"
    TIME_LIMIT = "time limit of the flight"
    STOPPED = "stopped by an observer"
    INTERRUPTED = "interrupted"
    ERROR = "error"


@dataclass(frozen=True, slots=True)
class Tick:
    """What observers see of each turn of the loop; frame and step are None when no frame came.

    `log` is the flight's so far; its last row is this tick's.
    """

    now: float
    frame: Frame | None
    step: Step | None
    verdict: Verdict
    truth: TruthRow | None = None
    log: FlightLog | None = None


Observer = Callable[[Tick], str | None]
"""Called once per tick; a returned sentence ends the flight with it as the reason."""


@dataclass(slots=True)
class FlightResult:
    """`success` is the on-board judgement; a simulated flight's truth is `evaluation.judge`'s business."""

    ending: Ending
    reason: str
    log: FlightLog
    status: MissionStatus | None = None
    duration_s: float = 0.0  # from the end of take-off to the decision to land
    problems: list[str] = field(default_factory=list)  # while landing

    @property
    def success(self) -> bool:
        return self.status is not None and self.status.phase is MissionPhase.SUCCEEDED

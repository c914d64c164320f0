"""`replay`: the recorded frames and states of a flight through today's stages."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from reprohrl.contracts.command import VelocityCommand
from reprohrl.contracts.detection import Detections
from reprohrl.contracts.drone import Frame
from reprohrl.contracts.errors import UserError
from reprohrl.contracts.features import ObjectFeatures
from reprohrl.contracts.mission import MissionPhase, MissionStatus, Option
from reprohrl.contracts.navigator import Navigator
from reprohrl.contracts.planner import Planner
from reprohrl.flight.log import FlightLog, LogRow
from reprohrl.flight.pipeline import Detector, Tracker
from reprohrl.mission.keeper import Keeper
from reprohrl.mission.ordered import report_option
from reprohrl.mission.tracker import MissionTracker
from reprohrl.replay import differences as diff
from reprohrl.replay.differences import STAGES, Difference, Tolerance
from reprohrl.safety.supervisor import Supervisor


@dataclass(slots=True)
class Stack:
    """The stages a recording is played to; a stage that is None is left out."""

    tracker: Tracker
    detector: Detector | None = None
    planner: Planner | None = None
    navigator: Navigator | None = None
    supervisor: Supervisor | None = None
    seed: int = 0


@dataclass(slots=True)
class Replayed:
    """`compared` counts the answers per stage; `rows` are the recording's with today's answers."""

    differences: list[Difference] = field(default_factory=list)
    compared: dict[str, int] = field(default_factory=lambda: dict.fromkeys(STAGES, 0))
    rows: list[LogRow] = field(default_factory=list)

    def of(self, stage: str) -> list[Difference]:
        return [d for d in self.differences if d.stage == stage]


def replay(
    log: FlightLog,
    stack: Stack,
    *,
    chained: bool = False,
    tolerance: Tolerance | None = None,
    progress: Callable[[int], None] = lambda row: None,
) -> Replayed:
    """Play the whole log and return what differs.

    Each stage hears what was recorded of the stage before it, so a difference belongs to the stage that
    is named; `chained`: what today's stage before it answers, so a difference is what the drone would
    have done otherwise. The tracker's features are not recorded: they are always today's.
    Raises `UserError` for a log that shows no frame.
    """
    if not any(_answered(row) for row in log.rows):
        raise UserError(
            "this recording holds no answered frame", why=log.outcome or "no frame came", fix="replay another"
        )
    player = _Player(stack, chained, tolerance or Tolerance())
    for number, row in enumerate(log.rows):
        player.play(row)
        progress(number + 1)
    return player.result


class _Player:
    def __init__(self, stack: Stack, chained: bool, limit: Tolerance) -> None:
        self.stack, self.chained, self.limit = stack, chained, limit
        self.result = Replayed()
        self._mission: MissionTracker | None = None
        self._elapsed_s = 0.0
        self._keeper = Keeper()
        self._frame_stamp: float | None = None
        self._option: Option | None = None
        stack.tracker.reset()
        if stack.supervisor is not None:
            stack.supervisor.reset()

    def play(self, row: LogRow) -> None:
        new = row
        if _answered(row):
            self._frame_stamp = row.stamp
            seen = self._detect(row)
            features = self.stack.tracker.update(seen if self.chained else row.detections, row.state)
            status = self._judge(row, features)
            option = self._plan(row, features, status if self.chained else row.status)
            command = self._navigate(row, features, option if self.chained else row.option)
            new = replace(row, detections=seen, status=status, option=option, command=command)
        new = self._supervise(row, new)
        self.result.rows.append(new)

    def _detect(self, row: LogRow) -> Detections:
        if self.stack.detector is None or not row.jpeg:
            return row.detections
        seen = self.stack.detector.detect(Frame(decode_frame(row.jpeg), row.stamp))
        self._note("detector", diff.of_detections(row.stamp, row.detections, seen, self.limit))
        return seen

    def _judge(self, row: LogRow, features: ObjectFeatures) -> MissionStatus | None:
        """Judge as today; the operator pauses, resumes and cancels as he did then."""
        old = row.status
        if old is None:
            return None
        if self._mission is None or self._is_another(old):
            self._begin(old)
        mission = self._mission
        if mission is None:
            return None
        mission.pause(old.phase is MissionPhase.PAUSED)
        if old.phase is MissionPhase.CANCELLED:
            mission.cancel(old.reason)
        new = mission.update(features)
        self._note("mission", diff.of_status(row.stamp, old, new, self.limit))
        return new

    def _is_another(self, old: MissionStatus) -> bool:
        """Tell whether a recorded status is of another mission than the one being judged.

        One in words is written out while it is flown: only its clock tells it from the next.
        """
        if self._mission is None or old.mission.plain:
            return self._mission is None or self._mission.mission != old.mission
        began, self._elapsed_s = old.elapsed_s < self._elapsed_s, old.elapsed_s
        return began or self._mission.mission.plain

    def _begin(self, status: MissionStatus) -> None:
        self._mission, self._option = MissionTracker(status.mission), None
        self._keeper.reset()
        for policy in (self.stack.planner, self.stack.navigator):
            if policy is not None:
                policy.reset(seed=self.stack.seed)

    def _plan(self, row: LogRow, features: ObjectFeatures, status: MissionStatus | None) -> Option | None:
        """Decide on the frames on which it was decided then."""
        old = row.option
        if self.stack.planner is None or status is None or old is None:
            return old
        if self._option is None or abs(old.stamp - row.stamp) < 1e-6:
            self._option = self.stack.planner.decide(features, status)
            self._note("goal_selector", diff.of_option(row.stamp, old, self._option, self.limit))
        heard = self._option if self.chained else old
        if self._mission is not None:
            report_option(self._mission, heard, status)
        return self._option

    def _navigate(
        self, row: LogRow, features: ObjectFeatures, option: Option | None
    ) -> VelocityCommand | None:
        old = row.command
        if self.stack.navigator is None or old is None or option is None or row.status is None:
            return old
        new = self.stack.navigator.act(features, option)
        avoid = row.status.mission.avoid
        new = self._keeper.limit(new, features, row.detections, avoid)
        self._note("navigator", diff.of_command(row.stamp, "navigator", old, new, self.limit))
        return new

    def _supervise(self, row: LogRow, new: LogRow) -> LogRow:
        if self.stack.supervisor is None:
            return new
        command = new.command if self.chained else row.command
        verdict = self.stack.supervisor.check(row.stamp, command, row.state, self._frame_stamp)
        found = [
            *diff.of_reaction(row.stamp, row.reaction, verdict.reaction.word),
            *diff.of_command(row.stamp, "supervisor", row.supervised, verdict.command, self.limit),
        ]
        self._note("supervisor", found)
        return replace(new, supervised=verdict.command, reaction=verdict.reaction.word)

    def _note(self, stage: str, found: Iterable[Difference] | Iterator[Difference]) -> None:
        self.result.compared[stage] += 1
        self.result.differences.extend(found)


def _answered(row: LogRow) -> bool:
    """Tell whether the row has a frame that a stage answered."""
    return bool(row.command is not None or row.detections.items or row.jpeg)


def decode_frame(data: bytes) -> NDArray[np.uint8]:
    """Return a recorded picture as (H, W) grey or (H, W, 3) RGB. Raises `UserError` for a broken one."""
    import cv2

    image = cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_UNCHANGED)
    if image is None:
        raise UserError("a recorded picture cannot be decoded", why=f"its {len(data)} bytes are no image")
    picture = np.asarray(image, np.uint8)
    return picture if picture.ndim == 2 else np.ascontiguousarray(picture[..., ::-1])

"""`FlightLog`: what a flight leaves behind, one row per camera frame. Reports are made from it alone."""

from __future__ import annotations

import platform
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from importlib import metadata
from typing import Any

import numpy as np
from numpy.typing import NDArray

import reprohrl
from reprohrl.contracts.command import HOVER, VelocityCommand
from reprohrl.contracts.detection import Detections
from reprohrl.contracts.mission import MissionPhase, MissionStatus, Option
from reprohrl.contracts.state import DroneState
from reprohrl.contracts.view import NavigatorView
from reprohrl.language.telling import tell_mission

LOGGED_PACKAGES = ("numpy", "onnxruntime", "opencv-python-headless", "pybullet", "cflib")


@dataclass(frozen=True, slots=True)
class TruthRow:
    """What a simulator knows. `position` [m] and `attitude` (roll, pitch, yaw) [rad] in the world frame.

    `contact` names what the drone touches ("wall", "floor", "obstacle", "goal:cone"), "" for nothing;
    `goal_distance_m` (K,) is from the drone's surface to each goal class's object, inf where there is
    none, () where it is not known.
    """

    position: tuple[float, float, float]
    attitude: tuple[float, float, float] = (0.0, 0.0, 0.0)
    contact: str = ""
    goal_distance_m: tuple[float, ...] = ()


@dataclass(frozen=True, slots=True)
class Event:
    """Something worth a line. `kind` is flight, mission, supervisor, contact, planner or error; `stamp` [s].

    `data` is what there is beyond the line, ready for JSON: a planner's trace.
    """

    stamp: float
    kind: str
    text: str
    data: Mapping[str, Any] | None = None


@dataclass(frozen=True, slots=True)
class LogRow:
    """One tick. `stamp` [s] is the frame's exposure; None where a stage did not answer in time.

    command     what the navigator asked for; supervised is what went to the drone
    reaction    the supervisor's word: pass, limit, hover, land, cut
    latency_s   seconds per stage, and "total" from the frame's arrival to the setpoint
    jpeg        the frame, JPEG encoded; b"" when not kept
    view        what the navigator saw; None where it is not known
    """

    stamp: float
    state: DroneState
    detections: Detections
    status: MissionStatus | None = None
    option: Option | None = None
    command: VelocityCommand | None = None
    supervised: VelocityCommand = HOVER
    reaction: str = "pass"
    latency_s: Mapping[str, float] = field(default_factory=dict)
    truth: TruthRow | None = None
    jpeg: bytes = b""
    view: NavigatorView | None = None


@dataclass(slots=True)
class FlightHeader:
    """What was flown, with what. `scene` is `Scene.to_dict()` of a simulated world, None elsewhere.

    `origin` (x, y, z, yaw) is the world pose of the odometry frame's origin. `fence` is the supervisor's,
    low corner, then high corner [m] in the odometry frame; () where it is not known.
    """

    goals: tuple[str, ...]
    planner: str = ""
    navigator: str = ""
    detector: str = ""
    backend: str = "sim"
    task: str = ""
    seed: int | None = None
    scene: dict[str, Any] | None = None
    origin: tuple[float, float, float, float] = (0.0, 0.0, 0.0, 0.0)
    fence: tuple[float, ...] = ()
    started: str = field(default_factory=lambda: datetime.now(UTC).isoformat(timespec="seconds"))
    versions: dict[str, str] = field(default_factory=lambda: versions())


@dataclass(slots=True)
class FlightLog:
    """Header, rows and events of one flight, in memory; a minute is about 6 MB with frames."""

    header: FlightHeader
    rows: list[LogRow] = field(default_factory=list)
    events: list[Event] = field(default_factory=list)
    outcome: str = ""  # why the flight ended, in words
    judged: str = ""  # from simulator truth: "success", "hit a wall", ...; "" where there is none

    _status: MissionStatus | None = field(default=None, init=False, repr=False)
    _contact: str = field(default="", init=False, repr=False)

    def add(self, row: LogRow) -> None:
        """Append a row, and an event for each change worth one; rows without an answer change nothing."""
        self.rows.append(row)
        if row.status is not None:
            self._note_mission(row.stamp, row.status)
            self._status = row.status
        if row.truth is not None:
            if row.truth.contact and row.truth.contact != self._contact:
                self.note(row.stamp, "contact", f"touched {row.truth.contact}")
            self._contact = row.truth.contact

    def note(self, stamp: float, kind: str, text: str, data: Mapping[str, Any] | None = None) -> None:
        self.events.append(Event(stamp, kind, text, data))

    def _note_mission(self, stamp: float, new: MissionStatus) -> None:
        old = self._status
        for index in range(old.index if old else 0, new.index):
            self.note(stamp, "mission", f"reached {new.mission.names[index]}")
        if old is None and not new.mission.plain:
            self.note(stamp, "mission", "; ".join(tell_mission(new.mission)))
        if old is not None and old.step != new.step and new.phase is MissionPhase.ACTIVE:
            self.note(stamp, "mission", f"now: {new.step}")
        if old is None or old.phase != new.phase:
            self.note(stamp, "mission", f"{new.phase}" + (f": {new.reason}" if new.reason else ""))


def encode_frame(pixels: NDArray[np.uint8], *, quality: int = 88) -> bytes:
    """Return the (H, W) grey or (H, W, 3) RGB image as JPEG."""
    import cv2

    image = pixels if pixels.ndim == 2 else np.ascontiguousarray(pixels[..., ::-1])
    done, data = cv2.imencode(".jpg", image, [cv2.IMWRITE_JPEG_QUALITY, quality])
    return bytes(data) if done else b""


def versions() -> dict[str, str]:
    """Return the versions that matter for reading a log later."""
    found = {"reprohrl": reprohrl.__version__, "python": platform.python_version()}
    for package in LOGGED_PACKAGES:
        try:
            found[package] = metadata.version(package)
        except metadata.PackageNotFoundError:
            continue
    return found

"""A flight as a stream of Foxglove messages: the same for `flight.mcap` and for the live WebSocket."""

from __future__ import annotations

import base64
import math
from collections.abc import Iterator
from dataclasses import asdict
from typing import Any

from reprohrl.contracts.camera_model import AI_DECK
from reprohrl.contracts.command import VelocityCommand
from reprohrl.contracts.state import Range
from reprohrl.flight.log import Event, FlightHeader, FlightLog, LogRow
from reprohrl.policies.decision import OPTION_NAMES, Decision
from reprohrl.reporting import palette
from reprohrl.reporting.decisions import Explained
from reprohrl.reporting.foxglove import drawing, parts, schemas
from reprohrl.reporting.foxglove.parts import Message
from reprohrl.reporting.foxglove.world import walkers, world
from reprohrl.reporting.summary import position

IMAGE, CALIBRATION, BOXES = "/camera/image", "/camera/calibration", "/camera/annotations"
TF, WORLD, DRONE, PATH, RANGES = "/tf", "/world", "/drone", "/path", "/ranges"
STATE, OPTION, COMMANDS, MISSION = "/state", "/option", "/commands", "/mission"
VIEW, LATENCY, LOG = "/navigator_view", "/latency_ms", "/log"

CHANNELS: dict[str, schemas.Schema] = {
    IMAGE: schemas.IMAGE, CALIBRATION: schemas.CALIBRATION, BOXES: schemas.ANNOTATIONS,
    TF: schemas.TRANSFORMS, WORLD: schemas.SCENE, DRONE: schemas.SCENE, PATH: schemas.POSES,
    RANGES: schemas.SCAN, STATE: schemas.STATE_PLOT, OPTION: schemas.OPTION_PLOT,
    COMMANDS: schemas.COMMAND_PLOT, MISSION: schemas.MISSION_PLOT, VIEW: schemas.VIEW_PLOT,
    LATENCY: schemas.LATENCY_PLOT, LOG: schemas.LOG,
}  # fmt: skip
"""Topic -> schema of its messages; the schema's title is its name."""

INFO, WARNING, ERROR = 2, 3, 4
LEVELS = {"supervisor": WARNING, "contact": ERROR, "error": ERROR}
PATH_EVERY = 10
"""Rows between two messages of the whole path."""

Item = tuple[str, float, Message]
"""Topic, stamp [s], content."""


class Story:
    """Tells a flight row by row. `header` is read at each row: its goals may become known late."""

    def __init__(self, header: FlightHeader) -> None:
        self._header = header
        self._explained = Explained()
        self._places: list[drawing.Pose] = []
        self._first: float | None = None

    def row(self, row: LogRow) -> Iterator[Item]:
        """Yield what one row is told as."""
        stamp = row.stamp
        if self._first is None:
            self._first = stamp
            yield from self._begin(stamp)
        if row.jpeg:
            yield IMAGE, stamp, image(row.jpeg, stamp)
        yield BOXES, stamp, drawing.boxes(row, (AI_DECK.width, AI_DECK.height))
        yield TF, stamp, drawing.transforms(row, self._header.origin)
        yield DRONE, stamp, {"deletions": [], "entities": [*drawing.drone(row), *self._walkers(stamp)]}
        yield RANGES, stamp, drawing.scan(row)
        yield STATE, stamp, state(row)
        yield COMMANDS, stamp, commands(row)
        if row.view is not None:
            yield VIEW, stamp, known(asdict(row.view))
        if row.latency_s:
            yield LATENCY, stamp, {k: known(1e3 * v) for k, v in row.latency_s.items()}
        yield from self._mission(row)
        self._places.append(position(row, FlightLog(self._header)))
        if len(self._places) % PATH_EVERY == 1:
            yield PATH, stamp, drawing.path(self._places, stamp)

    def event(self, event: Event) -> Iterator[Item]:
        """Yield an event as a line of the log."""
        yield LOG, event.stamp, log_line(event.stamp, LEVELS.get(event.kind, INFO), event.text, event.kind)

    def end(self) -> Iterator[Item]:
        """Yield the whole path."""
        if self._places and self._first is not None:
            yield PATH, self._first, drawing.path(self._places, self._first)

    def _begin(self, stamp: float) -> Iterator[Item]:
        yield CALIBRATION, stamp, calibration(stamp)
        if self._header.scene is not None:
            yield WORLD, stamp, world(self._header.scene, stamp)

    def _walkers(self, stamp: float) -> list[Message]:
        return walkers(self._header.scene, stamp) if self._header.scene is not None else []

    def _mission(self, row: LogRow) -> Iterator[Item]:
        status = row.status
        if status is not None:
            yield MISSION, row.stamp, {
                "goal": status.mission.names[status.index] if status.goal >= 0 else "",
                "reached": status.index, "goals": list(status.mission.names), "phase": str(status.phase),
                "elapsed_s": status.elapsed_s, "leg_elapsed_s": status.leg_elapsed_s,
                "goal_range_m": known(status.goal_range_m), "reason": status.reason,
            }  # fmt: skip
        if row.option is None:
            return
        decision = self._explained.row(row)
        if decision is not None and decision.switched:
            words = f"{palette.option_words(row.option)}: {decision.reason}"
            yield LOG, row.stamp, log_line(row.stamp, INFO, words, "option")
        if self._explained.switch is not None:
            yield OPTION, row.stamp, self._option(row, self._explained.switch)

    def _option(self, row: LogRow, switched: Decision) -> Message:
        scores = row.option.scores if row.option is not None else ()
        began = self._first if self._first is not None else row.stamp
        return {
            "option": palette.option_words(row.option), "since_s": round(switched.since - began, 3),
            "for_s": round(row.stamp - switched.since, 3),
            "previous": palette.option_words(switched.previous) if switched.previous is not None else "",
            "why": switched.reason,
            "scores": {n.replace(" ", "_"): round(s, 4) for n, s in zip(OPTION_NAMES, scores, strict=False)},
        }  # fmt: skip


def tell(log: FlightLog) -> Iterator[Item]:
    """Yield a whole flight."""
    story = Story(log.header)
    for row in log.rows:
        yield from story.row(row)
    for event in log.events:
        yield from story.event(event)
    yield from story.end()


def image(jpeg: bytes, stamp: float) -> Message:
    return {
        "timestamp": parts.time(stamp), "frame_id": drawing.OPTICAL,
        "data": base64.b64encode(jpeg).decode(), "format": "jpeg",
    }  # fmt: skip


def calibration(stamp: float) -> Message:
    c = AI_DECK
    return {
        "timestamp": parts.time(stamp), "frame_id": drawing.OPTICAL, "width": c.width, "height": c.height,
        "distortion_model": "plumb_bob", "D": [0.0] * 5,
        "K": [c.fx, 0.0, c.cx, 0.0, c.fy, c.cy, 0.0, 0.0, 1.0],
        "R": [1.0, 0.0, 0.0, 0.0, 1.0, 0.0, 0.0, 0.0, 1.0],
        "P": [c.fx, 0.0, c.cx, 0.0, 0.0, c.fy, c.cy, 0.0, 0.0, 0.0, 1.0, 0.0],
    }  # fmt: skip


def state(row: LogRow) -> Message:
    s = row.state
    (x, y, z), (vx, vy, vz), ranges = s.position, s.velocity, s.ranges
    values = {
        "x": x, "y": y, "z": z, "yaw": s.yaw, "vx": vx, "vy": vy, "vz": vz, "yaw_rate": s.yaw_rate,
        "height": s.height, "battery_v": s.battery_v, "link": s.link,
        **{r.name.lower(): ranges[r] for r in Range},
    }  # fmt: skip
    return {name: known(value) for name, value in values.items()}


def commands(row: LogRow) -> Message:
    return {
        "asked": None if row.command is None else _velocity(row.command),
        "sent": _velocity(row.supervised), "reaction": row.reaction,
    }  # fmt: skip


def log_line(stamp: float, level: int, message: str, name: str) -> Message:
    return {
        "timestamp": parts.time(stamp), "level": level, "message": message, "name": name, "file": "",
        "line": 0,
    }  # fmt: skip


def known(value: Any) -> Any:
    """Return `value` with every number that is not finite as None: JSON has no NaN."""
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, dict):
        return {k: known(v) for k, v in value.items()}
    return [known(v) for v in value] if isinstance(value, (list, tuple)) else value


def _velocity(c: VelocityCommand) -> Message:
    return {k: known(v) for k, v in (("vx", c.vx), ("vy", c.vy), ("vz", c.vz), ("yaw_rate", c.yaw_rate))}

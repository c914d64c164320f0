"""One tick of a flight as the page shows it: plain data, ready for JSON."""

from __future__ import annotations

import base64
from typing import Any

from reprohrl.contracts.battery import battery_percent
from reprohrl.contracts.mission import MissionStatus
from reprohrl.contracts.vocabulary import DETECTOR_CLASSES
from reprohrl.flight.log import FlightLog
from reprohrl.flight.result import Tick
from reprohrl.language.words import option_words
from reprohrl.planners.trace import TRACE_EVENT
from reprohrl.policies.decision import OPTION_NAMES, DecisionTrail
from reprohrl.reporting.palette import class_colour, css

KEPT_LINES = 200


class View:
    """Follows one flight. `tick` returns what the page draws; lines of the log are collected."""

    def __init__(self) -> None:
        self._trail = DecisionTrail()
        self._reason = ""
        self._events = 0
        self._first: float | None = None
        self.lines: list[dict[str, Any]] = []
        self.traces: list[dict[str, Any]] = []

    def tick(self, tick: Tick) -> dict[str, Any]:
        if tick.log is None or not tick.log.rows:
            return {}
        row = tick.log.rows[-1]
        if self._first is None:
            self._first = row.stamp
        self._hear(tick.log)
        if row.option is not None:
            boxes = row.detections.items
            seen = row.status is not None and any(d.class_id == row.status.goal for d in boxes)
            decision = self._trail.update(row.option, row.status, visible=seen)
            if decision is not None:
                self._reason = decision.reason
        return {
            "seconds": round(row.stamp - self._first, 1),
            "jpeg": base64.b64encode(row.jpeg).decode("ascii"),
            "boxes": [
                {
                    "name": DETECTOR_CLASSES[d.class_id], "confidence": round(float(d.confidence), 2),
                    "x": round(float(d.cx - d.w / 2), 4), "y": round(float(d.cy - d.h / 2), 4),
                    "w": round(float(d.w), 4), "h": round(float(d.h), 4),
                    "colour": css(class_colour(d.class_id)),
                }
                for d in row.detections.items
            ],
            "option": option_words(row.option) if row.option is not None else "",
            "reason": self._reason,
            "scores": _scores(row.option.scores if row.option is not None else ()),
            "reaction": row.reaction,
            "height_m": round(float(row.state.height), 2),
            "battery": round(battery_percent(row.state.battery_v)),
            "progress": _progress(row.status),
        }  # fmt: skip

    def _hear(self, log: FlightLog) -> None:
        """Take the log's new events: traces of the planner to one list, all of them as lines to the other."""
        for event in log.events[self._events :]:
            seconds = round(max(0.0, event.stamp - (self._first or event.stamp)), 1)
            self.lines.append({"seconds": seconds, "kind": event.kind, "text": event.text})
            if event.kind == TRACE_EVENT and event.data is not None:
                self.traces.append({**event.data, "at": seconds})
        self._events = len(log.events)
        del self.lines[:-KEPT_LINES], self.traces[:-KEPT_LINES]


def _scores(scores: tuple[float, ...]) -> list[dict[str, Any]]:
    named = zip(OPTION_NAMES, scores, strict=False)
    return [{"name": name.replace("_", " "), "score": round(float(s), 3)} for name, s in named]


def _progress(status: MissionStatus | None) -> dict[str, Any]:
    if status is None:
        return {}
    names = status.mission.names
    return {
        "phase": str(status.phase), "step": str(status.step), "reached": list(names[: status.index]),
        "goal": names[status.index] if status.goal >= 0 else "", "left": list(names[status.index :]),
        "reason": status.reason,
    }  # fmt: skip

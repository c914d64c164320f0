"""A flight log as JSON and back: the messages of an in-process `flight.mcap`."""

from __future__ import annotations

import math
from dataclasses import asdict
from typing import Any

from reprohrl.contracts.command import VelocityCommand
from reprohrl.contracts.detection import Detection, Detections
from reprohrl.contracts.mission import Mission, MissionPhase, MissionStatus, Option, OptionKind
from reprohrl.contracts.orders import StepKind
from reprohrl.contracts.state import DroneState
from reprohrl.contracts.view import NavigatorView
from reprohrl.flight.log import Event, FlightHeader, LogRow, TruthRow
from reprohrl.language.plain import mission_from_plain, mission_to_plain


def row_to_json(row: LogRow) -> dict[str, Any]:
    """Return the row as JSON-ready data, without its picture."""
    status = row.status
    return {
        "stamp": row.stamp,
        "state": asdict(row.state),
        "detections": {"stamp": row.detections.stamp, "items": [asdict(d) for d in row.detections.items]},
        "status": None
        if status is None
        else {
            "goals": list(status.mission.goals),
            "time_limit_per_goal_s": status.mission.time_limit_per_goal_s,
            "index": status.index,
            "phase": str(status.phase),
            "stamp": status.stamp,
            "elapsed_s": status.elapsed_s,
            "leg_elapsed_s": status.leg_elapsed_s,
            "goal_range_m": status.goal_range_m if math.isfinite(status.goal_range_m) else None,
            "reason": status.reason,
            **_orders(status),
        },
        "option": None
        if row.option is None
        else {
            "kind": row.option.kind.name.lower(),
            "goal": row.option.goal,
            "stamp": row.option.stamp,
            "scores": list(row.option.scores),
        },
        "command": None if row.command is None else _finite(asdict(row.command)),
        "supervised": _finite(asdict(row.supervised)),
        "reaction": row.reaction,
        "latency_s": dict(row.latency_s),
        "truth": None if row.truth is None else _truth_to_json(row.truth),
        "view": None if row.view is None else _view_to_json(row.view),
    }


def row_from_json(d: dict[str, Any], jpeg: bytes = b"") -> LogRow:
    """Undo `row_to_json`."""
    state: dict[str, Any] = {k: tuple(v) if isinstance(v, list) else v for k, v in d["state"].items()}
    return LogRow(
        stamp=d["stamp"],
        state=DroneState(**state),
        detections=Detections(
            d["detections"]["stamp"], tuple(Detection(**i) for i in d["detections"]["items"])
        ),
        status=None if d["status"] is None else _status(d["status"]),
        option=None if d["option"] is None else _option(d["option"]),
        command=None if d["command"] is None else _command(d["command"]),
        supervised=_command(d["supervised"]),
        reaction=d["reaction"],
        latency_s=d["latency_s"],
        truth=None if d["truth"] is None else _truth(d["truth"]),
        jpeg=jpeg,
        view=None if d.get("view") is None else _view(d["view"]),
    )


def header_to_json(header: FlightHeader) -> dict[str, Any]:
    return asdict(header)


def header_from_json(d: dict[str, Any]) -> FlightHeader:
    lists = {name: tuple(d.get(name, ())) for name in ("goals", "origin", "fence")}
    return FlightHeader(**{**d, **lists})


def event_to_json(event: Event) -> dict[str, Any]:
    """Return the event as JSON-ready data; what has no data beyond its line does not say so."""
    plain = {"stamp": event.stamp, "kind": event.kind, "text": event.text}
    return plain if event.data is None else {**plain, "data": dict(event.data)}


def event_from_json(d: dict[str, Any]) -> Event:
    return Event(d["stamp"], d["kind"], d["text"], d.get("data"))


def _finite(values: dict[str, float]) -> dict[str, float | None]:
    """JSON has no NaN: what is not finite becomes null."""
    return {k: v if math.isfinite(v) else None for k, v in values.items()}


def _command(d: dict[str, Any]) -> VelocityCommand:
    return VelocityCommand(**{k: math.nan if v is None else v for k, v in d.items()})


def _truth_to_json(truth: TruthRow) -> dict[str, Any]:
    distances = [v if math.isfinite(v) else None for v in truth.goal_distance_m]
    return {**asdict(truth), "goal_distance_m": distances}


def _truth(d: dict[str, Any]) -> TruthRow:
    distances = tuple(math.inf if v is None else v for v in d["goal_distance_m"])
    return TruthRow(tuple(d["position"]), tuple(d["attitude"]), d["contact"], distances)


def _view_to_json(view: NavigatorView) -> dict[str, Any]:
    age = view.goal_age_s if math.isfinite(view.goal_age_s) else None
    return {**asdict(view), "goal_age_s": age}


def _view(d: dict[str, Any]) -> NavigatorView:
    """Read a view; files of earlier versions have none."""
    values: dict[str, Any] = {k: tuple(v) if isinstance(v, list) else v for k, v in d.items()}
    return NavigatorView(**{**values, "goal_age_s": math.inf if d["goal_age_s"] is None else d["goal_age_s"]})


def _option(d: dict[str, Any]) -> Option:
    return Option(OptionKind[d["kind"].upper()], d["goal"], d["stamp"], tuple(d["scores"]))


def _orders(status: MissionStatus) -> dict[str, Any]:
    """Return what a mission beyond goals in order adds; nothing for the plain form."""
    if status.mission.plain:
        return {}
    return {
        "orders": mission_to_plain(status.mission), "step": str(status.step), "others": list(status.others),
        "absent": status.absent,
    }  # fmt: skip


def _status(d: dict[str, Any]) -> MissionStatus:
    plain = Mission(tuple(d["goals"]), d["time_limit_per_goal_s"])
    return MissionStatus(
        mission_from_plain(d["orders"]) if "orders" in d else plain,
        d["index"],
        MissionPhase(d["phase"]),
        d["stamp"],
        d["elapsed_s"],
        d["leg_elapsed_s"],
        math.inf if d["goal_range_m"] is None else d["goal_range_m"],
        d["reason"],
        StepKind(d.get("step", "visit")),
        tuple(d.get("others", ())),
        bool(d.get("absent", False)),
    )

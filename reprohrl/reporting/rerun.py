"""`flight.rrd`: a flight for the rerun viewer. Needs rerun-sdk (an extra)."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from reprohrl.contracts.camera_model import AI_DECK
from reprohrl.contracts.errors import UserError
from reprohrl.contracts.state import Range
from reprohrl.flight.log import FlightLog, LogRow
from reprohrl.policies.decision import OPTION_NAMES
from reprohrl.reporting import palette
from reprohrl.reporting.decisions import Explained
from reprohrl.reporting.summary import position

TIMELINE = "flight"
TITLE = "reprohrl"
LEVELS = {"supervisor": "WARN", "contact": "ERROR", "error": "ERROR"}


def write_rerun(log: FlightLog, path: Path) -> None:
    """Write camera, boxes, path, options with scores, commands and events on one timeline.

    Raises `UserError` without the rerun-sdk package.
    """
    try:
        import rerun as rr
    except ImportError as error:
        raise UserError(
            "the rerun export needs rerun-sdk", why=str(error), fix="pip install 'reprohrl[rerun]'"
        ) from error
    stream = rr.RecordingStream(TITLE)
    stream.save(str(path))
    first = log.rows[0].stamp if log.rows else 0.0
    _world(rr, stream, log)
    explained, places = Explained(), []
    for row in log.rows:
        stream.set_time(TIMELINE, duration=row.stamp - first)
        places.append(position(row, log))
        _camera(rr, stream, row)
        _drone(rr, stream, places)
        _numbers(rr, stream, row)
        if row.option is not None:
            decision = explained.row(row)
            if decision is not None and decision.switched:
                words = f"{palette.option_words(row.option)}: {decision.reason}"
                stream.log("log/options", rr.TextLog(words, level="INFO"))
            for name, score in zip(OPTION_NAMES, row.option.scores, strict=False):
                stream.log(f"scores/{name.replace(' ', '_')}", rr.Scalars(score))
    for event in log.events:
        stream.set_time(TIMELINE, duration=event.stamp - first)
        level = LEVELS.get(event.kind, "INFO")
        stream.log("log/events", rr.TextLog(f"{event.kind}: {event.text}", level=level))
    stream.disconnect()


def _world(rr: Any, stream: Any, log: FlightLog) -> None:
    stream.log("world", rr.ViewCoordinates.RIGHT_HAND_Z_UP, static=True)
    scene = log.header.scene
    if scene is None:
        return
    x, y, z = scene["room"]["size"]
    room = rr.Boxes3D(half_sizes=[[x / 2, y / 2, z / 2]], centers=[[0, 0, z / 2]], colors=[palette.WALL])
    stream.log("world/room", room, static=True)
    solids = scene["objects"]
    stream.log(
        "world/solids",
        rr.Boxes3D(
            half_sizes=[s["half"] for s in solids], centers=[s["position"] for s in solids],
            rotation_axis_angles=[rr.RotationAxisAngle([0, 0, 1], rr.Angle(rad=s["yaw"])) for s in solids],
            colors=[palette.class_colour(s["class_id"]) for s in solids],
        ),
        static=True,
    )  # fmt: skip


def _camera(rr: Any, stream: Any, row: LogRow) -> None:
    if row.jpeg:
        stream.log("camera/image", rr.EncodedImage(contents=row.jpeg, media_type="image/jpeg"))
    items = row.detections.items
    width, height = AI_DECK.width, AI_DECK.height
    stream.log(
        "camera/image/boxes",
        rr.Boxes2D(
            centers=[[d.cx * width, d.cy * height] for d in items],
            half_sizes=[[d.w * width / 2, d.h * height / 2] for d in items],
            labels=[f"{d.name} {d.confidence:.2f}" for d in items],
            colors=[palette.class_colour(d.class_id) for d in items],
        ),
    )  # fmt: skip


def _drone(rr: Any, stream: Any, places: list[tuple[float, float, float, float]]) -> None:
    x, y, z, yaw = places[-1]
    stream.log(
        "world/drone",
        rr.Transform3D(
            translation=[x, y, z], rotation_axis_angle=rr.RotationAxisAngle([0, 0, 1], rr.Angle(rad=yaw))
        ),
    )
    stream.log("world/drone/body", rr.Arrows3D(vectors=[[0.25, 0, 0]], colors=[palette.INK]))
    if len(places) > 1:
        path = rr.LineStrips3D([[p[:3] for p in places]], colors=[palette.TRAIL], radii=[0.01])
        stream.log("world/path", path)


def _numbers(rr: Any, stream: Any, row: LogRow) -> None:
    values = {
        "state/height": row.state.height, "state/forward": row.state.velocity[0],
        "command/forward": row.supervised.vx, "command/yaw_rate": row.supervised.yaw_rate,
        "state/battery_v": row.state.battery_v,
        **{f"ranges/{r.name.lower()}": row.state.ranges[r] for r in Range if r is not Range.UP},
        **{f"latency_ms/{stage}": 1e3 * s for stage, s in row.latency_s.items()},
    }  # fmt: skip
    for name, value in values.items():
        stream.log(name, rr.Scalars(value))

"""One row of the flight log as pictures: boxes on the camera image, and what is drawn into the room."""

from __future__ import annotations

from collections.abc import Sequence

from reprohrl.contracts.camera_model import AI_DECK
from reprohrl.contracts.detection import Detection
from reprohrl.contracts.vocabulary import GOAL_CLASSES, OBSTACLE_ID
from reprohrl.flight.log import LogRow
from reprohrl.reporting import palette
from reprohrl.reporting.foxglove import parts
from reprohrl.reporting.foxglove.parts import Message
from reprohrl.reporting.foxglove.world import MAP

ODOM, BASE, CAMERA_LINK, OPTICAL = "odom", "base_link", "camera_link", "camera_optical_frame"
LINE_LOOP = 2
Pose = tuple[float, float, float, float]


def boxes(row: LogRow, size: tuple[int, int]) -> Message:
    """Return image annotations: a box and a name for each detection, and the option in the corner."""
    width, height = size
    goal = row.status.goal if row.status is not None else -1
    stamp = parts.time(row.stamp)
    outlines = [_box(d, width, height, d.class_id == goal, stamp) for d in row.detections.items]
    names = [
        _label(f"{d.name} {d.confidence:.2f}", (d.cx - d.w / 2) * width, (d.cy - d.h / 2) * height,
               palette.class_colour(d.class_id), stamp)
        for d in row.detections.items if d.class_id != OBSTACLE_ID
    ]  # fmt: skip
    names.append(
        _label(palette.option_words(row.option), 2.0, height - 2.0, palette.option_colour(row.option), stamp)
    )
    return {"circles": [], "points": outlines, "texts": names}


def _box(d: Detection, width: int, height: int, wanted: bool, stamp: Message) -> Message:
    left, right = (d.cx - d.w / 2) * width, (d.cx + d.w / 2) * width
    top, bottom = (d.cy - d.h / 2) * height, (d.cy + d.h / 2) * height
    corners = ((left, top), (right, top), (right, bottom), (left, bottom))
    return {
        "timestamp": stamp, "type": LINE_LOOP, "points": [{"x": x, "y": y} for x, y in corners],
        "outline_color": parts.colour(palette.class_colour(d.class_id)), "outline_colors": [],
        "fill_color": parts.colour(palette.FLOOR, 0.0),
        "thickness": 2.5 if wanted else 1.0 if d.class_id == OBSTACLE_ID else 1.6,
    }  # fmt: skip


def _label(words: str, x: float, y: float, rgb: palette.Colour, stamp: Message) -> Message:
    return {
        "timestamp": stamp, "position": {"x": x, "y": y}, "text": words, "font_size": 10.0,
        "text_color": parts.colour(palette.FLOOR), "background_color": parts.colour(rgb),
    }  # fmt: skip


def transforms(row: LogRow, origin: Pose) -> Message:
    """Return map -> odom -> base_link -> camera_link -> camera_optical_frame at the row's stamp.

    The optical frame looks along the body's x axis: its z is forward, x right, y down.
    """
    x, y, z, yaw = origin
    forward, left, up = AI_DECK.offset_m
    optical = {"x": -0.5, "y": 0.5, "z": -0.5, "w": 0.5}
    chain = (
        (MAP, ODOM, (x, y, z), parts.quaternion(0.0, 0.0, yaw)),
        (ODOM, BASE, row.state.position, parts.quaternion(*row.state.attitude)),
        (BASE, CAMERA_LINK, (forward, left, up), parts.quaternion(0.0, 0.0, 0.0)),
        (CAMERA_LINK, OPTICAL, (0.0, 0.0, 0.0), optical),
    )
    return {
        "transforms": [
            {
                "timestamp": parts.time(row.stamp), "parent_frame_id": parent, "child_frame_id": child,
                "translation": parts.vector(place), "rotation": turn,
            }
            for parent, child, place, turn in chain
        ]
    }  # fmt: skip


def drone(row: LogRow) -> list[Message]:
    """Return the drone, what it heads for, and what it believes of its goal, as scene entities."""
    rgb = palette.option_colour(row.option)
    words = palette.option_words(row.option)
    body = parts.entity(
        "drone", BASE, row.stamp,
        arrows=[parts.arrow((0.0, 0.0, 0.0), 0.0, 0.22, palette.INK)],
        spheres=[parts.ball((0.0, 0.0, 0.0), 0.09, palette.INK)],
        texts=[parts.text(words, (0.0, 0.0, 0.18), rgb, size=0.1)],
    )  # fmt: skip
    view = row.view
    way, goal = _nothing("way", row.stamp), _nothing("goal", row.stamp)
    if view is not None and view.subgoal is not None:
        way = parts.entity(
            "way", ODOM, row.stamp,
            lines=[parts.line([row.state.position, view.subgoal], rgb, width_m=0.015)],
            spheres=[parts.ball(view.subgoal, 0.1, rgb, alpha=0.8)],
        )  # fmt: skip
    if view is not None and view.goal is not None and row.option is not None:
        name = GOAL_CLASSES[row.option.goal] if row.option.goal >= 0 else "goal"
        seen = "in view" if view.goal_age_s < 0.05 else f"seen {view.goal_age_s:.0f} s ago"
        above = (view.goal[0], view.goal[1], view.goal[2] + 0.25)
        goal = parts.entity(
            "goal", ODOM, row.stamp,
            spheres=[parts.ball(view.goal, 0.3, rgb, alpha=0.3)],
            texts=[parts.text(f"{name}, {seen}", above, rgb, size=0.08)],
        )  # fmt: skip
    return [body, way, goal]


def _nothing(name: str, stamp: float) -> Message:
    """An entity without primitives: it replaces the one of its name."""
    return parts.entity(name, ODOM, stamp)


def path(places: Sequence[Pose], stamp: float, *, most: int = 250) -> Message:
    """Return the flown path in `map`, thinned to `most` poses."""
    step = max(1, len(places) // most)
    chosen = [*places[::step], *places[-1:]]
    poses = [parts.pose(p[:3], p[3]) for p in chosen]
    return {"timestamp": parts.time(stamp), "frame_id": MAP, "poses": poses}


def scan(row: LogRow) -> Message:
    """Return the four horizontal ranges as a scan: front, left, back, right."""
    front, back, left, right, _ = row.state.ranges
    return {
        "timestamp": parts.time(row.stamp), "frame_id": BASE, "pose": parts.pose(), "start_angle": 0.0,
        "end_angle": 4.71238898038469, "ranges": [front, left, back, right], "intensities": [],
    }  # fmt: skip

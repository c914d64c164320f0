"""JSON Schemas of every message in `flight.mcap`: Foxglove's well-known types, and our own."""

from __future__ import annotations

from typing import Any

from reprohrl.policies.decision import OPTION_NAMES

Schema = dict[str, Any]

NUMBER: Schema = {"type": "number"}
INTEGER: Schema = {"type": "integer"}
TEXT: Schema = {"type": "string"}
FLAG: Schema = {"type": "boolean"}


def described(schema: Schema, text: str) -> Schema:
    return {**schema, "description": text}


def number(text: str) -> Schema:
    """A number, or null where it is not known: JSON has no NaN and no infinity."""
    return {"type": ["number", "null"], "description": text}


def record(name: str = "", /, **properties: Schema) -> Schema:
    named = {"title": name} if name else {}
    return {**named, "type": "object", "properties": properties}


def many(items: Schema, text: str = "") -> Schema:
    return {"type": "array", "items": items, **({"description": text} if text else {})}


def maybe(schema: Schema) -> Schema:
    return {**schema, "type": [schema["type"], "null"]}


TIME = record("time", sec=INTEGER, nsec=INTEGER)
DURATION = record("duration", sec=INTEGER, nsec=INTEGER)
VECTOR2 = record("foxglove.Point2", x=NUMBER, y=NUMBER)
VECTOR3 = record("foxglove.Vector3", x=NUMBER, y=NUMBER, z=NUMBER)
QUATERNION = record("foxglove.Quaternion", x=NUMBER, y=NUMBER, z=NUMBER, w=NUMBER)
POSE = record("foxglove.Pose", position=VECTOR3, orientation=QUATERNION)
COLOR = record("foxglove.Color", r=NUMBER, g=NUMBER, b=NUMBER, a=NUMBER)

IMAGE = record(
    "foxglove.CompressedImage", timestamp=TIME, frame_id=TEXT, format=TEXT,
    data={"type": "string", "contentEncoding": "base64"},
)  # fmt: skip
CALIBRATION = record(
    "foxglove.CameraCalibration", timestamp=TIME, frame_id=TEXT, width=INTEGER, height=INTEGER,
    distortion_model=TEXT, D=many(NUMBER), K=many(NUMBER), R=many(NUMBER), P=many(NUMBER),
)  # fmt: skip
ANNOTATIONS = record(
    "foxglove.ImageAnnotations",
    circles=many(record()),
    points=many(
        record(
            timestamp=TIME, type=INTEGER, points=many(VECTOR2), outline_color=COLOR, fill_color=COLOR,
            outline_colors=many(COLOR), thickness=NUMBER,
        )
    ),
    texts=many(
        record(
            timestamp=TIME, position=VECTOR2, text=TEXT, font_size=NUMBER, text_color=COLOR,
            background_color=COLOR,
        )
    ),
)  # fmt: skip
TRANSFORM = record(
    "foxglove.FrameTransform", timestamp=TIME, parent_frame_id=TEXT, child_frame_id=TEXT,
    translation=VECTOR3, rotation=QUATERNION,
)  # fmt: skip
TRANSFORMS = record("foxglove.FrameTransforms", transforms=many(TRANSFORM))
SCENE = record(
    "foxglove.SceneUpdate",
    deletions=many(record(timestamp=TIME, type=INTEGER, id=TEXT)),
    entities=many(
        record(
            timestamp=TIME, frame_id=TEXT, id=TEXT, lifetime=DURATION, frame_locked=FLAG,
            metadata=many(record(key=TEXT, value=TEXT)),
            arrows=many(
                record(
                    pose=POSE, shaft_length=NUMBER, shaft_diameter=NUMBER, head_length=NUMBER,
                    head_diameter=NUMBER, color=COLOR,
                )
            ),
            cubes=many(record(pose=POSE, size=VECTOR3, color=COLOR)),
            spheres=many(record(pose=POSE, size=VECTOR3, color=COLOR)),
            cylinders=many(
                record(pose=POSE, size=VECTOR3, bottom_scale=NUMBER, top_scale=NUMBER, color=COLOR)
            ),
            lines=many(
                record(
                    type=INTEGER, pose=POSE, thickness=NUMBER, scale_invariant=FLAG, points=many(VECTOR3),
                    color=COLOR, colors=many(COLOR), indices=many(INTEGER),
                )
            ),
            triangles=many(
                record(
                    pose=POSE, points=many(VECTOR3), color=COLOR, colors=many(COLOR), indices=many(INTEGER)
                )
            ),
            texts=many(
                record(
                    pose=POSE, billboard=FLAG, font_size=NUMBER, scale_invariant=FLAG, color=COLOR, text=TEXT
                )
            ),
            models=many(record()),
        )
    ),
)  # fmt: skip
POSES = record("foxglove.PosesInFrame", timestamp=TIME, frame_id=TEXT, poses=many(POSE))
SCAN = record(
    "foxglove.LaserScan", timestamp=TIME, frame_id=TEXT, pose=POSE, start_angle=NUMBER, end_angle=NUMBER,
    ranges=many(NUMBER), intensities=many(NUMBER),
)  # fmt: skip
LOG = record("foxglove.Log", timestamp=TIME, level=INTEGER, message=TEXT, name=TEXT, file=TEXT, line=INTEGER)

VELOCITY = record(vx=number("forward [m/s]"), vy=number("left [m/s]"), vz=number("up [m/s]"),
                  yaw_rate=number("left [rad/s]"))  # fmt: skip
STATE_PLOT = record(
    "reprohrl.State",
    x=number("[m] in odom"), y=number("[m] in odom"), z=number("[m] in odom"), yaw=number("[rad]"),
    vx=number("forward [m/s]"), vy=number("left [m/s]"), vz=number("up [m/s]"),
    yaw_rate=number("[rad/s]"), height=number("[m] above the floor"),
    front=number("[m]"), back=number("[m]"), left=number("[m]"), right=number("[m]"), up=number("[m]"),
    battery_v=number("[V] under load"), link=number("0 to 1"),
)  # fmt: skip
OPTION_PLOT = record(
    "reprohrl.ActiveOption",
    option=described(TEXT, "in words"),
    since_s=number("flight time at which it began [s]"),
    for_s=number("how long it has been active [s]"),
    previous=described(TEXT, "the option before"),
    why=described(TEXT, "why it was switched to"),
    scores=record("", **{name.replace(" ", "_"): number("probability") for name in OPTION_NAMES}),
)
COMMAND_PLOT = record(
    "reprohrl.Commands", asked=maybe(VELOCITY), sent=VELOCITY,
    reaction=described(TEXT, "pass, limit, hover, land, cut"),
)  # fmt: skip
MISSION_PLOT = record(
    "reprohrl.Mission", goal=TEXT, reached=INTEGER, goals=many(TEXT), phase=TEXT,
    elapsed_s=number("[s]"), leg_elapsed_s=number("[s]"),
    goal_range_m=number("estimated distance to the goal's surface [m]"), reason=TEXT,
)  # fmt: skip
VIEW_PLOT = record(
    "reprohrl.NavigatorView",
    subgoal=maybe(many(NUMBER, "next waypoint x, y, z [m] in odom")),
    way_m=number("length of the whole way [m]"), area_m2=number("floor still to look at there [m^2]"),
    goal_age_s=number("seconds since the goal was last seen"),
    goal=maybe(many(NUMBER, "where the goal is remembered, x, y, z [m] in odom")),
    sectors=many(NUMBER, "[m] to the nearest solid thing per 22.5 deg, ahead first, leftwards"),
    looked=many(NUMBER, "0 to 1, how recently each 30 deg were in view, ahead first, leftwards"),
)  # fmt: skip
LATENCY_PLOT = {**record("reprohrl.Latency", total=number("frame to setpoint [ms]")),
                "additionalProperties": number("[ms] of one stage")}  # fmt: skip
EVENT = record("reprohrl.Event", stamp=NUMBER, kind=TEXT, text=TEXT, data={"type": ["object", "null"]})
OUTCOME = record("reprohrl.Outcome", outcome=TEXT, judged=TEXT)
HEADER = record(
    "reprohrl.FlightHeader", goals=many(TEXT), planner=TEXT, navigator=TEXT, detector=TEXT, backend=TEXT,
    task=TEXT, seed={"type": ["integer", "null"]}, scene={"type": ["object", "null"]},
    origin=many(NUMBER, "world pose of odom's origin: x, y, z [m], yaw [rad]"), started=TEXT,
    fence=many(NUMBER, "low corner, then high corner [m] in odom; empty where it is not known"),
    versions={"type": "object", "additionalProperties": TEXT},
)  # fmt: skip
ROW = record(
    "reprohrl.LogRow",
    stamp=described(NUMBER, "[s] exposure of the frame"),
    state=record(
        stamp=NUMBER, position=many(NUMBER, "[m] in odom"), velocity=many(NUMBER, "[m/s] yaw-aligned body"),
        attitude=many(NUMBER, "roll, pitch, yaw [rad]"), yaw_rate=NUMBER, height=NUMBER,
        ranges=many(NUMBER, "front, back, left, right, up [m]"), battery_v=NUMBER, link=NUMBER, flying=FLAG,
    ),
    detections=record(
        stamp=NUMBER,
        items=many(
            record(class_id=INTEGER, confidence=NUMBER, cx=NUMBER, cy=NUMBER, w=NUMBER, h=NUMBER),
            "boxes in fractions of the image",
        ),
    ),
    status=maybe(
        record(
            goals=many(INTEGER), time_limit_per_goal_s=NUMBER, index=INTEGER, phase=TEXT, stamp=NUMBER,
            elapsed_s=NUMBER, leg_elapsed_s=NUMBER, goal_range_m=number("[m]"), reason=TEXT,
        )
    ),
    option=maybe(record(kind=TEXT, goal=INTEGER, stamp=NUMBER, scores=many(NUMBER))),
    command=maybe(VELOCITY), supervised=VELOCITY, reaction=TEXT,
    latency_s={"type": "object", "additionalProperties": NUMBER},
    truth=maybe(
        record(
            position=many(NUMBER), attitude=many(NUMBER), contact=TEXT,
            goal_distance_m=many({"type": ["number", "null"]}),
        )
    ),
    view=maybe(VIEW_PLOT),
)  # fmt: skip

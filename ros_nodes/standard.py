"""Our state and detections as the messages everybody knows: odometry aside, scan, ranges, pose, path."""

from __future__ import annotations

import importlib
import math
from collections.abc import Sequence
from typing import Any

from geometry_msgs.msg import PoseStamped, TransformStamped
from nav_msgs.msg import Path
from sensor_msgs.msg import LaserScan, Range
from std_msgs.msg import Header

from reprohrl.contracts.camera_model import AI_DECK
from reprohrl.contracts.detection import Detections
from reprohrl_msgs import msg as m
from ros_nodes import convert
from ros_nodes.drone_topics import quaternion

MAP, CAMERA_LINK = "map", "camera_link"
RANGE_MAX_M = 4.0
"""What the multi-ranger deck measures at most [m]."""

FIELD_OF_VIEW_RAD = math.radians(27.0)
"""Of one VL53L1x time-of-flight sensor."""

FRONT, BACK, LEFT, RIGHT, UP = range(5)


def scan(state: m.DroneState) -> LaserScan:
    """Return the four horizontal ranges as a scan of four beams: front, left, back, right."""
    beams = [state.ranges[k] for k in (FRONT, LEFT, BACK, RIGHT)]
    return LaserScan(
        header=Header(stamp=state.header.stamp, frame_id=convert.BASE), angle_min=0.0,
        angle_max=1.5 * math.pi, angle_increment=0.5 * math.pi, range_min=0.0, range_max=RANGE_MAX_M,
        ranges=[float(r) if r < RANGE_MAX_M else math.inf for r in beams],
    )  # fmt: skip


def range_up(state: m.DroneState) -> Range:
    """Return the upward range; the other four are in the scan and in the height."""
    return Range(
        header=Header(stamp=state.header.stamp, frame_id="range_up_link"), radiation_type=Range.INFRARED,
        field_of_view=FIELD_OF_VIEW_RAD, min_range=0.0, max_range=RANGE_MAX_M,
        range=min(float(state.ranges[UP]), RANGE_MAX_M),
    )  # fmt: skip


def pose(state: m.DroneState) -> PoseStamped:
    stamped = PoseStamped(header=Header(stamp=state.header.stamp, frame_id=convert.ODOM))
    where = stamped.pose.position
    where.x, where.y, where.z = (float(v) for v in state.position)
    stamped.pose.orientation = quaternion(*state.attitude)
    return stamped


def path(poses: Sequence[PoseStamped], stamp: Any) -> Path:
    return Path(header=Header(stamp=stamp, frame_id=convert.ODOM), poses=list(poses))


def moving(state: m.DroneState) -> list[TransformStamped]:
    """Return odom -> base_link."""
    x, y, z = (float(v) for v in state.position)
    return [transform(convert.ODOM, convert.BASE, state.header.stamp, (x, y, z), tuple(state.attitude))]


def standing(origin: Sequence[float], stamp: Any) -> list[TransformStamped]:
    """Return what never moves: map -> odom, the camera on the body, its optical frame, the upward sensor.

    `origin` (x, y, z, yaw) is the world pose of odom's origin, zeros where it is not known.
    """
    x, y, z, yaw = (float(v) for v in origin)
    half = 0.5 * math.pi
    return [
        transform(MAP, convert.ODOM, stamp, (x, y, z), (0.0, 0.0, yaw)),
        transform(convert.BASE, CAMERA_LINK, stamp, AI_DECK.offset_m, (0.0, 0.0, 0.0)),
        transform(CAMERA_LINK, convert.CAMERA, stamp, (0.0, 0.0, 0.0), (-half, 0.0, -half)),
        transform(convert.BASE, "range_up_link", stamp, (0.0, 0.0, 0.0), (0.0, -half, 0.0)),
    ]


def transform(
    parent: str, child: str, stamp: Any, place: Sequence[float], attitude: Sequence[float]
) -> TransformStamped:
    """Return the pose of frame `child` in `parent`; `attitude` is roll, pitch, yaw [rad]."""
    moved = TransformStamped(header=Header(stamp=stamp, frame_id=parent), child_frame_id=child)
    way = moved.transform.translation
    way.x, way.y, way.z = (float(v) for v in place)
    moved.transform.rotation = quaternion(*(float(v) for v in attitude))
    return moved


def optional(package: str) -> Any | None:
    """Return the messages of a package that a ROS installation has and the wheels have not, or None."""
    try:
        return importlib.import_module(f"{package}.msg")
    except ImportError:
        return None


def detections_2d(vision: Any, detections: Detections, header: Header) -> Any:
    """Return detections as vision_msgs/Detection2DArray, in pixels; `vision` is the package's msg module."""
    array = vision.Detection2DArray(header=header)
    for d in detections.items:
        one = vision.Detection2D(header=header)
        one.bbox.center.position.x, one.bbox.center.position.y = d.cx * AI_DECK.width, d.cy * AI_DECK.height
        one.bbox.size_x, one.bbox.size_y = d.w * AI_DECK.width, d.h * AI_DECK.height
        guess = vision.ObjectHypothesisWithPose()
        guess.hypothesis.class_id, guess.hypothesis.score = d.name, float(d.confidence)
        one.results.append(guess)
        array.detections.append(one)
    return array

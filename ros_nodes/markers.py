"""What the drone believes and wants, as markers: goals, detections, the option, the planned subgoal."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

from geometry_msgs.msg import Point
from std_msgs.msg import ColorRGBA, Header
from visualization_msgs.msg import Marker, MarkerArray

from reprohrl.contracts.camera_model import AI_DECK
from reprohrl.contracts.detection import Detections
from reprohrl.contracts.features import ObjectFeatures
from reprohrl.contracts.mission import Option
from reprohrl.contracts.vocabulary import GOAL_CLASSES, OBSTACLE_ID
from reprohrl.policies.view import goal_places, view_of
from reprohrl.reporting import palette
from ros_nodes import convert
from ros_nodes.drone_topics import quaternion

RAY_M = 1.5
"""Length of the ray drawn towards a detection, which has a direction and no distance."""

FADES_AFTER_S = 30.0


def markers(
    features: ObjectFeatures, detections: Detections | None, option: Option | None, stamp: Any
) -> MarkerArray:
    """Return all markers of one frame; each replaces the one of its namespace and number."""
    drawn = Marker(action=Marker.DELETEALL, header=Header(stamp=stamp, frame_id=convert.ODOM))
    found = [drawn, *_goals(features, option, stamp), _sectors(features, stamp)]
    if detections is not None:
        found += _rays(features, detections, stamp)
    if option is not None:
        found += _wanted(features, option, stamp)
    return MarkerArray(markers=found)


def _goals(features: ObjectFeatures, option: Option | None, stamp: Any) -> list[Marker]:
    """A ball where each goal is remembered, paler the longer it was not seen, and its name."""
    found = []
    for k, (place, age) in goal_places(features).items():
        rgb = palette.class_colour(k)
        solid = max(0.25, 1.0 - age / FADES_AFTER_S)
        size = 0.3 if option is not None and option.goal == k else 0.2
        ball = _marker("goals", k, Marker.SPHERE, stamp, rgb, solid, (size, size, size))
        ball.pose.position = _point(place)
        name = _marker("goal_names", k, Marker.TEXT_VIEW_FACING, stamp, rgb, 1.0, (0.0, 0.0, 0.12))
        name.pose.position = _point((place[0], place[1], place[2] + 0.25))
        name.text = GOAL_CLASSES[k] + (f", {age:.0f} s ago" if age >= 1.0 else "")
        found += [ball, name]
    return found


def _rays(features: ObjectFeatures, detections: Detections, stamp: Any) -> list[Marker]:
    """A line from the drone towards the middle of each box; yaw and pitch alone, for the roll is small."""
    found = []
    state = features.state
    for k, d in enumerate(d for d in detections.items if d.class_id != OBSTACLE_ID):
        bearing = state.yaw - math.atan((2 * d.cx - 1) * AI_DECK.tan_half_h)
        rise = -state.attitude[1] - math.atan((2 * d.cy - 1) * AI_DECK.tan_half_v)
        x, y, z = state.position
        end = (x + RAY_M * math.cos(bearing), y + RAY_M * math.sin(bearing), z + RAY_M * math.tan(rise))
        rgb = palette.class_colour(d.class_id)
        ray = _marker("detections", k, Marker.LINE_STRIP, stamp, rgb, d.confidence, (0.012, 0.0, 0.0))
        ray.points = [_point((x, y, z)), _point(end)]
        found.append(ray)
    return found


def _wanted(features: ObjectFeatures, option: Option, stamp: Any) -> list[Marker]:
    """The option in words above the drone, and the way to the subgoal."""
    x, y, z = features.state.position
    rgb = palette.option_colour(option)
    words = _marker("option", 0, Marker.TEXT_VIEW_FACING, stamp, rgb, 1.0, (0.0, 0.0, 0.13))
    words.pose.position, words.text = _point((x, y, z + 0.25)), palette.option_words(option)
    view = view_of(features, option)
    if view.subgoal is None:
        return [words]
    way = _marker("subgoal", 0, Marker.ARROW, stamp, rgb, 0.9, (0.03, 0.08, 0.0))
    way.points = [_point((x, y, z)), _point(view.subgoal)]
    end = _marker("subgoal", 1, Marker.SPHERE, stamp, rgb, 0.9, (0.1, 0.1, 0.1))
    end.pose.position = _point(view.subgoal)
    return [words, way, end]


def _sectors(features: ObjectFeatures, stamp: Any) -> Marker:
    """The outline of the free space around, as the policies see it."""
    x, y, z = features.state.position
    rim = _marker("sectors", 0, Marker.LINE_STRIP, stamp, palette.TRAIL, 0.5, (0.012, 0.0, 0.0))
    many = len(features.sectors)
    for k in [*range(many), 0]:
        angle = features.state.yaw + 2 * math.pi * k / many
        reach = float(features.sectors[k])
        rim.points.append(_point((x + reach * math.cos(angle), y + reach * math.sin(angle), z)))
    return rim


def _marker(
    namespace: str, number: int, kind: int, stamp: Any, rgb: palette.Colour, alpha: float,
    scale: tuple[float, float, float],
) -> Marker:  # fmt: skip
    marker = Marker(header=Header(stamp=stamp, frame_id=convert.ODOM), ns=namespace, id=number, type=kind)
    marker.scale.x, marker.scale.y, marker.scale.z = scale
    r, g, b = (c / 255 for c in rgb)
    marker.color = ColorRGBA(r=r, g=g, b=b, a=float(alpha))
    marker.pose.orientation = quaternion(0.0, 0.0, 0.0)
    return marker


def _point(place: Sequence[float]) -> Point:
    return Point(x=float(place[0]), y=float(place[1]), z=float(place[2]))

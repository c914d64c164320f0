"""The monitor node: what people and tools want to see, in standard messages. No flight depends on it.

It listens to what the stages say anyway and draws only what somebody subscribes to.
"""

from __future__ import annotations

import json
import sys
from collections import deque
from collections.abc import Callable
from typing import Any

import numpy as np
from geometry_msgs.msg import PoseStamped, TransformStamped
from nav_msgs.msg import Path
from sensor_msgs.msg import Image, LaserScan, Range
from std_msgs.msg import Header, String
from visualization_msgs.msg import MarkerArray

from reprohrl.contracts.detection import Detections
from reprohrl.policies.view import observation_of, view_of
from reprohrl.reporting import palette
from reprohrl_msgs import msg as m
from ros_nodes import convert, qos, standard
from ros_nodes.configuration.monitor import MonitorConfig
from ros_nodes.latency import parts
from ros_nodes.markers import markers
from ros_nodes.pictures import annotated
from ros_nodes.running import let_flight_go_first
from ros_nodes.stage import Stage, run
from ros_nodes.stamps import key

NO_ORIGIN = (0.0, 0.0, 0.0, 0.0)
PATH_EVERY = 10
"""Frames between two messages of the path."""

WAITING = 8
"""Frames whose parts may still be on their way."""


class MonitorNode(Stage):
    """TF, markers, scan, path, annotated images, the navigator's view, and the latency of every frame."""

    CONFIG = MonitorConfig

    def __init__(self, **kwargs: Any) -> None:
        super().__init__("monitor", **kwargs)

    def configure(self) -> None:
        make = self.create_publisher
        self._scan = make(LaserScan, "scan", qos.FRAMES)
        self._up = make(Range, "range_up", qos.FRAMES)
        self._pose = make(PoseStamped, "pose", qos.STAGES)
        self._path = make(Path, "path", qos.LATCHED)
        self._markers = make(MarkerArray, "markers", qos.STAGES)
        self._annotated = make(Image, "camera/annotated", qos.FRAMES)
        self._view = make(m.NavigatorView, "navigator_view", qos.STAGES)
        self._tf = Transforms(self)
        vision = standard.optional("vision_msgs")
        self._vision = vision
        self._boxes = make(vision.Detection2DArray, "detections_2d", qos.STAGES) if vision else None
        self._poses: deque[PoseStamped] = deque(maxlen=int(self.values["path_poses"]))
        self._parts: dict[int, dict[str, Any]] = {}
        self._flight = -1
        self._frames = 0
        self.listen(m.DroneState, "state", self._on_state)
        self.listen(String, "flight_info", self._on_info, qos.LATCHED)
        self.listen(m.LatencyTrace, "latency", self._on_latency)
        self.listen(m.Detections, "detections", self._part("detections"))
        self.listen(m.ObjectFeatures, "features", self._part("features"))
        self.listen(m.Option, "option", self._on_option)
        self.listen(m.Decision, "decision", self._on_decision, qos.LATCHED)
        self.listen(Image, "camera/image_raw", self._part("image"), qos.FRAMES)
        self._reason = ""
        self._tf.stand(NO_ORIGIN)

    def _on_info(self, message: String) -> None:
        self._tf.stand(tuple(json.loads(message.data).get("origin", NO_ORIGIN)))

    def _on_state(self, message: m.DroneState) -> None:
        if message.flight != self._flight:
            self._flight = message.flight
            self._poses.clear()
        self._tf.move(message)
        if _watched(self._scan):
            self._scan.publish(standard.scan(message))
        if _watched(self._up):
            self._up.publish(standard.range_up(message))
        if _watched(self._pose):
            self._pose.publish(standard.pose(message))
        if message.phase == m.DroneState.FLYING and message.has_frame:
            self._poses.append(standard.pose(message))
            self._frames += 1
            if self._frames % PATH_EVERY == 0 and _watched(self._path):
                self._path.publish(standard.path(self._poses, message.header.stamp))

    def _on_latency(self, message: m.LatencyTrace) -> None:
        self.health.took("frame to setpoint", message.total_s)
        for name, ms in parts(message.hops):
            self.health.took(name, ms / 1e3)

    def _on_decision(self, message: m.Decision) -> None:
        if message.switched:
            self._reason = message.reason

    def _part(self, name: str) -> Callable[[Any], None]:
        def keep(message: Any) -> None:
            self._parts.setdefault(key(message.header.stamp), {})[name] = message
            while len(self._parts) > WAITING:
                del self._parts[min(self._parts)]

        return keep

    def _on_option(self, message: m.Option) -> None:
        """The option is the last word on a frame that is drawn."""
        found = self._parts.pop(key(message.header.stamp), {})
        if "features" not in found:
            return
        option = convert.option_from_msg(message)
        seen = convert.detections_from_msg(found["detections"]) if "detections" in found else None
        if _watched(self._markers) or _watched(self._view):
            features = convert.features_from_msg(found["features"])
            if _watched(self._markers):
                self._markers.publish(markers(features, seen, option, message.header.stamp))
            if _watched(self._view):
                self._view.publish(navigator_view(features, option, message.header.stamp))
        if seen is None:
            return
        if self._boxes is not None and _watched(self._boxes):
            head = Header(stamp=message.header.stamp, frame_id=convert.CAMERA)
            self._boxes.publish(standard.detections_2d(self._vision, seen, head))
        if "image" in found and _watched(self._annotated):
            self._annotate(found["image"], seen, option)

    def _annotate(self, image: Image, seen: Detections, option: Any) -> None:
        pixels = convert.frame_from_msg(image).pixels
        words = (palette.option_words(option), self._reason)
        drawn = annotated(pixels, seen, option, words, width=int(self.values["annotated_width"]))
        message = Image(
            header=image.header, height=drawn.shape[0], width=drawn.shape[1], encoding="rgb8",
            step=3 * drawn.shape[1],
        )  # fmt: skip
        message.data = np.ascontiguousarray(drawn).tobytes()
        self._annotated.publish(message)


def navigator_view(features: Any, option: Any, stamp: Any) -> m.NavigatorView:
    """Return what the navigator sees of these features."""
    view = view_of(features, option)
    entries = observation_of(features, option)
    return m.NavigatorView(
        header=Header(stamp=stamp, frame_id=convert.ODOM), option=palette.option_words(option),
        has_subgoal=view.subgoal is not None, subgoal=list(view.subgoal or (0.0, 0.0, 0.0)),
        way_m=view.way_m, area_m2=view.area_m2, names=[n for n, _, _ in entries],
        values=[v for _, v, _ in entries], units=[u for _, _, u in entries],
    )  # fmt: skip


class Transforms:
    """Publishes /tf and /tf_static with tf2_msgs where it is installed, else `transforms` one by one."""

    def __init__(self, node: Stage) -> None:
        self._node = node
        self._tf2 = standard.optional("tf2_msgs")
        if self._tf2 is not None:
            self._moving = node.create_publisher(self._tf2.TFMessage, "/tf", qos.deep(qos.STAGES, 100))
            self._standing = node.create_publisher(self._tf2.TFMessage, "/tf_static", qos.LATCHED)
        else:
            self._moving = node.create_publisher(TransformStamped, "transforms", qos.deep(qos.STAGES, 100))
            self._standing = node.create_publisher(
                TransformStamped, "transforms_static", qos.deep(qos.LATCHED, 10)
            )

    def move(self, state: m.DroneState) -> None:
        self._say(self._moving, standard.moving(state))

    def stand(self, origin: tuple[float, ...]) -> None:
        self._say(self._standing, standard.standing(origin, self._node.get_clock().now().to_msg()))

    def _say(self, publisher: Any, transforms: list[TransformStamped]) -> None:
        if self._tf2 is not None:
            publisher.publish(self._tf2.TFMessage(transforms=transforms))
            return
        for one in transforms:
            publisher.publish(one)


def _watched(publisher: Any) -> bool:
    return int(publisher.get_subscription_count()) > 0


def main() -> int:
    let_flight_go_first()
    return run(MonitorNode)


if __name__ == "__main__":
    sys.exit(main())

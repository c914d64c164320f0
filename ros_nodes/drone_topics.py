"""What the drone node publishes: our own messages for the stages, standard ones for everybody else."""

from __future__ import annotations

import json
import math
from array import array

from geometry_msgs.msg import Quaternion
from nav_msgs.msg import Odometry
from rclpy.node import Node
from rosgraph_msgs.msg import Clock
from sensor_msgs.msg import BatteryState, CameraInfo, Image
from std_msgs.msg import Header, String

from reprohrl.contracts.camera_model import AI_DECK, CameraModel
from reprohrl.contracts.state import DroneState
from reprohrl_msgs import msg as m
from ros_nodes import convert, qos
from ros_nodes.backends.base import Observation, TruthReport
from ros_nodes.event_kinds import event
from ros_nodes.flight_loop import FlightLoop
from ros_nodes.flight_types import Order, Sent
from ros_nodes.latency import total_ms
from ros_nodes.stamps import to_time
from ros_nodes.trace import begin, now_ns

SAFETY_EVENTS = ("failsafe", "motors_cut")


class DroneTopics:
    """An `Outlet` on ROS topics; called from the flight thread."""

    def __init__(self, node: Node, *, simulated: bool, source: str) -> None:
        create = node.create_publisher
        self._source = source
        self._clock = create(Clock, "/clock", qos.CLOCK) if simulated else None
        self._state = create(m.DroneState, "state", qos.STAGES)
        self._image = create(Image, "camera/image_raw", qos.FRAMES)
        self._info = create(CameraInfo, "camera/camera_info", qos.FRAMES)
        self._odom = create(Odometry, "odom", qos.FRAMES)
        self._battery = create(BatteryState, "battery_state", qos.FRAMES)
        self._truth = create(m.Truth, "truth", qos.STAGES) if simulated else None
        self._boxes = create(m.Detections, "truth_detections", qos.STAGES) if simulated else None
        self._event = create(m.Event, "events", qos.EVENTS)
        self._flight = create(String, "flight_info", qos.LATCHED)
        self._latency = create(m.LatencyTrace, "latency", qos.STAGES)
        self._told: Sent | None = None

    def describe(self, about: dict[str, object]) -> None:
        """Latch what is flown, for the report."""
        self._flight.publish(String(data=json.dumps(about)))

    def observed(self, observation: Observation, loop: FlightLoop) -> None:
        """Publish the clock, then the state, then the frame it belongs to: what the stages work on."""
        heard = now_ns()
        stamp = to_time(observation.stamp)
        if self._clock is not None:
            self._clock.publish(Clock(clock=stamp))
        state = convert.state_to_msg(observation.state, flight=loop.flight, stamp=stamp)
        state.phase, state.has_frame, state.loop_s = (
            int(loop.phase),
            observation.frame is not None,
            loop.loop_s,
        )
        state.trace = begin("camera", heard)
        self._state.publish(state)
        if observation.frame is not None:
            image = convert.frame_to_msg(observation.frame)
            image.header.stamp = stamp
            self._image.publish(image)
        if observation.truth is not None:
            self._publish_truth(observation.truth, state)

    def answered(self, observation: Observation, loop: FlightLoop) -> None:
        """Publish what is for those who watch: the stages have done their work on the frame."""
        stamp = to_time(observation.stamp)
        if observation.frame is not None:
            height, width = observation.frame.pixels.shape[:2]
            self._info.publish(camera_info(AI_DECK, width, height, convert.header(stamp, convert.CAMERA)))
        head = convert.header(stamp, convert.ODOM)
        self._odom.publish(odometry(observation.state, head))
        self._battery.publish(BatteryState(
            header=head, voltage=observation.state.battery_v, present=True,
            percentage=math.nan, current=math.nan, charge=math.nan, capacity=math.nan,
            design_capacity=math.nan,
        ))  # fmt: skip
        if loop.sent is not None and loop.sent is not self._told:
            self._told = loop.sent
            self._latency.publish(latency(loop.sent))

    def event(self, stamp: float, name: str, order: Order, detail: str) -> None:
        kind = m.Event.SUPERVISOR if name in SAFETY_EVENTS else m.Event.FLIGHT
        kind = m.Event.ERROR if name.endswith("_failed") else kind
        self._event.publish(
            event(stamp, kind=kind, source=self._source, name=name, reaction=int(order), detail=detail)
        )

    def _publish_truth(self, truth: TruthReport, state: m.DroneState) -> None:
        message = m.Truth(
            header=state.header, contact=truth.contact, goal_distance_m=array("d", truth.goal_distance_m),
            position=list(truth.position), velocity=list(truth.velocity), attitude=list(truth.attitude),
        )  # fmt: skip
        if self._truth is not None:
            self._truth.publish(message)
        if self._boxes is not None and state.has_frame:
            boxes = convert.detections_to_msg(truth.boxes)
            boxes.header.stamp = state.header.stamp
            self._boxes.publish(boxes)


def latency(sent: Sent) -> m.LatencyTrace:
    """Return the trace of a frame, up to the setpoint's leaving."""
    hops = [
        *sent.command.trace, m.Hop(stage="drone", heard_ns=sent.command.heard_ns, said_ns=sent.sent_ns)
    ]  # fmt: skip
    return m.LatencyTrace(
        header=convert.header(sent.command.command.stamp, convert.CAMERA), hops=hops, age_s=sent.age_s,
        total_s=total_ms(hops) / 1e3,
    )  # fmt: skip


def camera_info(camera: CameraModel, width: int, height: int, head: Header) -> CameraInfo:
    """The pinhole of `camera`, scaled to the image's size [px]."""
    fx, fy = camera.fx * width / camera.width, camera.fy * height / camera.height
    cx, cy = width / 2, height / 2
    info = CameraInfo(header=head, height=height, width=width, distortion_model="plumb_bob")
    info.d = [0.0] * 5
    info.k = [fx, 0.0, cx, 0.0, fy, cy, 0.0, 0.0, 1.0]
    info.r = [1.0, 0.0, 0.0, 0.0, 1.0, 0.0, 0.0, 0.0, 1.0]
    info.p = [fx, 0.0, cx, 0.0, 0.0, fy, cy, 0.0, 0.0, 0.0, 1.0, 0.0]
    return info


def odometry(state: DroneState, head: Header) -> Odometry:
    """REP-105: pose in odom, twist in base_link (here its yaw-aligned frame)."""
    odom = Odometry(header=head, child_frame_id=convert.BASE)
    pose, twist = odom.pose.pose, odom.twist.twist
    pose.position.x, pose.position.y, pose.position.z = state.position
    pose.orientation = quaternion(*state.attitude)
    twist.linear.x, twist.linear.y, twist.linear.z = state.velocity
    twist.angular.z = state.yaw_rate
    return odom


def quaternion(roll: float, pitch: float, yaw: float) -> Quaternion:
    (sr, cr), (sp, cp), (sy, cy) = ((math.sin(a / 2), math.cos(a / 2)) for a in (roll, pitch, yaw))
    return Quaternion(
        x=sr * cp * cy - cr * sp * sy, y=cr * sp * cy + sr * cp * sy,
        z=cr * cp * sy - sr * sp * cy, w=cr * cp * cy + sr * sp * sy,
    )  # fmt: skip

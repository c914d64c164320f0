"""The monitor node over DDS, and the transforms a bag keeps without tf2_msgs."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from diagnostic_msgs.msg import DiagnosticArray
from geometry_msgs.msg import TransformStamped
from sensor_msgs.msg import Image, LaserScan
from visualization_msgs.msg import MarkerArray

from reprohrl.contracts.detection import Detection, Detections
from reprohrl.contracts.drone import Frame
from reprohrl.contracts.mission import Option, OptionKind
from reprohrl.contracts.state import DroneState
from reprohrl.perception.tracker import ObjectTracker
from reprohrl_msgs import msg as m
from ros_nodes import convert, qos, standard
from ros_nodes.bag import load_types
from ros_nodes.bag_tf import TF_TYPE, serialise
from ros_nodes.stamps import to_time
from tests.ros.graph_under_test import Graph
from tests.ros.probe import Probe

pytestmark = pytest.mark.ros
STATE = DroneState(
    5.0, (0.5, -0.2, 0.8), attitude=(0.0, 0.0, 0.3), ranges=(1.5, 4.5, 0.7, 0.9, 1.2), flying=True
)
SEEN = Detections(5.0, (Detection(2, 0.9, 0.4, 0.5, 0.1, 0.2),))


@pytest.fixture
def monitored(ros: int, tmp_path: Path) -> Iterator[Probe]:
    probe = Probe(topics=((m.Event, "events"),))
    graph = Graph(ros, tmp_path, only=("monitor",), lasting=True, monitor="true")
    yield probe
    graph.close()
    probe.node.destroy_node()


def test_the_monitor_draws_what_is_subscribed_to(monitored: Probe) -> None:
    probe, heard = monitored, dict[str, list[Any]]()
    for kind, topic, profile in (
        (MarkerArray, "markers", qos.STAGES), (LaserScan, "scan", qos.FRAMES),
        (Image, "camera/annotated", qos.FRAMES), (m.NavigatorView, "navigator_view", qos.STAGES),
        (DiagnosticArray, "/diagnostics", qos.STAGES),
    ):  # fmt: skip
        heard[topic] = []
        probe.node.create_subscription(kind, topic, heard[topic].append, profile)
    say = {
        "state": (probe.node.create_publisher(m.DroneState, "state", qos.STAGES), state()),
        "image": (probe.node.create_publisher(Image, "camera/image_raw", qos.FRAMES), image()),
        "seen": (probe.node.create_publisher(m.Detections, "detections", qos.STAGES), boxes()),
        "features": (probe.node.create_publisher(m.ObjectFeatures, "features", qos.STAGES), features()),
        "latency": (probe.node.create_publisher(m.LatencyTrace, "latency", qos.STAGES), trace()),
    }  # fmt: skip
    options = probe.node.create_publisher(m.Option, "option", qos.STAGES)
    option = convert.option_to_msg(Option(OptionKind.GO_TO, 2, 5.0), stamp=to_time(5.0), mission_id=1)

    def all_drawn() -> bool:
        for publisher, message in say.values():
            publisher.publish(message)
        probe.executor.spin_once(timeout_sec=0.1)
        options.publish(option)
        drawn = ("markers", "scan", "camera/annotated", "navigator_view")
        return all(heard[t] for t in drawn) and bool(latencies(heard["/diagnostics"]))

    probe.until(all_drawn, "everything the monitor draws", 60.0)
    names = {marker.ns for marker in heard["markers"][-1].markers}
    assert {"goals", "detections", "option", "sectors"} <= names
    assert heard["scan"][-1].ranges[0] == pytest.approx(1.5)
    assert np.isinf(heard["scan"][-1].ranges[2])  # farther than the sensor sees
    assert heard["camera/annotated"][-1].width == 648
    view = heard["navigator_view"][-1]
    assert view.option == "go to cone" and len(view.names) == len(view.values) == len(view.units) > 50


def latencies(arrays: list[DiagnosticArray]) -> list[str]:
    pairs = [v for a in arrays for s in a.status if s.name == "/monitor" for v in s.values]
    return [v.value for v in pairs if v.key.startswith("frame to setpoint: p50")]


def state() -> m.DroneState:
    message = convert.state_to_msg(STATE, flight=1, stamp=5.0)
    message.phase, message.has_frame = m.DroneState.FLYING, True
    return message


def boxes() -> m.Detections:
    return convert.detections_to_msg(SEEN)


def image() -> Image:
    return convert.frame_to_msg(Frame(np.full((244, 324), 120, np.uint8), 5.0))


def features() -> m.ObjectFeatures:
    """What the tracker knows of a cone it saw five times in a row."""
    tracker = ObjectTracker()
    for stamp in (4.6, 4.7, 4.8, 4.9):
        tracker.update(replace(SEEN, stamp=stamp), replace(STATE, stamp=stamp))
    return convert.features_to_msg(tracker.update(SEEN, STATE), state=state())


def trace() -> m.LatencyTrace:
    hops = [
        m.Hop(stage="camera", heard_ns=0, said_ns=10**6),
        m.Hop(stage="drone", heard_ns=10**7, said_ns=2 * 10**7),
    ]
    return m.LatencyTrace(hops=hops, total_s=0.02)


def test_a_bag_keeps_transforms_that_read_back_as_tf2() -> None:
    store = load_types()
    transforms: list[TransformStamped] = standard.standing((1.0, 2.0, 0.0, 0.5), to_time(3.5))
    read: Any = store.deserialize_cdr(serialise(store, transforms), TF_TYPE)
    frames = [(t.header.frame_id, t.child_frame_id) for t in read.transforms]
    assert frames[:3] == [
        ("map", "odom"), ("base_link", "camera_link"), ("camera_link", "camera_optical_frame")
    ]  # fmt: skip
    assert read.transforms[0].transform.translation.y == 2.0
    assert read.transforms[0].header.stamp.sec == 3


def test_the_optical_frame_looks_along_the_body_and_has_x_to_the_right() -> None:
    camera = next(t for t in standard.standing((0, 0, 0, 0), to_time(0.0)) if "optical" in t.child_frame_id)
    q = camera.transform.rotation
    x, y, z, w = q.x, q.y, q.z, q.w
    forward = (2 * (x * z + w * y), 2 * (y * z - w * x), 1 - 2 * (x * x + y * y))  # its z in the body
    right = (1 - 2 * (y * y + z * z), 2 * (x * y + w * z), 2 * (x * z - w * y))  # its x in the body
    assert forward == pytest.approx((1.0, 0.0, 0.0), abs=1e-9)
    assert right == pytest.approx((0.0, -1.0, 0.0), abs=1e-9)


def test_every_message_of_ours_can_be_written_to_a_bag_and_read_back(ros: int, tmp_path: Path) -> None:
    from mcap_ros2.reader import read_ros2_messages
    from rclpy.serialization import serialize_message

    from ros_nodes.bag import Bag, type_name

    store = load_types()
    kinds = [kind for kind in vars(m).values() if isinstance(kind, type)]
    assert {m.LatencyTrace, m.Decision, m.NavigatorView, m.Event} <= set(kinds)
    bag = Bag(tmp_path / "bag", store)
    for k, kind in enumerate(kinds):
        message = trace() if kind is m.LatencyTrace else kind()
        bag.write(f"/{kind.__name__}", type_name(kind), k, bytes(serialize_message(message)))
    bag.close()
    files = list((tmp_path / "bag").glob("*.mcap"))
    read = {one.channel.topic: one.ros_msg for one in read_ros2_messages(files[0])}  # schemas are in the file
    assert len(read) == len(kinds)
    assert [hop.stage for hop in read["/LatencyTrace"].hops] == ["camera", "drone"]

"""What has come in is handled before a node looks back."""

from __future__ import annotations

import time

import pytest
import rclpy
from rclpy.executors import SingleThreadedExecutor
from std_msgs.msg import String

from ros_nodes import qos
from ros_nodes.drain import Polled, drain

pytestmark = [pytest.mark.ros, pytest.mark.timeout(60)]


def test_waiting_messages_are_handled_topic_by_topic_without_a_turn_of_the_executor(ros: int) -> None:
    node = rclpy.create_node("drained")
    heard: list[str] = []
    profile = qos.deep(qos.STAGES, 20)
    topics = ("one", "two")
    for topic in topics:
        node.create_subscription(String, topic, lambda message: heard.append(message.data), profile)
    publishers = [node.create_publisher(String, topic, profile) for topic in topics]
    end = time.monotonic() + 20.0
    while any(p.get_subscription_count() == 0 for p in publishers):
        assert time.monotonic() < end, "the topics never met"
        time.sleep(0.02)
    for k in range(10):
        for topic, publisher in zip(topics, publishers, strict=True):
            publisher.publish(String(data=f"{topic} {k}"))
    time.sleep(0.3)
    assert not heard
    while len(heard) < 20:
        assert time.monotonic() < end, heard
        drain(node.subscriptions)
        time.sleep(0.02)
    assert [h for h in heard if h.startswith("one")] == [f"one {k}" for k in range(10)]
    assert abs(heard.index("one 9") - heard.index("two 9")) == 1
    assert drain(node.subscriptions) == 0
    node.destroy_node()


def test_a_polled_topic_never_wakes_the_executor(ros: int) -> None:
    node = rclpy.create_node("polled")
    executor = SingleThreadedExecutor()
    executor.add_node(node)
    heard: list[str] = []
    polled = Polled()
    one = node.create_subscription(
        String, "polled", lambda message: heard.append(message.data), qos.STAGES, callback_group=polled
    )
    node.create_subscription(String, "awake", lambda message: heard.append(message.data), qos.STAGES)
    publishers = [node.create_publisher(String, topic, qos.STAGES) for topic in ("polled", "awake")]
    end = time.monotonic() + 20.0
    while any(p.get_subscription_count() == 0 for p in publishers):
        assert time.monotonic() < end, "the topics never met"
        time.sleep(0.02)
    for publisher in publishers:
        publisher.publish(String(data=publisher.topic_name.strip("/")))
    while "awake" not in heard:
        assert time.monotonic() < end, heard
        executor.spin_once(timeout_sec=0.1)
    executor.spin_once(timeout_sec=0.2)
    assert heard == ["awake"]
    while "polled" not in heard:
        assert time.monotonic() < end, heard
        drain([one])
    executor.shutdown()
    node.destroy_node()

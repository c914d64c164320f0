"""A node inside the test: sees what the graph says, and says what a test wants said."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

from rclpy.action import ActionClient
from rclpy.executors import SingleThreadedExecutor
from rclpy.node import Node
from std_srvs.srv import SetBool

from reprohrl_msgs import msg as m
from reprohrl_msgs import srv
from reprohrl_msgs.action import FlyMission
from ros_nodes import qos

TOPICS: tuple[tuple[type, str, Any], ...] = (
    (m.DroneState, "state", qos.STAGES),
    (m.Truth, "truth", qos.STAGES),
    (m.ObjectFeatures, "features", qos.STAGES),
    (m.MissionStatus, "mission_status", qos.STAGES),
    (m.Option, "option", qos.STAGES),
    (m.Command, "raw_command", qos.STAGES),
    (m.Command, "command", qos.COMMANDS),
    (m.SupervisorStatus, "supervisor_status", qos.LATCHED),
    (m.Event, "events", qos.EVENTS),
    (m.GraphStatus, "graph_status", qos.LATCHED),
)


class Probe:
    """Collects every message; `until` spins to a condition or fails at its deadline."""

    def __init__(
        self, name: str = "probe", *, namespace: str = "", topics: tuple[tuple[type, str], ...] = ()
    ) -> None:
        """With `topics` it listens to those alone, each with the profile of `TOPICS`."""
        wanted = {topic for _, topic in topics} or {topic for _, topic, _ in TOPICS}
        self.node = Node(name, namespace=namespace)
        self.executor = SingleThreadedExecutor()
        self.executor.add_node(self.node)
        self.heard: dict[str, list[Any]] = {topic: [] for topic in wanted}
        for kind, topic, profile in (t for t in TOPICS if t[1] in wanted):
            self.node.create_subscription(kind, topic, self.heard[topic].append, profile)
        self.action = ActionClient(self.node, FlyMission, "fly_mission")
        self.pause_client = self.node.create_client(srv.Pause, "pause")
        self.freeze_client = self.node.create_client(SetBool, "drone/freeze_camera")
        self.feedback: list[Any] = []

    def until(self, holds: Callable[[], Any], what: str, deadline_s: float = 30.0) -> Any:
        """Spin until `holds()` is true and return it. Fails naming `what` at the deadline."""
        end = time.monotonic() + deadline_s
        while not (value := holds()):
            if time.monotonic() > end:
                raise AssertionError(f"waited {deadline_s:g} s for {what}")
            self.executor.spin_once(timeout_sec=0.05)
        return value

    def spin(self, seconds: float) -> None:
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            self.executor.spin_once(timeout_sec=0.05)

    def clear(self) -> None:
        for messages in self.heard.values():
            messages.clear()
        self.feedback.clear()

    def newest(self, topic: str) -> Any:
        return self.heard[topic][-1] if self.heard[topic] else None

    def phase(self) -> int:
        state = self.newest("state")
        return -1 if state is None else int(state.phase)

    def send_mission(self, *goals: str, time_limit_s: float = 60.0) -> Any:
        """Send a goal and return its handle."""
        self.until(self.action.server_is_ready, "the action server", 40.0)
        goal = FlyMission.Goal(goals=list(goals), time_limit_per_goal_s=time_limit_s)
        sent = self.action.send_goal_async(goal, feedback_callback=lambda f: self.feedback.append(f.feedback))
        self.until(sent.done, "the goal's answer")
        return sent.result()

    def result(self, handle: Any, deadline_s: float = 60.0) -> Any:
        """Return the wrapped result of a goal."""
        result = handle.get_result_async()
        self.until(result.done, "the mission's result", deadline_s)
        return result.result()

    def call(self, client: Any, request: Any, deadline_s: float = 20.0) -> Any:
        self.until(client.service_is_ready, client.srv_name, deadline_s)
        answer = client.call_async(request)
        self.until(answer.done, client.srv_name, deadline_s)
        return answer.result()

    def close(self) -> None:
        self.executor.remove_node(self.node)
        self.node.destroy_node()
        self.executor.shutdown(timeout_sec=1.0)

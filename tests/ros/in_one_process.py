"""The whole graph in the test's own process and one executor: it comes up and goes down many times a minute."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

import rclpy
from rclpy.context import Context
from rclpy.executors import SingleThreadedExecutor
from rclpy.parameter import Parameter
from rclpy.signals import SignalHandlerOptions

from ros_nodes.arguments import resolve
from ros_nodes.detector import DetectorNode
from ros_nodes.drone import DroneNode
from ros_nodes.goal_selector import GoalSelectorNode
from ros_nodes.graph import multigoal
from ros_nodes.lifecycle_manager import LifecycleManagerNode
from ros_nodes.mission import MissionNode
from ros_nodes.navigator import NavigatorNode
from ros_nodes.recorder import RecorderNode
from ros_nodes.roster import Primary
from ros_nodes.stage import Stage
from ros_nodes.supervisor import SupervisorNode
from tests.ros.graph_under_test import QUICK

CLASSES: dict[str, Callable[..., Stage]] = {
    "drone": DroneNode, "supervisor": SupervisorNode, "detector": DetectorNode, "mission": MissionNode,
    "goal_selector": GoalSelectorNode, "navigator": NavigatorNode, "recorder": RecorderNode,
    "lifecycle_manager": LifecycleManagerNode,
}  # fmt: skip


class OneProcess:
    """Makes the nodes of the graph in a context of their own; `up` and `down` are real transitions over DDS."""

    def __init__(self, domain: int, run_dir: Path) -> None:
        self.context = Context()
        rclpy.init(context=self.context, domain_id=domain, signal_handler_options=SignalHandlerOptions.NO)
        self.executor = SingleThreadedExecutor(context=self.context)
        self.nodes: dict[str, Stage] = {}
        for spec in multigoal(resolve({**QUICK, "run_dir": str(run_dir), "fly": "false", "task": "S1"})):
            if spec.executable not in CLASSES:
                continue
            given = {**spec.parameters, "bring_up": False} if "nodes" in spec.parameters else spec.parameters
            node = CLASSES[spec.executable](
                context=self.context, parameter_overrides=[Parameter(k, value=v) for k, v in given.items()]
            )
            self.nodes[spec.name] = node
            self.executor.add_node(node)
        self.manager = self.nodes["lifecycle_manager"]
        assert isinstance(self.manager, LifecycleManagerNode)
        assert self.manager.bring_up()

    def until(self, holds: Callable[[], bool], what: str, deadline_s: float = 60.0) -> None:
        end = time.monotonic() + deadline_s
        while not holds():
            assert time.monotonic() < end, f"waited {deadline_s:g} s for {what}"
            self.executor.spin_once(timeout_sec=0.05)

    def reach(self, goal: Primary) -> None:
        """Bring the graph to `goal` through its manager."""
        roster = self.manager.roster
        self.manager.take_down(goal)
        self.until(lambda: roster.done(self.manager.wall_s()), f"{goal.name.lower()}: {roster.failed()}")
        assert not roster.failed(), roster.failed()

    def states(self) -> set[int]:
        return {n.state_id for name, n in self.nodes.items() if name != "lifecycle_manager"}

    def close(self) -> None:
        for node in self.nodes.values():
            node.bring_down()
            self.executor.remove_node(node)
            node.destroy_node()
        self.executor.shutdown(timeout_sec=2.0)
        rclpy.try_shutdown(context=self.context)

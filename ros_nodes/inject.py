"""Asks the node that publishes a topic to make it faulty, or sound again."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import rclpy
from rclpy.context import Context
from rclpy.executors import SingleThreadedExecutor
from rclpy.node import Node
from rclpy.signals import SignalHandlerOptions

from reprohrl.contracts.errors import UserError
from reprohrl.contracts.vocabulary import did_you_mean
from reprohrl_msgs import msg as m
from reprohrl_msgs.srv import Inject
from ros_nodes import qos
from ros_nodes.fault_injection import SERVICE
from ros_nodes.faults import Fault

WAIT_S = 10.0
UNDISCOVERED = "_NODE_NAME_UNKNOWN_"
"""What rcl calls the node of an endpoint that it heard of before the node itself."""

SETTLE_S = 1.0
"""Wall time in which the latched faults of all nodes have arrived."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What one node said."""

    node: str
    success: bool
    message: str


class Injector:
    """A client of the `inject` services of a running graph; every wait has a deadline."""

    def __init__(self, node: Node, executor: SingleThreadedExecutor, *, wait_s: float = WAIT_S) -> None:
        self._node, self._executor, self._wait_s = node, executor, wait_s

    def ask(self, fault: Fault | None, topic: str) -> list[Answer]:
        """Inject `fault` into `topic`, None ends it; return what its publishers said.

        Raises `UserError` when nobody publishes the topic, or a publisher takes no faults.
        """
        name = self._node.resolve_topic_name(topic)
        found = self._until(lambda: self._publishers(name))
        if not found:
            known = sorted(t for t, _ in self._node.get_topic_names_and_types())
            raise UserError(
                f"nobody publishes {name}",
                why=f"there are: {', '.join(known)}",
                fix=did_you_mean(name, known) or "is the graph running, in this ROS_DOMAIN_ID?",
            )
        return [self._ask_node(namespace, who, fault, topic) for who, namespace in found]

    def active(self) -> list[m.Fault]:
        """Return the faults that last, as the nodes latched them."""
        told: dict[str, m.Fault] = {}
        profile = qos.deep(qos.LATCHED, 100)
        listening = self._node.create_subscription(
            m.Fault, "faults", lambda one: told.update({one.topic: one}), profile
        )
        self._until(lambda: False, SETTLE_S)
        self._node.destroy_subscription(listening)
        return [one for one in told.values() if one.active]

    def _ask_node(self, namespace: str, who: str, fault: Fault | None, topic: str) -> Answer:
        full = f"{namespace.rstrip('/')}/{who}"
        client = self._node.create_client(Inject, f"{full}/{SERVICE}")
        if not self._until(client.service_is_ready):
            raise UserError(f"{full} takes no faults", why=f"nobody serves {full}/{SERVICE}")
        request = Inject.Request(topic=topic)
        if fault is not None:
            request = Inject.Request(
                topic=topic, fault=fault.kind, amount=fault.amount, duration_s=fault.duration_s
            )
        answer = client.call_async(request)
        if not self._until(answer.done):
            raise UserError(f"{full} did not answer within {self._wait_s:g} s")
        response = answer.result()
        self._node.destroy_client(client)
        return Answer(full, response.success, response.message)

    def _publishers(self, name: str) -> list[tuple[str, str]]:
        """Return (node, namespace) of a topic's publishers; none while discovery does not know all names."""
        infos = self._node.get_publishers_info_by_topic(name)
        if any(i.node_name == UNDISCOVERED for i in infos):
            return []
        mine = self._node.get_name()
        return sorted({(i.node_name, i.node_namespace) for i in infos if i.node_name not in (mine, "")})

    def _until(self, holds: Callable[[], Any], wait_s: float | None = None) -> Any:
        end = time.monotonic() + (self._wait_s if wait_s is None else wait_s)
        while not (value := holds()) and time.monotonic() < end:
            self._executor.spin_once(timeout_sec=0.05)
        return value


@contextmanager
def connected(namespace: str = "") -> Iterator[Injector]:
    """Open a client in the domain of $ROS_DOMAIN_ID, in the namespace of a drone of a swarm."""
    context = Context()
    rclpy.init(context=context, signal_handler_options=SignalHandlerOptions.NO)
    node = Node("inject", namespace=namespace, context=context)
    executor = SingleThreadedExecutor(context=context)
    executor.add_node(node)
    try:
        yield Injector(node, executor)
    finally:
        executor.remove_node(node)
        node.destroy_node()
        executor.shutdown(timeout_sec=1.0)
        rclpy.try_shutdown(context=context)

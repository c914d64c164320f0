"""Fault injection in a node: every topic it publishes can be made faulty, where the launch enabled that.

A fault sits at the publisher, as a broken sensor does: every reader meets it, and the bag shows it.
"""

from __future__ import annotations

import copy
from collections.abc import Callable
from typing import Any

from rclpy.node import Node

from reprohrl.contracts.errors import UserError
from reprohrl_msgs import msg as m
from reprohrl_msgs.srv import Inject
from ros_nodes import qos
from ros_nodes.event_kinds import event
from ros_nodes.faults import Fault, Line, make_fault, parse_faults

RELEASE_S = 0.02
SERVICE = "inject"
DISABLED = "fault injection is not enabled here; launch the graph with fault_injection:=true"


class FaultInjection:
    """Hooks a node's publishers and answers its `inject` service; without leave it only refuses."""

    def __init__(self, node: Node, *, enabled: bool, faults: str, now_s: Callable[[], float]) -> None:
        if faults and not enabled:
            raise UserError(f"faults {faults!r} are asked for", why=DISABLED)
        self._node, self._now_s, self.enabled = node, now_s, enabled
        self._lines: dict[str, Line] = {}
        self._from_start = {node.resolve_topic_name(f.topic): f for f in parse_faults(faults)}
        self._told = self._events = None
        name = node.get_name()
        if enabled:
            self._told = node.create_publisher(m.Fault, "faults", qos.deep(qos.LATCHED, 20))
            self._events = node.create_publisher(m.Event, "events", qos.EVENTS)
            node.create_timer(RELEASE_S, self._tick, clock=node.wall)
        node.create_service(Inject, f"{name}/{SERVICE}", self._on_inject)

    def hook(self, publisher: Any, topic: str) -> None:
        """Let everything this publisher sends pass a line that can be made faulty."""
        if not self.enabled:
            return
        name = self._node.resolve_topic_name(topic)
        send = publisher.publish
        line = Line(send, copy.deepcopy, seed=len(self._lines))
        before = self._lines.get(name)
        self._lines[name] = line
        publisher.publish = lambda message: line.publish(message, self._now_s())
        fault = before.fault if before is not None else self._from_start.pop(name, None)
        if fault is not None:
            self._begin(name, fault)

    def drop(self) -> None:
        """Forget what is delayed: the publishers are being destroyed. The faults last."""
        for line in self._lines.values():
            line.drop()

    def _on_inject(self, request: Inject.Request, response: Inject.Response) -> Inject.Response:
        try:
            response.message = self._inject(request)
            response.success = True
        except UserError as error:
            response.message = str(error)
        return response

    def _inject(self, request: Inject.Request) -> str:
        if not self.enabled:
            raise UserError(DISABLED)
        name = self._node.resolve_topic_name(request.topic)
        if name not in self._lines:
            raise UserError(
                f"{self._node.get_name()} publishes no {name}", why=f"it publishes {', '.join(self._lines)}"
            )
        if not request.fault:
            self._end(name)
            return f"{name} is as it should be"
        fault = make_fault(request.topic, request.fault, request.amount, request.duration_s)
        self._begin(name, fault)
        return f"{name}: {fault}"

    def _begin(self, name: str, fault: Fault) -> None:
        self._lines[name].begin(fault, self._now_s())
        self._tell(name, fault, active=True)

    def _end(self, name: str) -> None:
        fault = self._lines[name].fault
        self._lines[name].end()
        if fault is not None:
            self._tell(name, fault, active=False)

    def _tick(self) -> None:
        now = self._now_s()
        for name, line in self._lines.items():
            if line.over(now):
                self._end(name)
            line.release(now)

    def _tell(self, name: str, fault: Fault, *, active: bool) -> None:
        """Say it to the log, to the events and, latched, to `faults`."""
        if self._told is None or self._events is None:
            return
        now = self._node.get_clock().now().to_msg()
        words = f"{name}: {fault}"
        self._node.get_logger().warning(f"fault {'begins' if active else 'ends'}: {words}")
        told = m.Fault(topic=name, fault=fault.kind, amount=fault.amount, active=active, detail=words)
        told.header.stamp = now
        self._told.publish(told)
        self._events.publish(
            event(
                now, kind=m.Event.FAULT, severity=m.Event.WARN, source=self._node.get_name(),
                name="fault_began" if active else "fault_ended", detail=words,
            )
        )  # fmt: skip

"""What a node is made of in ROS, and how to destroy the part of it that came later."""

from __future__ import annotations

from typing import Any

from rclpy.action import ActionClient, ActionServer
from rclpy.node import Node

_KINDS = ("publishers", "subscriptions", "clients", "services", "timers", "guards")


class Entities:
    """Remembers what `node` had when this was made; `destroy_new` takes the node back to that."""

    def __init__(self, node: Node) -> None:
        self._node = node
        self._kept = {kind: {id(one) for one in getattr(node, kind)} for kind in _KINDS}
        self._waitables = {id(one) for one in node.waitables}

    def destroy_new(self) -> None:
        """Destroy all publishers, subscriptions, services, clients, timers and actions made since."""
        node = self._node
        for one in [w for w in node.waitables if id(w) not in self._waitables]:
            if isinstance(one, (ActionServer, ActionClient)):
                one.destroy()
        for kind in _KINDS:
            destroy = getattr(node, f"destroy_{_singular(kind)}")
            for one in [e for e in getattr(node, kind) if self._is_new(kind, e)]:
                destroy(one)

    def _is_new(self, kind: str, entity: Any) -> bool:
        return id(entity) not in self._kept[kind]


def _singular(kind: str) -> str:
    return {"guards": "guard_condition"}.get(kind, kind.removesuffix("s"))

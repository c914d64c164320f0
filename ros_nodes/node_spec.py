"""What a graph is made of, as plain data: nodes, and processes that are none."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from ros_nodes.executables import EXECUTABLES

Value = bool | int | float | str
PACKAGE = "reprohrl"


@dataclass(frozen=True, slots=True)
class NodeSpec:
    """One node in a process of its own.

    required  its death ends the launch, unless it may be started again
    respawn   it is started again when it died; the lifecycle manager brings it up
    managed   the lifecycle manager brings it up and down, in the order of the list
    critical  no mission may begin without it
    client    the launch ends with it: it flies the mission
    grace_s   what it may take to end by itself [s]
    """

    name: str
    executable: str
    parameters: Mapping[str, Value] = field(default_factory=dict)
    required: bool = True
    respawn: bool = False
    managed: bool = True
    critical: bool = True
    client: bool = False
    namespace: str = ""
    remaps: tuple[tuple[str, str], ...] = ()
    grace_s: float = 10.0

    @property
    def full_name(self) -> str:
        """With its namespace, without the leading slash: "drone1/detector"."""
        return f"{self.namespace}/{self.name}".strip("/")

    def within(self, namespace: str) -> NodeSpec:
        """Return the same node under a namespace."""
        return replace(self, namespace=namespace)

    def arguments(self) -> list[str]:
        """Return the ROS arguments of its process, but for the parameters."""
        words = ["--ros-args", "-r", f"__node:={self.name}"]
        if self.namespace:
            words += ["-r", f"__ns:=/{self.namespace}"]
        for old, new in self.remaps:
            words += ["-r", f"{old}:={new}"]
        return words


def node_command(spec: NodeSpec, python: str) -> list[str]:
    """Return the command line of a node's process, started without an installation."""
    words = [python, "-m", EXECUTABLES[spec.executable].partition(":")[0], *spec.arguments()]
    for name, value in spec.parameters.items():
        words += ["-p", f"{name}:={json.dumps(value)}"]
    return words


@dataclass(frozen=True, slots=True)
class ProcessSpec:
    """A process that is no node, started before the nodes.

    required  its death ends the launch
    client    the launch ends with it, and with its exit code
    """

    name: str
    command: tuple[str, ...]
    required: bool = True
    client: bool = False


@dataclass(frozen=True, slots=True)
class Description:
    """All that a launch starts."""

    nodes: tuple[NodeSpec, ...]
    processes: tuple[ProcessSpec, ...] = ()

"""A recording stand-in for the part of `launch` and `launch_ros` that the launch files use.

It knows what each constructor of Humble to Kilted takes, and remembers what it was given.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import ModuleType
from typing import Any

import pytest


class LaunchContext:
    """Values of launch configurations."""

    def __init__(self, values: dict[str, str]) -> None:
        self.launch_configurations = values


class LaunchDescription:
    def __init__(self, entities: list[Any]) -> None:
        self.entities = entities


class LaunchConfiguration:
    def __init__(self, name: str) -> None:
        self.name = name

    def perform(self, context: LaunchContext) -> str:
        return context.launch_configurations[self.name]


class DeclareLaunchArgument:
    def __init__(
        self, name: str, *, default_value: str, description: str, choices: list[str] | None = None
    ) -> None:
        self.name, self.default_value, self.description = name, default_value, description
        self.choices = choices


class OpaqueFunction:
    def __init__(self, *, function: Callable[[LaunchContext], list[Any]]) -> None:
        self.function = function


class Shutdown:
    def __init__(self, *, reason: str) -> None:
        self.reason = reason


class LogInfo:
    def __init__(self, *, msg: str) -> None:
        self.msg = msg


class ExecuteProcess:
    def __init__(self, *, cmd: list[str], name: str, output: str, on_exit: list[Any]) -> None:
        self.cmd, self.name, self.output, self.on_exit = cmd, name, output, on_exit


class Node:
    def __init__(
        self,
        *,
        package: str,
        executable: str,
        name: str,
        namespace: str,
        parameters: list[dict[str, Any]],
        remappings: list[tuple[str, str]],
        output: str,
        respawn: bool,
        respawn_delay: float,
        on_exit: list[Any],
        sigterm_timeout: str,
    ) -> None:
        self.package, self.executable, self.name, self.namespace = package, executable, name, namespace
        self.parameters, self.remappings, self.output = parameters, remappings, output
        self.respawn, self.respawn_delay, self.on_exit = respawn, respawn_delay, on_exit
        self.sigterm_timeout = sigterm_timeout

    @property
    def ends_all(self) -> bool:
        return any(isinstance(action, Shutdown) for action in self.on_exit)


@contextmanager
def installed() -> Iterator[None]:
    """Let `import launch` and `import launch_ros` find the stand-in."""
    here = globals()
    modules = {
        "launch": ("LaunchContext", "LaunchDescription"),
        "launch.actions": (
            "DeclareLaunchArgument",
            "ExecuteProcess",
            "LogInfo",
            "OpaqueFunction",
            "Shutdown",
        ),
        "launch.substitutions": ("LaunchConfiguration",),
        "launch_ros": (),
        "launch_ros.actions": ("Node",),
    }
    with pytest.MonkeyPatch.context() as patch:
        for name, members in modules.items():
            module = ModuleType(name)
            module.__path__ = []  # type: ignore[attr-defined]
            for member in members:
                setattr(module, member, here[member])
            patch.setitem(sys.modules, name, module)
        patch.delitem(sys.modules, "ros_nodes.ros_launch", raising=False)
        yield
        sys.modules.pop("ros_nodes.ros_launch", None)

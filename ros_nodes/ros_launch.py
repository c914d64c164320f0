"""Turns a graph's description into actions of ROS's own `launch`, for the files in launch/.

Only what Humble to Kilted document is used. Needs `launch` and `launch_ros` of a ROS installation.
"""

from __future__ import annotations

from typing import Any

from launch.actions import DeclareLaunchArgument, ExecuteProcess, LogInfo, OpaqueFunction, Shutdown
from launch.substitutions import LaunchConfiguration
from launch_ros.actions import Node

from launch import LaunchContext, LaunchDescription
from ros_nodes.descriptions import GRAPHS, LaunchGraph
from ros_nodes.node_spec import PACKAGE, NodeSpec, ProcessSpec

RESPAWN_DELAY_S = 0.2


def description(name: str) -> LaunchDescription:
    """Return the launch description of a graph: its arguments, and its nodes once those have values."""
    graph = GRAPHS[name]
    declared = [
        DeclareLaunchArgument(
            a.name, default_value=a.default, description=a.description, choices=list(a.choices) or None
        )
        for a in graph.arguments
    ]
    return LaunchDescription([*declared, OpaqueFunction(function=lambda context: actions(graph, context))])


def actions(graph: LaunchGraph, context: LaunchContext) -> list[Any]:
    """Return an action per process and node."""
    given = {a.name: LaunchConfiguration(a.name).perform(context) for a in graph.arguments}
    described = graph.describe(graph.prepare(given))
    return [*map(process_action, described.processes), *map(node_action, described.nodes)]


def process_action(spec: ProcessSpec) -> ExecuteProcess:
    """Return what starts a process that is no node."""
    last = on_exit(spec.name, spec.client or spec.required)
    return ExecuteProcess(cmd=list(spec.command), name=spec.name, output="screen", on_exit=last)


def node_action(spec: NodeSpec) -> Node:
    """Return what starts a node: name, namespace, parameters and remaps as `reprohrl launch` gives."""
    return Node(
        package=PACKAGE,
        executable=spec.executable,
        name=spec.name,
        namespace=f"/{spec.namespace}",
        parameters=[dict(spec.parameters)],
        remappings=list(spec.remaps),
        output="screen",
        respawn=spec.respawn,
        respawn_delay=RESPAWN_DELAY_S,
        on_exit=on_exit(spec.full_name, spec.client or (spec.required and not spec.respawn)),
        sigterm_timeout=f"{spec.grace_s:g}",
    )


def on_exit(name: str, ends_all: bool) -> list[Any]:
    """Say that a process ended; shut the launch down where nothing flies without it."""
    said: list[Any] = [LogInfo(msg=f"{name} ended")]
    return [*said, Shutdown(reason=f"{name} ended")] if ends_all else said

"""The graphs that can be launched: what each is for, its arguments, and what it starts."""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from ros_nodes.arguments import ARGUMENTS, Argument, resolve
from ros_nodes.graph import multigoal
from ros_nodes.node_spec import Description
from ros_nodes.prepare_run import prepare_values, virtual_processes
from ros_nodes.swarm import prepare_swarm, swarm

_SWARM = (
    Argument("count", "2", "drones: drone1, drone2, ... each with its nodes under that namespace"),
    Argument("uris", "", "cflib addresses, one per drone, separated by commas; ports from uri on when empty"),
    Argument("camera_hosts", "", "addresses of the AI-decks, one per drone, separated by commas"),
)
_LINK = ("uri", "camera_host", "camera_port", "virtual")
_SIMULATOR = ("world", "speed")


@dataclass(frozen=True, slots=True)
class LaunchGraph:
    """One launch file. `fixed` are values of arguments that it does not offer."""

    name: str
    about: str
    arguments: tuple[Argument, ...]
    build: Callable[[Mapping[str, str]], Description]
    fixed: Mapping[str, str] = field(default_factory=dict)
    settle: Callable[[Mapping[str, str]], dict[str, str]] = prepare_values

    def resolve(self, given: Mapping[str, str]) -> dict[str, str]:
        """Return all values. Raises `UserError` naming every unknown argument and bad value at once."""
        offered = resolve(dict(given), self.arguments, graph=self.name)
        return {**{a.name: a.default for a in ARGUMENTS}, **self.fixed, **offered}

    def describe(self, values: Mapping[str, str]) -> Description:
        """Return what to start; `values` are those of `prepare`."""
        return self.build(values)

    def prepare(self, given: Mapping[str, str]) -> dict[str, str]:
        """Return all values, checked and settled: goals, run folder. Raises `UserError`."""
        return self.settle(self.resolve(given))


def _one_drone(values: Mapping[str, str]) -> Description:
    return Description(tuple(multigoal(values)), virtual_processes(values, sys.executable))


def _without(*names: str) -> tuple[Argument, ...]:
    return tuple(a for a in ARGUMENTS if a.name not in names)


GRAPHS = {
    g.name: g
    for g in (
        LaunchGraph("multigoal", "A drone, simulated or real, flies a mission.", ARGUMENTS, _one_drone),
        LaunchGraph(
            "sim", "A simulated drone flies a mission.", _without("backend", *_LINK), _one_drone,
            {"backend": "sim"},
        ),
        LaunchGraph(
            "crazyflie", "A Crazyflie, real or virtual, flies a mission.", _without("backend", *_SIMULATOR),
            _one_drone, {"backend": "crazyflie"},
        ),
        LaunchGraph(
            "swarm", "Several Crazyflies, real or virtual, fly missions in one world.",
            (*_SWARM, *_without("backend", *_SIMULATOR)), swarm, {"backend": "crazyflie"}, prepare_swarm,
        ),
    )
}  # fmt: skip


def describe_arguments(graph: LaunchGraph) -> str:
    """Return what a person reads about a graph: purpose, then each argument with default and choices."""
    lines = [graph.about, "", f"Arguments of {graph.name} (name:=value):"]
    for a in graph.arguments:
        default = a.default or "''"
        lines += ["", f"  {a.name}:={default}", f"      {a.description}"]
        if a.choices:
            lines.append(f"      one of: {', '.join(a.choices)}")
    return "\n".join(lines) + "\n"

"""The graphs that can be launched: what each is for, its arguments, and what it starts."""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace

from ros_nodes.arguments import ARGUMENTS, BOOLEANS, Argument, resolve
from ros_nodes.graph import is_true, multigoal
from ros_nodes.node_spec import Description, NodeSpec, ProcessSpec, Value
from ros_nodes.prepare_run import prepare_values, virtual_processes
from ros_nodes.swarm import prepare_swarm, swarm

_SWARM = (
    Argument(
        "backend",
        "crazyflie",
        "crazyflie: all in one world, real or virtual; sim: each in a copy of it",
        ("crazyflie", "sim"),
    ),
    Argument("count", "2", "drones: drone1, drone2, ... each with its nodes under that namespace"),
    Argument("uris", "", "cflib addresses, one per drone, separated by commas; ports from uri on when empty"),
    Argument("camera_hosts", "", "addresses of the AI-decks, one per drone, separated by commas"),
)
_LINK = ("uri", "camera_host", "camera_port", "virtual")
_SIMULATOR = ("world", "speed")


@dataclass(frozen=True, slots=True)
class LaunchGraph:
    """One launch file.

    fixed   values of arguments that it does not offer
    settle  checks all values and adds what follows from them
    joins   it belongs to a graph that runs already, in the domain of $ROS_DOMAIN_ID
    """

    name: str
    about: str
    arguments: tuple[Argument, ...]
    build: Callable[[Mapping[str, str]], Description]
    fixed: Mapping[str, str] = field(default_factory=dict)
    settle: Callable[[Mapping[str, str]], dict[str, str]] = prepare_values
    joins: bool = False

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


def _monitor(values: Mapping[str, str]) -> Description:
    clock: dict[str, Value] = {"use_sim_time": is_true(values["use_sim_time"]), "autostart": True}
    place = values["namespace"].strip("/")
    nodes = [NodeSpec("monitor", "monitor", clock, respawn=True, managed=False)]
    if is_true(values["foxglove"]):
        live: dict[str, Value] = {**clock, "port": int(values["foxglove_port"])}
        nodes.append(NodeSpec("foxglove", "foxglove", live, respawn=True, managed=False))
    return Description(tuple(n.within(place) for n in nodes))


def _replay(values: Mapping[str, str]) -> Description:
    words = [sys.executable, "-m", "reprohrl", "replay", *([values["flight"]] if values["flight"] else [])]
    words += ["--chained"] if is_true(values["chained"]) else []
    for name in ("planner", "navigator"):
        words += [f"--{name}", values[name]] if values[name] else []
    return Description((), (ProcessSpec("replay", tuple(words), client=True),))


def _without(*names: str) -> tuple[Argument, ...]:
    return tuple(a for a in ARGUMENTS if a.name not in names)


_WATCHED = (
    Argument("namespace", "", "namespace of the drone to watch, as a swarm's drone1"),
    Argument("use_sim_time", "true", "follow /clock: true for a simulated drone", BOOLEANS),
    Argument("foxglove", "true", "serve the flight live to Foxglove in the browser", BOOLEANS),
    Argument("foxglove_port", "8765", "TCP port of the live view"),
)
_REPLAYED = (
    Argument("flight", "", "flight.mcap, its folder or its bag; the newest flight when empty"),
    Argument("chained", "false", "feed each stage today's answers, not the recorded ones", BOOLEANS),
    Argument("planner", "", "goal selector; the recorded one when empty"),
    Argument("navigator", "", "low level; the recorded one when empty"),
)
_READING = tuple(replace(a, default="spring") if a.name == "planner" else a for a in ARGUMENTS)
_GROUNDED = {"record": "false", "fly": "false"}

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
            "language", "A drone, simulated or real, flies a mission in words with a planner that reads.",
            _READING, _one_drone,
        ),
        LaunchGraph(
            "swarm", "Several drones fly missions, each with its nodes in a namespace of its own.",
            (*_SWARM, *_without("backend", "mission")), swarm, {}, prepare_swarm,
        ),
        LaunchGraph(
            "monitor", "Watches a graph that runs: TF, markers, annotated images, live view in a browser.",
            _WATCHED, _monitor, _GROUNDED, dict, joins=True,
        ),
        LaunchGraph(
            "replay", "Plays a recorded flight to today's stages and compares every decision.",
            _REPLAYED, _replay, _GROUNDED, dict,
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

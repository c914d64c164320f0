"""`ros2 launch` and `reprohrl launch` start the same: nodes, names, namespaces, parameters and remaps."""

from __future__ import annotations

import importlib.util
import json
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from reprohrl.cli.launch import GRAPHS as OFFERED
from reprohrl.contracts.errors import UserError
from ros_nodes.descriptions import GRAPHS, describe_arguments
from ros_nodes.executables import EXECUTABLES
from ros_nodes.node_spec import NodeSpec, node_command
from tests.ros import launch_stand_in

FOLDER = Path(__file__).resolve().parents[2] / "launch"
GIVEN: dict[str, dict[str, str]] = {
    "multigoal": {"task": "MS-2", "seed": "1", "respawn": "false"},
    "sim": {"task": "MS-2", "speed": "0", "fly": "false"},
    "crazyflie": {"virtual": "true", "goals": "sphere,cone", "uri": "udp://127.0.0.1:19931"},
    "language": {"mission": "visit the cube, then the cone", "task": "MS-2", "lm": "rules"},
    "monitor": {"namespace": "drone2", "foxglove_port": "0"},
    "replay": {"flight": "flight.mcap", "chained": "true"},
    "swarm": {"count": "3", "uri": "udp://127.0.0.1:19941", "task": "MS-4", "seed": "3"},
}


COUNT = {"multigoal": 9, "sim": 8, "crazyflie": 9, "language": 9, "swarm": 27, "monitor": 2, "replay": 0}


@pytest.fixture
def stand_in() -> Iterator[None]:
    with launch_stand_in.installed():
        yield


def load(name: str) -> Any:
    spec = importlib.util.spec_from_file_location(f"{name}_launch", FOLDER / f"{name}.launch.py")
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module.generate_launch_description()


def started(name: str, given: dict[str, str]) -> list[Any]:
    """Return the actions of a launch file under the arguments `given`."""
    *declared, last = load(name).entities
    values = {d.name: d.default_value for d in declared} | given
    return list(last.function(launch_stand_in.LaunchContext(values)))


def read_command(words: list[str]) -> tuple[str, dict[str, str], dict[str, Any], list[tuple[str, str]]]:
    """Return module, special names, parameters and remaps of a node's command line."""
    names, parameters, remaps = {}, {}, []
    flags = iter(words[4:])
    for flag in flags:
        key, _, value = next(flags).partition(":=")
        if flag == "-p":
            parameters[key] = json.loads(value)
        elif key.startswith("__"):
            names[key] = value
        else:
            remaps.append((key, value))
    return words[2], names, parameters, remaps


@pytest.mark.parametrize("name", sorted(GRAPHS))
def test_a_launch_file_starts_what_our_launcher_starts(stand_in: None, name: str, tmp_path: Path) -> None:
    graph = GRAPHS[name]
    place = {"run_dir": str(tmp_path / "run")} if "run_dir" in {a.name for a in graph.arguments} else {}
    given = {**GIVEN[name], **place}
    described = graph.describe(graph.prepare(given))
    actions = started(name, given)
    nodes = [a for a in actions if isinstance(a, launch_stand_in.Node)]
    assert len(nodes) == len(described.nodes) >= COUNT[name]
    for action, spec in zip(nodes, described.nodes, strict=True):
        module, names, parameters, remaps = read_command(node_command(spec, sys.executable))
        assert EXECUTABLES[action.executable] == f"{module}:main"
        assert action.name == names["__node"] and action.namespace == names.get("__ns", "/")
        assert action.parameters == [parameters]
        assert action.remappings == remaps
        assert action.respawn is spec.respawn
        assert action.ends_all is (spec.client or (spec.required and not spec.respawn))
    processes = [a.cmd for a in actions if isinstance(a, launch_stand_in.ExecuteProcess)]
    assert processes == [list(p.command) for p in described.processes]
    assert bool(processes) is (name in ("crazyflie", "swarm", "replay"))


@pytest.mark.parametrize("name", sorted(GRAPHS))
def test_a_launch_file_declares_every_argument_with_its_meaning_and_choices(
    stand_in: None, name: str
) -> None:
    *declared, _ = load(name).entities
    assert [(d.name, d.default_value, d.description, tuple(d.choices or ())) for d in declared] == [
        (a.name, a.default, a.description, a.choices) for a in GRAPHS[name].arguments
    ]
    for d in declared:
        assert len(d.description) > 8
        assert not d.choices or d.default_value in d.choices


def test_every_graph_has_a_launch_file_and_a_name_at_the_front_door() -> None:
    files = {p.name.removesuffix(".launch.py") for p in FOLDER.glob("*.launch.py")}
    assert files == set(GRAPHS) == set(OFFERED)


def test_show_args_reads_like_documentation() -> None:
    text = describe_arguments(GRAPHS["sim"])
    assert text.startswith("A simulated drone flies a mission.")
    for a in GRAPHS["sim"].arguments:
        assert f"  {a.name}:=" in text and a.description in text
    assert "one of: bullet, fast" in text and "uri" not in text


def test_a_remap_reaches_both_launchers(stand_in: None) -> None:
    from ros_nodes.ros_launch import node_action

    spec = NodeSpec(
        "detector", "detector", {"detector": "onnx"}, remaps=(("camera/image_raw", "/cam/image"),)
    )
    assert node_action(spec).remappings == [("camera/image_raw", "/cam/image")]
    assert "camera/image_raw:=/cam/image" in node_command(spec, sys.executable)
    inside = node_action(replace(spec, namespace="drone2"))
    assert inside.namespace == "/drone2"
    assert "__ns:=/drone2" in node_command(spec.within("drone2"), sys.executable)


@pytest.mark.parametrize(
    ("name", "given", "words"),
    [
        ("sim", {"uri": "radio://0"}, "there is no argument 'uri'"),
        ("crazyflie", {"world": "fast"}, "there is no argument 'world'"),
        ("language", {"mission": "visit the moon"}, "the mission is not clear"),
        ("language", {"mission": "visit the cobe"}, "say which: "),
        ("language", {"planner": "sprig"}, "did you mean"),
        ("language", {"planner": "ilql"}, "needs a trained policy"),
        ("language", {"document": "no-such-file.md"}, "there is no such file"),
        ("sim", {"document": "rules.md"}, "does not read"),
        ("swarm", {"mission": "visit the cube"}, "there is no argument 'mission'"),
        ("swarm", {"count": "0"}, "1 to 10 can fly"),
        ("swarm", {"count": "3", "goals": "cone; cube"}, "2 lists of goals for 3 drones"),
        ("swarm", {"count": "2", "uri": "radio://0/80", "goals": "cone"}, "a radio address belongs to one"),
        ("swarm", {"count": "2", "uris": "udp://127.0.0.1:1"}, "1 addresses for 2 drones"),
    ],
)
def test_what_a_graph_cannot_do_is_said_at_once(name: str, given: dict[str, str], words: str) -> None:
    with pytest.raises(UserError, match=words):
        GRAPHS[name].prepare({"record": "false", **given})


def test_a_planner_that_reads_takes_the_goal_selectors_place() -> None:
    words = "visit the cone, keep away from the torus, be home before the battery is at 30 %"
    for planner, node in (("learned", "goal_selector"), ("spring", "language_planner")):
        given = {"mission": words, "planner": planner, "lm": "openai", "lm_model": "m", "record": "false"}
        graph = GRAPHS["language"]
        nodes = {n.executable: n for n in graph.describe(graph.prepare(given)).nodes}
        assert ({"goal_selector", "language_planner"} & set(nodes)) == {node}
        assert node in nodes["lifecycle_manager"].parameters["critical"]
        assert nodes[node].parameters["planner"] == planner
        assert nodes["drone"].parameters["goals"] == "cone,torus", "what is avoided has to be there"
        asked = nodes["fly_mission"].parameters
        if planner == "spring":
            assert asked["words"] == words and nodes[node].parameters["lm"] == "openai"
        else:
            assert json.loads(asked["mission"])["battery"] == {"at": 30.0, "then": "return", "by": True}


def test_the_real_launch_package_takes_the_files() -> None:
    pytest.importorskip("launch_ros", reason="launch_ros comes with a ROS installation")
    for name in GRAPHS:
        assert len(load(name).entities) == len(GRAPHS[name].arguments) + 1

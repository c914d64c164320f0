"""One dataclass per node: what it declares, what a file may say, and the pages made from it."""

from __future__ import annotations

import re
from dataclasses import fields
from pathlib import Path

import pytest
import yaml

from reprohrl.contracts.errors import UserError
from reprohrl.safety.config import SafetyConfig
from ros_nodes.arguments import resolve
from ros_nodes.configuration.all import CONFIGS
from ros_nodes.configuration.drone import DroneConfig
from ros_nodes.descriptions import GRAPHS
from ros_nodes.executables import EXECUTABLES
from ros_nodes.graph import multigoal
from ros_nodes.interfaces import nodes, timeout_s, topics
from ros_nodes.pages import ROOT, pages
from ros_nodes.parameter import check, parameters_of
from ros_nodes.params_file import wanted_of


def test_every_executable_has_a_configuration_and_a_page() -> None:
    assert set(CONFIGS) == set(EXECUTABLES) == set(nodes())
    assert all(about.failures and about.about for about in nodes().values())


@pytest.mark.parametrize("name", CONFIGS)
def test_every_parameter_is_described_and_its_default_is_good(name: str) -> None:
    for p in parameters_of(CONFIGS[name]):
        assert p.description and not p.trouble(p.default), p
        assert p.name.endswith("_s") == (p.unit == "s") and p.name.endswith("_m") == (p.unit == "m"), p
        if p.kind in (int, float):
            assert p.low is not None and p.high is not None, f"{name}.{p.name} has no range"


@pytest.mark.parametrize("name", sorted(pages()))
def test_the_pages_are_those_of_the_code(name: str) -> None:
    file = Path(ROOT, name)
    assert file.is_file() and file.read_text() == pages()[name], "run: python -m ros_nodes.pages"


def test_what_the_graph_sets_is_declared_and_good() -> None:
    given = {"backend": "crazyflie", "monitor": "true", "foxglove": "true", "fault_injection": "true"}
    for values in ({}, given):
        for node in multigoal(resolve(values)):
            own = {k: v for k, v in node.parameters.items() if k != "use_sim_time"}
            assert check(CONFIGS[node.executable], own) == [], node.name


def test_all_that_is_wrong_with_a_file_is_named_at_once(tmp_path: Path) -> None:
    file = tmp_path / "mine.yaml"
    file.write_text(
        """
/**: {ros__parameters: {sede: 3, seed: -1}}
superviser: {ros__parameters: {fence_top_m: 2.0}}
supervisor: {ros__parameters: {fence_top_m: 1000.0, fence_half_m: 2, silence_land_s: soon, fence: 1}}
drone: {ros__parameters: {backend: crazyfly, land_after_s: 1.0, hover_after_s: 3.0, grey: 1}}
mission: {height_m: 1.0}
"""
    )
    with pytest.raises(UserError) as error:
        wanted_of({"params_file": str(file), "parameters": "navigator.navigater=learned, seed=3"})
    for words in (
        "/**: no node has a parameter sede", "/**: seed is -1; it may be 0 to 2147483648",
        'there is no node superviser (did you mean "supervisor"?)',
        "supervisor: fence_top_m is 1000; it may be 0.5 to 100 m",
        "fence_half_m is 2, a whole number where ROS wants a decimal one: write 2.0",
        "silence_land_s is 'soon', but it has to be a number", "supervisor: there is no parameter fence",
        'did you mean "crazyflie"', "grey is 1, but it has to be true or false",
        "land_after_s is 1, but the drone hovers first", "mission has no section ros__parameters",
        'did you mean "navigator"', "'seed=3' is not written node.parameter=value", "13 problems",
    ):  # fmt: skip
        assert words in f"{error.value}", f"{words}\n{error.value}"


@pytest.mark.parametrize("text", ["", "- 1", "{", "drone"])
def test_a_file_that_is_none_is_named(tmp_path: Path, text: str) -> None:
    file = tmp_path / "bad.yaml"
    file.write_text(text)
    with pytest.raises(UserError, match=r"bad\.yaml"):
        wanted_of({"params_file": str(file), "parameters": ""})
    with pytest.raises(UserError, match="cannot be read"):
        wanted_of({"params_file": str(tmp_path / "none.yaml"), "parameters": ""})


def test_a_file_reaches_the_nodes_and_goes_before_the_arguments(tmp_path: Path) -> None:
    file = tmp_path / "mine.yaml"
    file.write_text(
        "/**: {ros__parameters: {seed: 7}}\n/supervisor: {ros__parameters: {fence_top_m: 1.5}}\n"
    )
    values = resolve({
        "params_file": str(file), "parameters": "drone.land_after_s=2.0", "seed": "3", "fence_top_m": "2.2",
    })  # fmt: skip
    found = {n.name: n.parameters for n in multigoal(values)}
    assert found["supervisor"]["fence_top_m"] == 1.5 and found["drone"]["land_after_s"] == 2.0
    assert found["drone"]["seed"] == found["navigator"]["seed"] == 7
    assert "seed" not in found["supervisor"], "a node without that parameter is left alone"


SWARM = """
/**: {ros__parameters: {seed: 7}}
supervisor: {ros__parameters: {silence_land_s: 3.0}}
/**/drone: {ros__parameters: {land_after_s: 1.5}}
/drone2/**: {ros__parameters: {seed: 8}}
drone1:
  supervisor: {ros__parameters: {fence_top_m: 1.5}}
  drone: {ros__parameters: {land_after_s: 2.5, seed: 9}}
/drone*/navigator: {ros__parameters: {teleop: true}}
"""


def test_a_file_names_the_nodes_of_one_drone_or_of_all_of_a_swarm(tmp_path: Path) -> None:
    file = tmp_path / "swarm.yaml"
    file.write_text(SWARM)
    graph = GRAPHS["swarm"]
    given = {"count": "2", "goals": "cone,cube", "params_file": str(file), "virtual": "false"}
    values = graph.prepare({**given, "record": "false", "planner": "scripted", "navigator": "scripted"})
    found = {n.full_name: n.parameters for n in graph.describe(values).nodes}
    one, two = (
        {n.removeprefix(f"{drone}/"): p for n, p in found.items() if n.startswith(drone)}
        for drone in ("drone1", "drone2")
    )
    assert (one["supervisor"]["fence_top_m"], two["supervisor"]["fence_top_m"]) == (1.5, 2.5)
    assert one["supervisor"]["silence_land_s"] == two["supervisor"]["silence_land_s"] == 3.0
    assert (one["drone"]["land_after_s"], two["drone"]["land_after_s"]) == (2.5, 1.5)
    assert (one["drone"]["seed"], one["navigator"]["seed"], two["navigator"]["seed"]) == (9, 7, 8)
    assert one["navigator"]["teleop"] is two["navigator"]["teleop"] is True


@pytest.mark.parametrize("name", ["/drone3/supervisor", "drone1/drone1/supervisor", "/swarm/**"])
def test_a_node_of_a_drone_that_does_not_fly_is_named(tmp_path: Path, name: str) -> None:
    file = tmp_path / "swarm.yaml"
    file.write_text(f"{name}: {{ros__parameters: {{fault_injection: true}}}}\n")
    with pytest.raises(UserError, match=rf"there is no node {re.escape(name)} here: .* /drone1, /drone2"):
        GRAPHS["swarm"].prepare({"count": "2", "goals": "cone", "params_file": str(file), "record": "false"})
    with pytest.raises(UserError, match=rf"there is no node {re.escape(name)} here"):
        multigoal(resolve({"params_file": str(file)}))


def test_the_shipped_defaults_are_a_good_file() -> None:
    file = ROOT / "config" / "nodes.yaml"
    wanted = wanted_of({"params_file": str(file), "parameters": ""})
    assert set(wanted) == set(CONFIGS)
    assert len(wanted["drone"]) == len(fields(DroneConfig))
    assert yaml.safe_load(file.read_text())["supervisor"]["ros__parameters"]["fence_top_m"] == 2.4


def test_every_topic_the_supervisor_depends_on_has_rates_and_a_time_out() -> None:
    heard = [t for t in topics().values() if "supervisor" in t.readers]
    assert {t.name for t in heard} == {"state", "features", "mission_status", "option", "raw_command"}
    for topic in (*heard, topics()["camera/image_raw"], topics()["command"]):
        assert topic.warn_hz > topic.error_hz > 0 and topic.timeout_s > 0 and topic.silence, topic
    assert timeout_s("camera/image_raw") == SafetyConfig().camera_hover_s
    assert timeout_s("command") == DroneConfig().hover_after_s
    with pytest.raises(KeyError, match="truth"):
        timeout_s("truth")

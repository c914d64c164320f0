"""A parameter file for a whole graph: read, checked against the configurations, laid over the nodes.

Nodes are named as ROS 2 names them: `/drone1/supervisor`, `/drone1/**`, `/**/supervisor`, `/**`, nested or
in one piece. A name without a namespace means that node of every drone.
The closer name goes before the wider.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import yaml

from reprohrl.contracts.errors import UserError
from reprohrl.contracts.vocabulary import did_you_mean
from ros_nodes.configuration.all import CONFIGS
from ros_nodes.node_spec import NodeSpec
from ros_nodes.parameter import check, parameters_of

SECTION = "ros__parameters"
Wanted = dict[str, dict[str, Any]]


def over(nodes: Sequence[NodeSpec], values: Mapping[str, str]) -> list[NodeSpec]:
    """Return the nodes with what the file and `parameters:=` say of them; both go before other arguments."""
    wanted, place = wanted_of(values), values.get("namespace", "")
    return [replace(n, parameters={**n.parameters, **_for(n.executable, place, wanted)}) for n in nodes]


def wanted_of(values: Mapping[str, str]) -> Wanted:
    """Read `params_file` and `parameters`. Raises `UserError` naming everything that is wrong with both."""
    problems: list[str] = []
    wanted: Wanted = {}
    for found in (_read(values["params_file"], problems), _parse(values["parameters"], problems)):
        for name, own in found.items():
            wanted.setdefault(name, {}).update(own)
    places = values.get("namespaces", "").split(",")
    for name, own in wanted.items():
        problems += _problems(name, own, places)
    if problems:
        raise UserError(
            "; ".join(problems), why=f"{len(problems)} problems in the parameters",
            fix="see docs/nodes, or config/nodes.yaml with all defaults",
        )  # fmt: skip
    return wanted


def _for(executable: str, place: str, wanted: Wanted) -> dict[str, Any]:
    """Return what is wanted of the node `executable` in the namespace `place`."""
    known = {p.name for p in parameters_of(CONFIGS[executable])}
    found: dict[str, Any] = {}
    for name in sorted(wanted, key=_closeness):
        if _means(name, executable, place):
            found |= {k: v for k, v in wanted[name].items() if k in known}
    return found


def _closeness(name: str) -> tuple[int, int]:
    """Order names from the widest to the closest."""
    words = name.strip("/").split("/")
    return (len(words) - 2 * name.count("*"), int(words[-1] != "**"))


def _means(name: str, executable: str, place: str) -> bool:
    """Tell whether a name of the file means the node."""
    if "/" not in name.strip("/") and "*" not in name:
        return name.strip("/") == executable
    pattern = re.escape("/" + name.strip("/")).replace(r"/\*\*", r"(/[^/]+)*").replace(r"\*", r"[^/]+")
    return re.fullmatch(pattern, f"/{place}/{executable}".replace("//", "/")) is not None


def _problems(name: str, own: Mapping[str, Any], places: Sequence[str]) -> list[str]:
    node = name.rpartition("/")[2]
    if "*" in node:
        known = {p.name: p for config in CONFIGS.values() for p in parameters_of(config)}
        unknown = [f"{name}: no node has a parameter {k}" for k in own if k not in known]
        found = unknown + [
            f"{name}: {k} {words}" for k, v in own.items() if k in known and (words := known[k].trouble(v))
        ]
    elif node not in CONFIGS:
        guess = did_you_mean(node, list(CONFIGS))
        return [f"there is no node {name}" + (f" ({guess})" if guess else "")]
    else:
        found = [f"{name}: {words}" for words in check(CONFIGS[node], own)]
    if not any(_means(name, executable, place) for executable in CONFIGS for place in places):
        there = ", ".join(f"/{place}" for place in places)
        found.append(f"there is no node {name} here: the nodes are in {there}")
    return found


def _read(file: str, problems: list[str]) -> Wanted:
    if not file:
        return {}
    try:
        content = yaml.safe_load(Path(file).expanduser().read_text())
    except (OSError, yaml.YAMLError, UnicodeDecodeError) as error:
        problems.append(f"{file} cannot be read: {' '.join(str(error).split())}")
        return {}
    if not isinstance(content, dict):
        problems.append(f"{file} holds no parameters: it begins with a node's name")
        return {}
    wanted: Wanted = {}
    for name, own in _sections("", content):
        if not isinstance(own, dict):
            problems.append(f"{file}: {name} has no section {SECTION}")
            continue
        wanted.setdefault(name, {}).update(own)
    return wanted


def _sections(path: str, content: Mapping[Any, Any]) -> Iterator[tuple[str, Any]]:
    """Yield name and parameters of each node; a namespace may hold its nodes as one mapping."""
    for word, section in content.items():
        name = f"{path}/{str(word).strip('/')}" if path or str(word).startswith("/") else str(word)
        inner = section if isinstance(section, dict) else {}
        if SECTION not in inner and inner and all(isinstance(v, dict) for v in inner.values()):
            yield from _sections(f"/{name.strip('/')}", inner)
        else:
            yield name, inner.get(SECTION)


def _parse(text: str, problems: list[str]) -> Wanted:
    """Read "supervisor.fence_top_m=2.0, drone.land_after_s=2.0"."""
    wanted: Wanted = {}
    for word in (w.strip() for w in text.split(",") if w.strip()):
        path, equals, value = word.partition("=")
        node, dot, name = path.strip().partition(".")
        if not (equals and dot and node and name):
            problems.append(f"{word!r} is not written node.parameter=value")
            continue
        wanted.setdefault(node, {})[name] = yaml.safe_load(value)
    return wanted

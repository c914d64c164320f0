"""A parameter file for a whole graph: read, checked against the configurations, laid over the nodes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import yaml

from reprohrl.contracts.errors import UserError
from reprohrl.contracts.vocabulary import did_you_mean
from ros_nodes.configuration.all import CONFIGS
from ros_nodes.node_spec import NodeSpec
from ros_nodes.parameter import check, parameters_of

EVERY = "/**"
SECTION = "ros__parameters"
Wanted = dict[str, dict[str, Any]]


def over(nodes: Sequence[NodeSpec], values: Mapping[str, str]) -> list[NodeSpec]:
    """Return the nodes with what the file and `parameters:=` say of them; both go before other arguments."""
    wanted = wanted_of(values)
    return [replace(n, parameters={**n.parameters, **_for(n.executable, wanted)}) for n in nodes]


def wanted_of(values: Mapping[str, str]) -> Wanted:
    """Read `params_file` and `parameters`. Raises `UserError` naming everything that is wrong with both."""
    problems: list[str] = []
    wanted: Wanted = {}
    for found in (_read(values["params_file"], problems), _parse(values["parameters"], problems)):
        for name, own in found.items():
            wanted.setdefault(name, {}).update(own)
    for name, own in wanted.items():
        problems += _problems(name, own)
    if problems:
        raise UserError(
            "; ".join(problems), why=f"{len(problems)} problems in the parameters",
            fix="see docs/nodes, or config/nodes.yaml with all defaults",
        )  # fmt: skip
    return wanted


def _for(executable: str, wanted: Wanted) -> dict[str, Any]:
    known = {p.name for p in parameters_of(CONFIGS[executable])}
    shared = {k: v for k, v in wanted.get(EVERY, {}).items() if k in known}
    return {**shared, **wanted.get(executable, {})}


def _problems(name: str, own: Mapping[str, Any]) -> list[str]:
    if name == EVERY:
        known = {p.name: p for config in CONFIGS.values() for p in parameters_of(config)}
        unknown = [f"{EVERY}: no node has a parameter {k}" for k in own if k not in known]
        return unknown + [
            f"{EVERY}: {k} {words}" for k, v in own.items() if k in known and (words := known[k].trouble(v))
        ]
    if name not in CONFIGS:
        guess = did_you_mean(name, list(CONFIGS))
        return [f"there is no node {name}" + (f" ({guess})" if guess else "")]
    return [f"{name}: {words}" for words in check(CONFIGS[name], own)]


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
    for name, section in content.items():
        own = section.get(SECTION) if isinstance(section, dict) else None
        if not isinstance(own, dict):
            problems.append(f"{file}: {name} has no section {SECTION}")
            continue
        key = EVERY if name == EVERY else str(name).strip("/").rpartition("/")[2]
        wanted.setdefault(key, {}).update(own)
    return wanted


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

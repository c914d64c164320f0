"""Writes docs/nodes and config/nodes.yaml from the configurations and interfaces.yaml.

Run it with `python -m ros_nodes.pages`.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

from ros_nodes.configuration.all import CONFIGS
from ros_nodes.interfaces import NodeAbout, Topic, nodes, topics
from ros_nodes.parameter import Parameter, parameters_of

ROOT = Path(__file__).resolve().parent.parent
NOTE = "<!-- Made by `python -m ros_nodes.pages`; a test keeps it equal to the code. -->"


def pages() -> dict[str, str]:
    """Return path below the repository -> text of everything that is generated."""
    found = {f"docs/nodes/{name}.md": page(about) for name, about in nodes().items()}
    return {**found, "docs/nodes/README.md": index(), "config/nodes.yaml": config()}


def page(node: NodeAbout) -> str:
    """Return a node's page: purpose, topics, services, parameters, failure modes."""
    said = [t for t in topics().values() if node.name in t.writers]
    heard = [t for t in topics().values() if node.name in t.readers]
    parts = [f"# {node.name}", NOTE, node.about]
    parts += [_topics("It says", said)] if said else []
    parts += [_topics("It hears", heard)] if heard else []
    for title, offers in (("Services", node.services), ("Actions", node.actions)):
        if offers:
            parts.append(f"## {title}\n\n" + "\n".join(f"- `{k}`: {v}" for k, v in offers.items()))
    parts.append(_parameters(parameters_of(CONFIGS[node.name])))
    parts.append("## When something fails\n\n" + "\n".join(f"- {words}" for words in node.failures))
    return "\n\n".join(parts) + "\n"


def index() -> str:
    """Return the list of nodes, and the rates and time-outs of all topics."""
    rows = [f"| [{n.name}]({n.name}.md) | {n.about} |" for n in nodes().values()]
    watched = [
        f"| `{t.name}` | {_hz(t.warn_hz)} | {_hz(t.error_hz)} | {t.timeout_s:g} s | {t.silence} |"
        for t in topics().values() if t.timeout_s
    ]  # fmt: skip
    return "\n".join([
        "# The nodes", "", NOTE, "",
        "One managed node per process, all under one namespace per drone. Every one of them also says "
        "`heartbeat` (0.25 s) and `/diagnostics` (1 s), and has an `inject` service for "
        "[faults](../guide/inject.md), which refuses unless the launch enabled it.", "",
        "| node | what it is for |", "|---|---|", *rows, "",
        "## Rates and time-outs", "",
        "Wall time, at speed:=1. Declared in `ros_nodes/interfaces.yaml`; `/diagnostics` and the supervisor "
        "take them from there.", "",
        "| topic | warns below | error below | time-out | then |", "|---|---|---|---|---|", *watched, "",
        "## Parameters", "",
        "Defaults of all nodes: [config/nodes.yaml](../../config/nodes.yaml). Give a launch your own with "
        "`params_file:=my.yaml`, or single ones with `parameters:=\"supervisor.fence_top_m=2.0\"`; both go "
        "before the other arguments. All mistakes of a file are named at once, before a node starts. "
        "A parameter that changes *any time* may be set while the node runs; one that changes when "
        "*configured* after a reset of the graph (`manage_graph`, goal 2); *never* means at the start of the "
        "process. Whatever else is asked for is refused with the reason.", "",
    ])  # fmt: skip


def config() -> str:
    """Return all defaults as a ROS parameter file."""
    lines = ["# All parameters of all nodes with their defaults; made by `python -m ros_nodes.pages`."]
    for name, kind in CONFIGS.items():
        lines += ["", f"{name}:", "  ros__parameters:"]
        for p in parameters_of(kind):
            limits = f"; {p.range_words}" if p.range_words else ""
            unit = f" [{p.unit}]" if p.unit else ""
            lines += [f"    # {p.description}{unit}{limits}", f"    {p.name}: {json.dumps(p.default)}"]
    return "\n".join(lines) + "\n"


def _topics(title: str, found: list[Topic]) -> str:
    rows = [f"| `{t.name}` | `{t.type}` | {t.about} |" for t in found]
    return "\n".join([f"## {title}", "", "| topic | type | what |", "|---|---|---|", *rows])


def _parameters(found: tuple[Parameter, ...]) -> str:
    rows = [
        f"| `{p.name}` | `{json.dumps(p.default)}` | {p.unit} | {p.range_words} | {p.description} "
        f"| {_when(p)} |"
        for p in found
    ]
    head = ["| parameter | default | unit | range | meaning | changes |", "|---|---|---|---|---|---|"]
    return "\n".join(["## Parameters", "", *head, *rows])


def _when(p: Parameter) -> str:
    return "any time" if p.live else "never" if p.fixed else "configured"


def _hz(rate: float) -> str:
    return f"{rate:g} Hz" if rate else ""


def main() -> int:
    for name, text in pages().items():
        file = ROOT / name
        file.parent.mkdir(parents=True, exist_ok=True)
        draft = file.with_suffix(file.suffix + ".part")
        draft.write_text(text)
        draft.replace(file)
    return 0


if __name__ == "__main__":
    sys.exit(main())

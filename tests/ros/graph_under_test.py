"""Starts nodes of the graph for a test, one by one, and ends them whatever happens."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

from ros_nodes import environment
from ros_nodes.arguments import resolve
from ros_nodes.graph import NodeSpec, multigoal
from ros_nodes.node_spec import Value, node_command
from ros_nodes.processes import Child, end_all

QUICK = {
    "planner": "scripted", "navigator": "scripted", "detector": "truth", "world": "fast", "video": "false",
    "speed": "0", "respawn": "false",
}  # fmt: skip


class Graph:
    """The nodes of `ros_nodes.graph` as processes; scripted policies on the simulator's own boxes."""

    def __init__(
        self,
        domain: int,
        run_dir: Path,
        only: tuple[str, ...] = (),
        without: tuple[str, ...] = (),
        changed: Mapping[str, Mapping[str, Value]] | None = None,
        lasting: bool = False,
        **values: str,
    ) -> None:
        """`only` these nodes, without a manager; `without` these at first; `changed` parameters by node.

        `lasting` nodes are not looked after by DDS: right wherever nobody is killed, for Fast DDS 2.14 locks
        a process up when a lease falls due in the instant in which a writer leaves (docs/decisions/013).
        """
        self.domain, self.run_dir = domain, run_dir
        self._env = dict.fromkeys(environment.PROFILES, str(_lasting(run_dir))) if lasting else {}
        self.lines: list[str] = []
        specs = multigoal(resolve({**QUICK, "run_dir": str(run_dir), "fly": "false", **values}))
        if only:  # single nodes come up by themselves
            alone = {"autostart": True}
            specs = [replace(s, parameters={**s.parameters, **alone}) for s in specs if s.name in only]
        more = changed or {}
        specs = [replace(s, parameters={**s.parameters, **more.get(s.name, {})}) for s in specs]
        self.specs = {s.full_name: s for s in specs}
        self.children: dict[str, Child] = {}
        for name in self.specs:
            if name not in without:
                self.start(name)

    def start(self, name: str) -> None:
        spec: NodeSpec = self.specs[name]
        ours = environment.variables(domain=self.domain)
        env = {**os.environ, **ours, "OMP_NUM_THREADS": "1", **self._env}
        self.children[name] = Child(name, node_command(spec, sys.executable), env, self._tell)

    def kill(self, name: str) -> None:
        """kill -9."""
        child = self.children.pop(name)
        child.signal(signal.SIGKILL)

    def alive(self) -> list[str]:
        return [name for name, child in self.children.items() if child.code() is None]

    def close(self) -> None:
        end_all(list(self.children.values()), self._tell)

    def _tell(self, name: str, line: str) -> None:
        self.lines.append(f"[{name}] {line}")


def _lasting(run_dir: Path) -> Path:
    """Write our profile with a lease of a day beside the run folder."""
    ours = Path(environment.LOCALHOST).read_text(encoding="utf-8")
    lease, day = "<leaseDuration><sec>6</sec>", "<leaseDuration><sec>86400</sec>"
    assert lease in ours
    profile = run_dir.with_name(f"{run_dir.name}-profile.xml")
    profile.write_text(ours.replace(lease, day), encoding="utf-8")
    return profile

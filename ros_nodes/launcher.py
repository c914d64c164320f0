"""`reprohrl launch`: starts a graph's processes, watches them, and ends them all. It needs no `launch`."""

from __future__ import annotations

import os
import signal
import sys
import threading
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from reprohrl.contracts.errors import UserError
from ros_nodes import environment, last_resort
from ros_nodes.descriptions import GRAPHS, describe_arguments
from ros_nodes.graph import MANAGER, is_true
from ros_nodes.launch_report import Happenings, settle, settle_swarm
from ros_nodes.node_spec import Description, NodeSpec, ProcessSpec, node_command
from ros_nodes.processes import Child, end_all
from ros_nodes.respawns import Respawns
from ros_nodes.swarm import drones

POLL_S = 0.05
LAST_WORD_S = 60.0
"""What the mission may take to end and land after a required node died."""


def show_arguments(graph: str) -> int:
    """Write what a graph is and its arguments, as `ros2 launch --show-args` does."""
    sys.stdout.write(describe_arguments(GRAPHS[graph]))
    return 0


def launch(graph: str, given: Mapping[str, str]) -> int:
    """Fly `graph` with launch arguments; return 0 when its mission succeeded and no required node died."""
    environment.prepare()
    chosen = GRAPHS[graph]
    values = chosen.prepare(given)
    joined = int(os.environ.get("ROS_DOMAIN_ID", "0"))
    domain = environment.Domain(joined) if chosen.joins else environment.Domain.claim()
    try:
        return Launch(chosen.describe(values), values, domain.number).run()
    finally:
        domain.close()


class Launch:
    """One start of a graph, from the first process to the report."""

    def __init__(self, description: Description, values: Mapping[str, str], domain: int) -> None:
        self.values, self.domain = values, domain
        self.processes = {p.name: p for p in description.processes}
        self.specs: dict[str, NodeSpec] = {s.full_name: s for s in description.nodes}
        self.folder = Path(values["run_dir"]) if is_true(values["record"]) else None
        everything: dict[str, NodeSpec | ProcessSpec] = {**self.processes, **self.specs}
        self.clients = [name for name, one in everything.items() if one.client]
        self.children: dict[str, Child] = {}
        self.codes: dict[str, int] = {}
        self.seen = Happenings()
        self._respawns = Respawns()
        self._stop = 0
        self._log: Any = None
        self._lock = threading.Lock()

    def run(self) -> int:
        before = {n: signal.signal(n, self._on_signal) for n in (signal.SIGINT, signal.SIGTERM)}
        if self.folder is not None:
            self.folder.mkdir(parents=True, exist_ok=True)
            self._log = (self.folder / "launch.log").open("w")
        try:
            self._start()
            code = self._watch()
        finally:
            self._end()
            for number, handler in before.items():
                signal.signal(number, handler)
            if self._log is not None:
                self._log.close()
                self._log = None
        return self._report(code)

    def tell(self, name: str, line: str) -> None:
        """Write one line of output, tagged."""
        with self._lock:
            sys.stdout.write(f"[{name}] {line}\n")
            sys.stdout.flush()
            if self._log is not None:
                self._log.write(f"{time.time():.3f} [{name}] {line}\n")

    def _on_signal(self, *_: Any) -> None:
        self._stop += 1

    def _env(self) -> dict[str, str]:
        quiet = {"RCUTILS_CONSOLE_OUTPUT_FORMAT": "{severity}: {message}", "OMP_NUM_THREADS": "1"}
        return {**quiet, **os.environ, **environment.variables(domain=self.domain), "PYTHONUNBUFFERED": "1"}

    def _start(self) -> None:
        env = self._env()
        for process in self.processes.values():
            self.tell("launch", f"starting {process.name}")
            self.children[process.name] = Child(process.name, process.command, env, self.tell)
        for name, spec in self.specs.items():
            self.children[name] = self._spawn(spec, env)
        if self.specs:
            self.tell("launch", f"{len(self.specs)} nodes started, ROS_DOMAIN_ID={self.domain}")

    def _spawn(self, spec: NodeSpec, env: Mapping[str, str]) -> Child:
        return Child(spec.full_name, node_command(spec, sys.executable), env, self.tell, grace_s=spec.grace_s)

    def _end(self) -> None:
        """The managers bring their nodes down in order; then whatever is left is ended."""
        names = [name for name, spec in self.specs.items() if spec.executable == MANAGER]
        managers = [self.children[name] for name in names if name in self.children]
        if self._stop < 2:
            end_all(managers, self.tell, hurry=lambda: self._stop > 1)
        end_all(list(self.children.values()), self.tell)

    def _watch(self) -> int:
        """Wait for the missions' end, a signal, or a death; return the exit code."""
        deadline: float | None = None
        heeded = 0
        env = self._env()
        while True:
            self._bury(env)
            clients = [self.children[n] for n in self.clients if n in self.children]
            flown = [self.codes[n] for n in self.clients if n in self.codes]
            if flown and not clients:
                return max(flown)
            if self.codes.get(MANAGER) == 0:
                return 1 if clients else 0  # somebody shut the graph down
            if self.seen.deaths and deadline is None:
                deadline = time.monotonic() + (LAST_WORD_S if clients else 0.0)
            if deadline is not None and time.monotonic() > deadline:
                return 1
            if self._stop > heeded:
                heeded = self._stop
                if not clients or heeded > 1:
                    return 130
                self.tell("launch", "interrupted; the drone lands (once more to stop waiting)")
                for client in clients:
                    client.interrupt()
            time.sleep(POLL_S)

    def _bury(self, env: Mapping[str, str]) -> None:
        """Note processes that ended by themselves; start again those that may."""
        for name, child in list(self.children.items()):
            code = child.code()
            if code is None:
                continue
            spec = self.specs.get(name)
            self.codes[name] = code
            del self.children[name]
            if name in self.clients or (spec is not None and spec.executable == MANAGER and code == 0):
                continue
            how = _how(code)
            self.tell("launch", f"{name} died ({how})")
            if spec is not None and spec.respawn and self._respawns.may(name, code, time.monotonic()):
                self.tell("launch", f"starting {name} again")
                self.seen.restarts.append(f"{name} died ({how})")
                self.children[name] = self._spawn(spec, env)
                continue
            one = self.processes.get(name) if spec is None else spec
            ended = self.seen.deaths if one is None or one.required else self.seen.losses
            ended.append(f"{name} died ({how})")

    def _report(self, code: int) -> int:
        """Complete the summaries and settle the exit code."""
        failed = code or (1 if self.seen.deaths else 0)
        if self.folder is None:
            return failed
        if any(spec.namespace for spec in self.specs.values()):
            success = settle_swarm(self.folder, drones(self.values), self.seen, self.tell)
        else:
            success = settle(self.folder, self.values, self.seen, self.tell)
        return failed or (0 if success or not is_true(self.values["fly"]) else 1)


def _how(code: int) -> str:
    """Say how a process ended that had exit code `code`."""
    if code == -last_resort.SIGNAL:
        return "it hung, and ended itself"
    return f"killed by signal {-code}" if code < 0 else f"exit code {code}"


__all__ = ["UserError", "launch", "show_arguments"]

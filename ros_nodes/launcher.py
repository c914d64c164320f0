"""`reprohrl launch`: starts a graph's processes, watches them, and ends them all. It needs no `launch`."""

from __future__ import annotations

import json
import os
import signal
import sys
import threading
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from reprohrl.contracts.errors import UserError
from ros_nodes import environment
from ros_nodes.arguments import ARGUMENTS, resolve
from ros_nodes.executables import EXECUTABLES
from ros_nodes.graph import GRAPHS, NodeSpec, is_true
from ros_nodes.prepare_run import prepare_values, virtual_command
from ros_nodes.processes import Child, end_all

POLL_S = 0.05
LAST_WORD_S = 60.0
"""What the mission may take to end and land after a required node died."""

CLIENT = "fly_mission"


def show_arguments(graph: str) -> int:
    """Write the arguments of a graph, as `ros2 launch --show-args` does."""
    sys.stdout.write(f"Arguments of {graph} (name:=value):\n")
    for a in ARGUMENTS:
        choices = f", one of: {', '.join(a.choices)}" if a.choices else ""
        sys.stdout.write(f"  {a.name:<22} {a.description} (default: {a.default or 'empty'}{choices})\n")
    return 0


def launch(graph: str, given: Mapping[str, str]) -> int:
    """Fly `graph` with launch arguments; return 0 when its mission succeeded and no required node died."""
    environment.prepare()
    values = prepare_values(resolve(dict(given)))
    domain = environment.Domain.claim()
    try:
        return Launch(graph, values, domain.number).run()
    finally:
        domain.close()


class Launch:
    """One start of a graph, from the first process to the report."""

    def __init__(self, graph: str, values: Mapping[str, str], domain: int) -> None:
        self.values, self.domain = values, domain
        self.specs: dict[str, NodeSpec] = {s.name: s for s in GRAPHS[graph](values)}
        self.folder = Path(values["run_dir"]) if is_true(values["record"]) else None
        self.children: dict[str, Child] = {}
        self.deaths: list[str] = []
        self.losses: list[str] = []
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
            end_all(list(self.children.values()), self.tell)
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
        virtual = virtual_command(self.values, sys.executable)
        if virtual is not None:
            self.tell("launch", "starting a virtual Crazyflie")
            self.children["virtual"] = Child("virtual", virtual, env, self.tell)
        for spec in self.specs.values():
            self.children[spec.name] = self._spawn(spec, env)
        self.tell("launch", f"{len(self.specs)} nodes started, ROS_DOMAIN_ID={self.domain}")
        if is_true(self.values["fly"]):
            parameters = {
                "goals": self.values["mission_goals"],
                "time_limit_per_goal_s": float(self.values["time_limit_per_goal_s"]),
                "recorder": is_true(self.values["record"]),
                "result_file": str(self.folder / "mission.json") if self.folder is not None else "",
            }
            self.children[CLIENT] = self._spawn(NodeSpec(CLIENT, CLIENT, parameters, grace_s=45.0), env)

    def _spawn(self, spec: NodeSpec, env: Mapping[str, str]) -> Child:
        module = EXECUTABLES[spec.executable].partition(":")[0]
        command = [sys.executable, "-m", module, "--ros-args", "-r", f"__node:={spec.name}"]
        for name, value in spec.parameters.items():
            command += ["-p", f"{name}:={json.dumps(value)}"]
        return Child(spec.name, command, env, self.tell, grace_s=spec.grace_s)

    def _watch(self) -> int:
        """Wait for the mission's end, a signal, or a death; return the exit code."""
        deadline: float | None = None
        cancelled = 0
        while True:
            client = self.children.get(CLIENT)
            if client is not None and client.code() is not None:
                return client.code() or 0
            self._bury(env=self._env())
            if self.deaths and deadline is None:
                deadline = time.monotonic() + (LAST_WORD_S if client is not None else 0.0)
            if deadline is not None and time.monotonic() > deadline:
                return 1
            if self._stop > cancelled:
                cancelled = self._stop
                if client is None or cancelled > 1:
                    return 130
                self.tell("launch", "interrupted; the drone lands (once more to stop waiting)")
                client.interrupt()
            time.sleep(POLL_S)

    def _bury(self, *, env: Mapping[str, str]) -> None:
        """Note processes that ended by themselves; start again those that may."""
        for name, child in list(self.children.items()):
            code = child.code()
            if code is None or name == CLIENT:
                continue
            how = f"killed by signal {-code}" if code < 0 else f"exit code {code}"
            self.tell("launch", f"{name} died ({how})")
            spec = self.specs.get(name)
            if spec is not None and spec.respawn:
                self.children[name] = self._spawn(spec, env)
                continue
            del self.children[name]
            required = spec is None or spec.required
            (self.deaths if required else self.losses).append(f"{name} died ({how})")

    def _report(self, code: int) -> int:
        """Show the summary, write a short one when the recorder could not, and settle the exit code."""
        failed = code or (1 if self.deaths else 0)
        if self.folder is None:
            return failed
        file = self.folder / "summary.json"
        if not file.exists():
            self._write_short_summary(file)
        summary = json.loads(file.read_text())
        if self.deaths and "deaths" not in summary:
            summary["deaths"] = self.deaths
            file.write_text(json.dumps(summary, indent=2) + "\n")
        if (self.folder / "report.html").exists():
            from reprohrl.cli.outcome import show

            show(summary, self.folder)
        else:
            self.tell("launch", f"no report, but a summary: {file}")
        return failed or (0 if summary["success"] or not is_true(self.values["fly"]) else 1)

    def _write_short_summary(self, file: Path) -> None:
        mission = file.with_name("mission.json")
        told = json.loads(mission.read_text()) if mission.exists() else {}
        words = [*self.deaths, *self.losses, *([told["reason"]] if told else [])]
        reason = "; ".join(words) or "the launch ended before a flight"
        summary = {
            "success": False, "outcome": f"{reason} (no recording)",
            "mission_succeeded": told.get("code") == 0,
            "mission": self.values["mission_goals"].split(","), "deaths": self.deaths,
            "task": self.values["task"], "seed": int(self.values["seed"]), "backend": self.values["backend"],
        }  # fmt: skip
        file.write_text(json.dumps(summary, indent=2) + "\n")


__all__ = ["UserError", "launch", "show_arguments"]

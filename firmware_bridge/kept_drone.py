"""`KeptDrone`: a Crazyflie whose link lives in a process of its own, which lands it when its pilot dies.

A policy that computes cannot delay that process's setpoints, and a pilot that is killed leaves it behind.
"""

from __future__ import annotations

import multiprocessing
import threading
from multiprocessing.connection import Connection as Pipe
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from firmware_bridge.drone import BridgeSettings
from firmware_bridge.keeper import Job, keep
from firmware_bridge.link import Progress
from reprohrl.contracts.command import VelocityCommand
from reprohrl.contracts.errors import LinkError, UserError
from reprohrl.contracts.link import DroneNote, LinkStatistics
from reprohrl.contracts.state import DroneState

START_S, ANSWER_S, SLOW_S, END_S = 30.0, 5.0, 60.0, 20.0
"""Deadlines [s]: start of the process, a quick answer, one that moves the drone, end of the process."""


class KeptDrone:
    """The `Drone` contract, as `CrazyflieDrone` keeps it; stamps are the system's monotonic time.

    Calls that move the drone wait in one line; state, commands and the emergency stop have a line of their
    own, so that stopping never waits for a take-off.
    """

    def __init__(
        self,
        uri: str,
        *,
        settings: BridgeSettings | None = None,
        connect_timeout_s: float = 60.0,
        cache: Path | None = None,
        dead_man_s: float | None = None,
        progress: Progress = lambda _text: None,
    ) -> None:
        self.uri, self._connect_timeout_s, self._progress = uri, connect_timeout_s, progress
        self._job = Job(uri, settings or BridgeSettings(), connect_timeout_s, cache, dead_man_s)
        self._process: Any = None
        self._lines: tuple[_Line, _Line] | None = None

    def connect(self) -> None:
        """Start the process and connect. Raises `LinkError` within the deadlines."""
        if self._process is not None:
            return
        context = multiprocessing.get_context("spawn")
        slow, slow_end = context.Pipe()
        quick, quick_end = context.Pipe()
        self._process = context.Process(
            target=keep, args=(self._job, slow_end, quick_end), name="crazyflie-keeper", daemon=False
        )
        self._process.start()
        for end in (slow_end, quick_end):
            end.close()  # so that each side notices when the other is gone
        self._lines = (_Line(slow), _Line(quick))
        try:
            self._slow("connect", timeout_s=START_S + self._connect_timeout_s)
        except LinkError:
            self.close()
            raise
        finally:
            for text in self._quick("said") if self._process is not None else ():
                self._progress(text)

    @property
    def pid(self) -> int:
        """Of the process that holds the link."""
        return int(self._process.pid) if self._process is not None else 0

    @property
    def failsafe(self) -> str:
        """Why the drone lands, or stopped, by itself; empty while it does what it is told."""
        return str(self._quick("failsafe")) if self._process is not None else ""

    def take_off(self, height_m: float = 0.8) -> None:
        self._slow("take_off", height_m)

    def send(self, command: VelocityCommand) -> None:
        self._quick("send", command)

    def state(self) -> DroneState:
        state: DroneState = self._quick("state")
        return state

    def state_at(self, stamp: float) -> DroneState:
        state: DroneState = self._quick("state_at", stamp)
        return state

    def link_statistics(self) -> LinkStatistics:
        found: LinkStatistics = self._quick("link_statistics")
        return found

    def notes(self) -> list[DroneNote]:
        notes: list[DroneNote] = self._quick("notes") if self._process is not None else []
        return notes

    def feed_dead_man(self) -> None:
        self._quick("feed")

    def land(self) -> None:
        self._slow("land")

    def land_now(self, why: str) -> None:
        self._quick("land_now", why)

    def emergency_stop(self, why: str = "the operator pressed stop: cut") -> None:
        self._quick("emergency_stop", why)

    def close(self) -> None:
        """Hang up: the process lands a drone that is in the air, closes the link and ends."""
        process, self._process = self._process, None
        lines, self._lines = self._lines, None
        for line in lines or ():
            line.close()
        if process is not None:
            process.join(END_S)
            if process.is_alive():
                process.kill()
                process.join(1.0)

    def __enter__(self) -> Self:
        self.connect()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _slow(self, name: str, *arguments: Any, timeout_s: float = SLOW_S) -> Any:
        return self._line(0).call(name, arguments, timeout_s)

    def _quick(self, name: str, *arguments: Any) -> Any:
        return self._line(1).call(name, arguments, ANSWER_S)

    def _line(self, which: int) -> _Line:
        if self._lines is None:
            raise LinkError(f"{self.uri} is not connected", fix="call connect() first")
        return self._lines[which]


class _Line:
    """One call at a time over a pipe, with a deadline."""

    def __init__(self, pipe: Pipe) -> None:
        self._pipe, self._lock = pipe, threading.Lock()

    def call(self, name: str, arguments: tuple[Any, ...], timeout_s: float) -> Any:
        with self._lock:
            try:
                self._pipe.send((name, arguments))
                if not self._pipe.poll(timeout_s):
                    raise LinkError(
                        f"the process of the link does not answer {name}", why=f"in {timeout_s:.0f} s"
                    )
                worked, answer = self._pipe.recv()
            except (EOFError, OSError) as error:
                raise LinkError("the process that holds the link is gone", why=str(error)) from error
        if worked:
            return answer
        kind, what, why, fix = answer
        raise (LinkError if kind == "link" else UserError)(what, why=why, fix=fix)

    def close(self) -> None:
        self._pipe.close()

"""Child processes that are watched while they live and leave nothing behind when they end."""

from __future__ import annotations

import contextlib
import ctypes
import os
import signal
import subprocess
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from functools import partial

Tell = Callable[[str, str], None]
"""Called with a process's name and a line of its output."""

_PR_SET_PDEATHSIG = 1
TERM_S = 3.0
"""Seconds between SIGTERM and SIGKILL."""


def _die_with(parent: int) -> None:
    """Ask the kernel for SIGTERM when the launcher dies, however it dies (Linux)."""
    with contextlib.suppress(OSError, AttributeError):
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)
        if os.getppid() != parent:  # it died before it could be asked for
            os._exit(1)


class Child:
    """One process in a session of its own; its output goes line by line to `tell`."""

    def __init__(
        self, name: str, command: Sequence[str], env: Mapping[str, str], tell: Tell, *, grace_s: float = 10.0
    ) -> None:
        self.name, self.grace_s = name, grace_s
        self._process = subprocess.Popen(
            list(command), env=dict(env), stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT, text=True, errors="replace", start_new_session=True,
            preexec_fn=partial(_die_with, os.getpid()),
        )  # fmt: skip
        self._reader = threading.Thread(target=self._read, args=(tell,), name=f"read {name}", daemon=True)
        self._reader.start()

    @property
    def pid(self) -> int:
        return self._process.pid

    def code(self) -> int | None:
        """Exit code, negative for a signal; None while it runs."""
        return self._process.poll()

    def signal(self, number: int) -> None:
        """Signal the process and all it started."""
        if self.code() is None:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self._process.pid, number)

    def interrupt(self) -> None:
        """Signal the process alone, as Ctrl-C does politely."""
        if self.code() is None:
            self._process.send_signal(signal.SIGINT)

    def _read(self, tell: Tell) -> None:
        stream = self._process.stdout
        if stream is not None:
            for line in stream:
                tell(self.name, line.rstrip())


def end_all(children: Sequence[Child], tell: Tell, *, hurry: Callable[[], bool] = lambda: False) -> None:
    """End children: SIGINT, after each one's grace SIGTERM, then SIGKILL. Returns when none is left.

    `hurry` is asked while waiting; when it says so the rest is left to the next call.
    """
    begin = time.monotonic()
    stage: dict[str, int] = {}
    for child in children:
        child.interrupt()
    while living := [c for c in children if c.code() is None]:
        if hurry():
            return
        waited = time.monotonic() - begin
        for child in living:
            if waited > child.grace_s + TERM_S and stage.get(child.name, 0) < 2:
                stage[child.name] = 2
                tell(child.name, "does not end; killed")
                child.signal(signal.SIGKILL)
            elif waited > child.grace_s and child.name not in stage:
                stage[child.name] = 1
                tell(child.name, f"did not end within {child.grace_s:g} s; terminated")
                child.signal(signal.SIGTERM)
        time.sleep(0.05)
    for child in children:
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(child.pid, signal.SIGKILL)  # what a child started and left behind
        child._reader.join(timeout=1.0)

"""Another process of this machine, held so that its number cannot come to mean a stranger (Linux)."""

from __future__ import annotations

import os
import select
import signal
from functools import cache
from pathlib import Path


@cache
def place() -> str:
    """Name this machine since its start, and the processes that see each other on it; "" where unknown."""
    try:
        boot = Path("/proc/sys/kernel/random/boot_id").read_text().strip()
        return f"{boot}:{os.readlink('/proc/self/ns/pid')}"
    except OSError:
        return ""


class ProcessHandle:
    """One process, from `hold` to `close`; once it has ended, the handle is of no one."""

    def __init__(self, descriptor: int, pid: int) -> None:
        self._descriptor, self.pid = descriptor, pid

    @staticmethod
    def hold(where: str, pid: int, node: str) -> ProcessHandle | None:
        """Return the process `pid` of `where` that runs `node`; None where it is not here, or another one."""
        if not where or where != place() or not hasattr(os, "pidfd_open"):
            return None
        try:
            descriptor = os.pidfd_open(pid)
        except OSError:
            return None
        if _runs(pid, node):
            return ProcessHandle(descriptor, pid)
        os.close(descriptor)
        return None

    def alive(self) -> bool:
        """Tell whether the process has not ended yet; a stopped one has not."""
        return not select.select([self._descriptor], [], [], 0.0)[0]

    def kill(self) -> bool:
        """kill -9; tell whether it may."""
        try:
            signal.pidfd_send_signal(self._descriptor, signal.SIGKILL)
        except OSError:
            return False
        return True

    def close(self) -> None:
        os.close(self._descriptor)


def _runs(pid: int, node: str) -> bool:
    """Tell whether a process says in its command line that it is the node."""
    try:
        words = Path(f"/proc/{pid}/cmdline").read_bytes().decode(errors="replace").split("\0")
    except OSError:
        return False
    return f"__node:={node}" in words or f"ros_nodes.{node}" in words or Path(words[0]).name == node

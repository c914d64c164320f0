"""What this process holds of the machine: to be the same after a hundred times as after one."""

from __future__ import annotations

import os
import threading
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Footprint:
    """Open files, threads, shared memory of DDS, child processes, resident memory [MiB]."""

    files: int
    threads: int
    segments: int
    children: int
    memory_mib: float


def measure() -> Footprint:
    """Return the footprint of this process now."""
    status = Path("/proc/self/status").read_text()
    resident_kib = next(int(line.split()[1]) for line in status.splitlines() if line.startswith("VmRSS"))
    tasks = Path("/proc/self/task")
    children = sum(len((t / "children").read_text().split()) for t in tasks.iterdir())
    return Footprint(
        files=len(os.listdir("/proc/self/fd")),
        threads=max(threading.active_count(), len(os.listdir(tasks))),
        segments=len(segments()),
        children=children,
        memory_mib=resident_kib / 1024,
    )


def segments() -> set[str]:
    """Return the shared memory that DDS participants of this machine have."""
    return {p.name for p in Path("/dev/shm").glob("fastrtps_*")} | {
        p.name for p in Path("/dev/shm").glob("sem.fastrtps_*")
    }

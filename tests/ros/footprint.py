"""What a process holds of the machine: to be the same after a hundred times as after a few."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Footprint:
    """Of one process; `shared` is the memory of DDS it shares with others."""

    files: int
    threads: int
    shared: int
    memory_mib: float


def measure(pid: int) -> Footprint:
    """Return the footprint of a process now."""
    folder = Path("/proc", str(pid))
    status = (folder / "status").read_text()
    resident_kib = next(int(line.split()[1]) for line in status.splitlines() if line.startswith("VmRSS"))
    mapped = {line.split()[-1] for line in (folder / "maps").read_text().splitlines()}
    return Footprint(
        files=len(os.listdir(folder / "fd")),
        threads=len(os.listdir(folder / "task")),
        shared=sum(Path(name).name.startswith(("fastrtps", "fastdds")) for name in mapped),
        memory_mib=resident_kib / 1024,
    )

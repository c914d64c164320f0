"""The latency trace a frame collects on its way through the stages, on the machine's steady clock."""

from __future__ import annotations

import time
from collections.abc import Sequence

from reprohrl_msgs.msg import Hop


def now_ns() -> int:
    """Nanoseconds of CLOCK_MONOTONIC, the same in all processes of a machine."""
    return time.monotonic_ns()


def begin(stage: str, heard_ns: int) -> list[Hop]:
    """Return the trace of a frame whose first stage had it at `heard_ns` and passes it on now."""
    return [Hop(stage=stage, heard_ns=heard_ns, said_ns=now_ns())]


def extend(trace: Sequence[Hop], stage: str, heard_ns: int) -> list[Hop]:
    """Return `trace` with a stage that had all its inputs at `heard_ns` and answers now."""
    return [*trace, *begin(stage, heard_ns)]

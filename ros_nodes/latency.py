"""Where the time between a frame and its setpoint goes: a trace's hops as named parts. No ROS in here."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Protocol

NS_PER_MS = 1e6


class HopLike(Protocol):
    """As in reprohrl_msgs/Hop."""

    stage: str
    heard_ns: int
    said_ns: int


def parts(hops: Sequence[HopLike]) -> list[tuple[str, float]]:
    """Return (name, ms) of each stage's work and of each way between two; they add up to `total_ms`.

    The way from the tracker to the detector's own next piece of work is within one process.
    """
    found: list[tuple[str, float]] = []
    for before, hop in zip([None, *hops[:-1]], hops, strict=True):
        if before is not None:
            gap = (hop.heard_ns - before.said_ns) / NS_PER_MS
            found.append((f"{before.stage} to {hop.stage}", gap))
        found.append((hop.stage, (hop.said_ns - hop.heard_ns) / NS_PER_MS))
    return found


def total_ms(hops: Sequence[HopLike]) -> float:
    """Return the time from the first stage's having the frame to the last one's word."""
    return (hops[-1].said_ns - hops[0].heard_ns) / NS_PER_MS if hops else 0.0


def by_part(traces: Iterable[Sequence[HopLike]]) -> dict[str, list[float]]:
    """Return the samples [ms] of each part, in the order of the first trace that has it."""
    samples: dict[str, list[float]] = {}
    for hops in traces:
        for name, ms in parts(hops):
            samples.setdefault(name, []).append(ms)
    return samples

"""Random numbers inside compiled loops: one SplitMix64 stream per drone (Steele et al. 2014, OOPSLA).

A drone's numbers depend on the seed and its own index alone, whatever the batch or the thread.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from sim.dynamics.compiled import kernel

Streams = NDArray[np.uint64]

_GAMMA = np.uint64(0x9E3779B97F4A7C15)
_MIX_A = np.uint64(0xBF58476D1CE4E5B9)
_MIX_B = np.uint64(0x94D049BB133111EB)


def new_streams(batch: int, seed: int) -> Streams:
    """Return one stream (batch,) per drone."""
    rows = np.arange(batch, dtype=np.uint64)
    with np.errstate(over="ignore"):
        start = _GAMMA * (np.uint64(seed) * np.uint64(0x2545F4914F6CDD1D) + rows + np.uint64(1))
        return (start ^ (start >> np.uint64(31))) * _MIX_B


@kernel
def uniform(streams: Streams, i: int) -> float:
    """Draw from [0, 1)."""
    streams[i] += _GAMMA
    z = streams[i]
    z = (z ^ (z >> np.uint64(30))) * _MIX_A
    z = (z ^ (z >> np.uint64(27))) * _MIX_B
    z = z ^ (z >> np.uint64(31))
    return float(z >> np.uint64(11)) * (1.0 / 9007199254740992.0)


@kernel
def between(streams: Streams, i: int, low: float, high: float) -> float:
    return low + (high - low) * uniform(streams, i)


@kernel
def integer(streams: Streams, i: int, count: int) -> int:
    """Draw from 0 .. count - 1."""
    return min(int(uniform(streams, i) * count), count - 1)


@kernel
def normal(streams: Streams, i: int) -> float:
    """Draw from the standard normal distribution (Box and Muller 1958)."""
    radius = math.sqrt(-2.0 * math.log(1.0 - uniform(streams, i)))
    return radius * math.cos(2.0 * math.pi * uniform(streams, i))

"""The one place where raw values become network inputs, and network outputs become actions."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from reprohrl.contracts.policy_spec import Entry, PolicySpec

Array = NDArray[np.float32]


def scale_observation(spec: PolicySpec, raw: Array) -> Array:
    """Clip `raw` (N, D) to each entry's [low, high] in its unit, then divide by its scale.

    NaN stays NaN, so that a broken sensor shows in the action instead of passing for a zero.
    """
    low, high, scale = bounds(spec.observation)
    return np.asarray(np.clip(raw, low, high) / scale, np.float32)


def unscale_action(spec: PolicySpec, output: Array) -> Array:
    """Multiply the network's output (N, A) by each entry's scale and clip to its [low, high]."""
    low, high, scale = bounds(spec.action)
    return np.asarray(np.clip(output * scale, low, high), np.float32)


def bounds(entries: tuple[Entry, ...]) -> tuple[Array, Array, Array]:
    """Return (low, high, scale), each (size,) float32, one value per vector element."""

    def spread(value: Callable[[Entry], float]) -> Array:
        return np.concatenate([np.full(e.size, value(e), np.float32) for e in entries])

    return spread(lambda e: e.low), spread(lambda e: e.high), spread(lambda e: e.scale)

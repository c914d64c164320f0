"""Discrete moves for agents that choose among values."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

MOVES: tuple[str, ...] = (
    "forward", "back", "left", "right", "up", "down", "turn_left", "turn_right", "hover"
)  # fmt: skip

FRACTIONS: NDArray[np.float32] = np.array(
    [
        [0.7, 0, 0, 0],
        [-0.4, 0, 0, 0],
        [0, 0.8, 0, 0],
        [0, -0.8, 0, 0],
        [0, 0, 0.6, 0],
        [0, 0, -0.6, 0],
        [0, 0, 0, 0.6],
        [0, 0, 0, -0.6],
        [0, 0, 0, 0],
    ],
    np.float32,
)
"""(9, 4) fractions of `ACTION_SCALE` of each move."""


def explored(move: NDArray[np.int64], draws: NDArray[np.float64], share: float) -> NDArray[np.int64]:
    """Return `move` (N,), in the given share of cases another one; `draws` (N, 2) in [0, 1)."""
    return np.where(draws[:, 0] < share, (draws[:, 1] * len(MOVES)).astype(np.int64), move)

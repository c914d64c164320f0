"""What was measured: one row per truth box and frame, one per box on no object."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

TRUTH_COLUMNS = ("flight", "frame", "object", "class", "visible", "cx", "cy", "w", "h")
FOUND_COLUMNS = ("found", "score", "cx", "cy", "w", "h", "alien", "alien_score")
FALSE_COLUMNS = ("flight", "frame", "class", "score", "cx", "cy", "w", "h")


@dataclass(frozen=True, slots=True)
class Records:
    """Rows of the columns named above, in the order of flights and frames.

    truth  (R, 9)
    found  (R, 8): found is 0 or 1; alien is the class of another box on the object, or -1
    false  (Q, 8)
    frames how many frames were looked at
    """

    truth: NDArray[np.float64]
    found: NDArray[np.float64]
    false: NDArray[np.float64]
    frames: int

    @property
    def class_id(self) -> NDArray[np.int64]:
        return self.truth[:, 3].astype(np.int64)

    @property
    def size(self) -> NDArray[np.float64]:
        """Root of each truth box's share of the image."""
        return np.sqrt(self.truth[:, 7] * self.truth[:, 8])

    @property
    def missed(self) -> NDArray[np.bool_]:
        return self.found[:, 0] == 0

    @property
    def edge(self) -> NDArray[np.bool_]:
        """Whether each truth box touches the image's edge."""
        cx, cy, w, h = self.truth[:, 5:].T
        return np.asarray(
            np.minimum(0.5 - np.abs(cx - 0.5) - w / 2, 0.5 - np.abs(cy - 0.5) - h / 2) < 0.004, bool
        )

    def after(self, lag: int) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Return row indices (now, `lag` frames later) of the same object in the same flight."""
        key = (self.truth[:, 0] * 64 + self.truth[:, 2]) * 1024 + self.truth[:, 1]
        order = np.argsort(key)
        where = np.searchsorted(key[order], key + lag)
        where = np.minimum(where, len(key) - 1)
        later = order[where]
        now = np.flatnonzero(key[later] == key + lag)
        return now, later[now]


def stack(parts: list[Records]) -> Records:
    """Join records of different flights."""
    return Records(
        np.concatenate([p.truth for p in parts]),
        np.concatenate([p.found for p in parts]),
        np.concatenate([p.false for p in parts]),
        sum(p.frames for p in parts),
    )

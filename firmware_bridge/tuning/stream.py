"""What the arrivals of frames say about the stream."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

FREEZE_S = 0.5
"""A gap this long is a freeze, a shorter one is dropped frames."""


@dataclass(frozen=True, slots=True)
class StreamNumbers:
    """fps [1/s]; the share of frames that never came; freezes: mean time between them and the longest [s]."""

    fps: float
    drop: float
    freeze_every_s: float
    freeze_s: float


def stream_numbers(arrivals: Sequence[float]) -> StreamNumbers | None:
    """Return the numbers of a stream; None for fewer than ten frames."""
    if len(arrivals) < 10:
        return None
    gaps = np.diff(np.asarray(arrivals, np.float64))
    period = float(np.median(gaps))
    frozen = gaps >= max(FREEZE_S, 3 * period)
    short = gaps[~frozen]
    missing = float(np.maximum(np.round(short / period) - 1.0, 0.0).sum())
    total = float(arrivals[-1] - arrivals[0])
    return StreamNumbers(
        fps=1.0 / period, drop=missing / (missing + len(arrivals)),
        freeze_every_s=total / int(frozen.sum()) if frozen.any() else np.inf,
        freeze_s=float(gaps[frozen].max()) if frozen.any() else 0.0,
    )  # fmt: skip

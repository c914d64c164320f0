"""Does the model err like the detector? Both on the same flights, by apparent size, class and time."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from reprohrl.contracts.vocabulary import DETECTOR_CLASSES
from sim.envs.detector_noise import DetectorNoise
from sim.noise_fit.fit import correlation, miss_features
from sim.noise_fit.logistic import chances, log_loss
from sim.noise_fit.records import Records

SIZE_EDGES = (0.0, 0.05, 0.08, 0.12, 0.2, 0.35, 0.6, 2.0)
"""Bins of the root of a box's share of the image."""

LAGS = (1, 2, 3, 5, 8)


@dataclass(frozen=True, slots=True)
class Numbers:
    """What one detector did. Lists follow `SIZE_EDGES`, `DETECTOR_CLASSES`, `LAGS`."""

    recall: list[float]
    precision: list[float]
    recall_class: list[float]
    persistence: list[float]
    counts: list[int]
    counts_class: list[int]

    @staticmethod
    def of(records: Records, chance: NDArray[np.float64]) -> Numbers:
        """Count `records`; `chance` is the fitted chance to miss each truth box."""
        hit = ~records.missed
        wrong_size = np.concatenate([
            records.size[records.found[:, 6] >= 0],
            np.sqrt(records.false[:, 6] * records.false[:, 7]),
        ])  # fmt: skip
        recall, precision, counts = [], [], []
        for low, high in pairwise(SIZE_EDGES):
            inside = (records.size >= low) & (records.size < high)
            right = int(hit[inside].sum())
            wrong = int(((wrong_size >= low) & (wrong_size < high)).sum())
            counts.append(int(inside.sum()))
            recall.append(_ratio(right, counts[-1]))
            precision.append(_ratio(right, right + wrong))
        of_class = [records.class_id == c for c in range(len(DETECTOR_CLASSES))]
        return Numbers(
            recall, precision, [_ratio(int(hit[m].sum()), int(m.sum())) for m in of_class],
            [round(correlation(records, chance, lag)[0], 3) for lag in LAGS],
            counts, [int(m.sum()) for m in of_class],
        )  # fmt: skip


def miss_chance(records: Records, noise: DetectorNoise) -> NDArray[np.float64]:
    """Return the model's chance to miss each truth box, averaged over objects."""
    weights = np.array([
        *noise.miss_class, noise.miss_log_size, noise.miss_small, noise.miss_big, noise.miss_hidden,
        noise.miss_edge,
    ])  # fmt: skip
    return chances(miss_features(records) @ weights, noise.miss_object)[0]


def goodness(records: Records, noise: DetectorNoise) -> dict[str, Any]:
    """Log loss of the misses against that of one rate for all, and the calibration by tenths."""
    chance, missed = miss_chance(records, noise), records.missed.astype(np.float64)
    base = np.full_like(chance, missed.mean())
    tenths = np.array_split(np.argsort(chance), 10)
    return {
        "objects": len(chance),
        "missed": round(float(missed.mean()), 4),
        "log_loss": round(log_loss(chance, missed), 4),
        "log_loss_of_one_rate": round(log_loss(base, missed), 4),
        "calibration": [
            [round(float(chance[t].mean()), 4), round(float(missed[t].mean()), 4)] for t in tenths
        ],
    }


def largest_gap(a: list[float], b: list[float], counts: list[int], *, least: int = 100) -> float:
    """Largest difference where at least `least` objects were counted."""
    gaps = [abs(x - y) for x, y, n in zip(a, b, counts, strict=True) if n >= least]
    return round(max(gaps, default=0.0), 4)


def _ratio(part: int, whole: int) -> float:
    return round(part / whole, 4) if whole else 0.0

"""From records to `DetectorNoise`."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from reprohrl.contracts.errors import UserError
from reprohrl.contracts.vocabulary import DETECTOR_CLASSES
from sim.envs.detector_noise import DetectorNoise
from sim.noise_fit.boxes import fit_aliens, fit_false, fit_jitter, fit_scores
from sim.noise_fit.logistic import chances, logistic
from sim.noise_fit.records import Records

Array = NDArray[np.float64]
_CLASSES = len(DETECTOR_CLASSES)
_ROWS_NEEDED = 100
_LAGS = range(1, 9)


def fit(records: Records, confidence: float) -> DetectorNoise:
    """Fit the model to what a detector made of flights; `confidence` is the score it reports from.

    Raises `UserError` when there is too little to fit to.
    """
    if len(records.truth) < _ROWS_NEEDED:
        raise UserError(
            f"only {len(records.truth)} objects were seen",
            why=f"the fit needs {_ROWS_NEEDED}",
            fix="reprohrl fit-detector-noise --frames 2000",
        )
    weights, spread, hold = _fit_misses(records)
    eta = miss_features(records) @ weights
    return DetectorNoise(
        miss_class=weights[:_CLASSES],
        miss_log_size=float(weights[_CLASSES]),
        miss_small=float(weights[_CLASSES + 1]),
        miss_big=float(weights[_CLASSES + 2]),
        miss_hidden=float(weights[_CLASSES + 3]),
        miss_edge=float(weights[_CLASSES + 4]),
        miss_object=spread,
        miss_hold=hold,
        **fit_aliens(records),
        **fit_false(records),
        **fit_scores(records, eta, spread, confidence),
        **fit_jitter(records),
        confidence=confidence,
    )


def miss_features(records: Records) -> Array:
    """Return (R, C + 5): one-hot class, then the terms of `DetectorNoise` in its order."""
    size = np.log(records.size)
    return np.column_stack([
        np.eye(_CLASSES)[records.class_id],
        size - np.log(0.15),
        np.maximum(0.0, np.log(0.08) - size),
        np.maximum(0.0, size - np.log(0.4)),
        1.0 - records.truth[:, 4],
        records.edge,
    ])  # fmt: skip


def _fit_misses(records: Records) -> tuple[Array, float, float]:
    """Return the weights given the object, the spread of objects, and the chance to hold."""
    features, missed = miss_features(records), records.missed.astype(np.float64)
    weights = logistic(features, missed)
    share, hold = lasting_share(records, chances(features @ weights, 0.0)[0])
    spread = 0.0
    for _ in range(3):  # the spread depends on the weights, and these on the spread
        spread = _spread_for(share, features @ weights)
        weights = logistic(features, missed, spread=spread)
    return weights, spread, hold


def lasting_share(records: Records, chance: Array) -> tuple[float, float]:
    """Split the correlation of misses over time into what lasts and what fades by a factor per frame.

    The correlation at lag n is modelled as a + (1 - a) hold^n; returns (a, hold) by least squares.
    """
    found = [(lag, *correlation(records, chance, lag)) for lag in _LAGS]
    points = [(lag, r, n) for lag, r, n in found if n >= 30]
    if len(points) < 2:
        return 0.0, 0.0
    lags, values, counts = (np.array(column, np.float64) for column in zip(*points, strict=True))
    grid = [
        (float(np.sum(counts * (values - a - (1 - a) * hold**lags) ** 2)), a, hold)
        for a in np.linspace(0.0, 0.9, 46)
        for hold in np.linspace(0.0, 0.95, 39)
    ]
    _, share, hold = min(grid)
    return float(share), float(hold)


def correlation(records: Records, chance: Array, lag: int) -> tuple[float, int]:
    """Return the correlation of misses `lag` frames apart beyond `chance`, and the number of pairs."""
    now, later = records.after(lag)
    if len(now) == 0:
        return 0.0, 0
    rest = records.missed - chance
    scale = np.sqrt(chance * (1.0 - chance))
    weight = scale[now] * scale[later]
    return float(np.sum(rest[now] * rest[later]) / max(np.sum(weight), 1e-9)), len(now)


def _spread_for(share: float, logits: Array) -> float:
    """Spread of objects that leaves `share` of a miss's variance to the object, by bisection."""
    sample = logits[:: max(len(logits) // 2000, 1)]
    low, high = 0.0, 4.0
    for _ in range(20):
        middle = (low + high) / 2
        mean, _, over_objects = chances(sample, middle)
        lasting = over_objects.sum() / (mean * (1.0 - mean)).sum()
        low, high = (middle, high) if lasting < share else (low, middle)
    return (low + high) / 2

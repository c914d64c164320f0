"""Logistic regression with a little ridge, by Fisher scoring; with a normal effect per object if wanted."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
_NODES, _WEIGHTS = np.polynomial.hermite_e.hermegauss(15)
_WEIGHTS = _WEIGHTS / _WEIGHTS.sum()


def sigmoid(x: Array) -> Array:
    return np.asarray(1.0 / (1.0 + np.exp(-np.clip(x, -30.0, 30.0))), np.float64)


def chances(logits: Array, spread: float) -> tuple[Array, Array, Array]:
    """Average over objects whose logits differ by a normal of sigma `spread`.

    Returns the mean chance, its slope by the logit, and the variance of the chance over objects.
    """
    each = sigmoid(logits[:, None] + spread * _NODES)
    mean = each @ _WEIGHTS
    return mean, (each * (1.0 - each)) @ _WEIGHTS, (each**2) @ _WEIGHTS - mean**2


def logistic(
    features: Array, outcome: Array, *, spread: float = 0.0, ridge: float = 0.1, steps: int = 40
) -> Array:
    """Return weights (F,) that maximise the likelihood of `outcome` (R,) in {0, 1}, minus ridge |w|^2 / 2.

    The ridge keeps a class that was never missed at a finite weight.
    """
    weights = np.zeros(features.shape[1])
    for _ in range(steps):
        mean, slope, _ = chances(features @ weights, spread)
        variance = np.maximum(mean * (1.0 - mean), 1e-9)
        gradient = features.T @ ((outcome - mean) * slope / variance) - ridge * weights
        curvature = (features * (slope**2 / variance)[:, None]).T @ features
        step = np.linalg.solve(curvature + ridge * np.eye(len(weights)), gradient)
        weights = weights + np.clip(step, -2.0, 2.0)
        if np.abs(step).max() < 1e-6:
            break
    return weights


def log_loss(chance: Array, outcome: Array) -> float:
    """Mean negative log likelihood, in nats."""
    p = np.clip(chance, 1e-6, 1 - 1e-6)
    return float(-np.mean(outcome * np.log(p) + (1 - outcome) * np.log(1 - p)))

"""Delays out of recordings: commands against the state that follows, pictures against the state they show.

Pure: times [s] on one clock, angles [rad], arrays sorted by time.
"""

from __future__ import annotations

import itertools
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from reprohrl.contracts.errors import UserError

Array = NDArray[np.float64]

_GRID_S = 0.005
_WINDOWS = 4
_MIN_TURN_RAD = 0.15
_MIN_FIT = 0.5


@dataclass(frozen=True, slots=True)
class Delay:
    """A delay, and the range that parts of the recording give by themselves [s].

    fit    in [0, 1]: how much of what was seen it explains
    lag_s  a first-order lag on top of the delay, where one was fitted
    """

    seconds: float
    low: float
    high: float
    fit: float
    lag_s: float = 0.0


def command_delay(sent: Array, yaw: Array, *, longest_s: float = 0.6) -> Delay:
    """Return how long a yaw rate takes from being sent to showing in the state.

    sent  (N, 2) time and yaw rate [rad/s], each held until the next
    yaw   (M, 2) time of arrival and yaw [rad]

    Model: the rate follows after a dead time and a first-order lag; both are searched for. Raises `UserError`
    when the drone did not turn, or not as it was told.
    """
    times, turned = yaw[:, 0], np.unwrap(yaw[:, 1])
    _check_motion(turned)
    delays = np.arange(0.0, longest_s, _GRID_S)
    lags = np.arange(0.0, 0.31, 0.02)
    grid = np.arange(sent[0, 0] - longest_s, times[-1] + _GRID_S, _GRID_S)
    held = np.searchsorted(sent[:, 0], grid, side="right") - 1
    rate = np.where(held >= 0, sent[np.maximum(held, 0), 1], 0.0)
    tables = [np.cumsum(_lagged(rate, lag)) * _GRID_S for lag in lags]

    def search(mask: NDArray[np.bool_]) -> tuple[float, float, float]:
        t, y = times[mask], turned[mask]
        best = (np.inf, 0.0, 0.0)
        for lag, table in zip(lags, tables, strict=True):
            for delay in delays:
                error = _residual(np.interp(t - delay, grid, table), y)
                if error < best[0] - 1e-12:
                    best = (error, float(delay), float(lag))
        return best

    error, delay, lag = search(np.ones(len(times), bool))
    fit = 1.0 - error / max(float(np.var(turned)), 1e-12)
    if fit < _MIN_FIT:
        raise UserError(
            "the drone did not turn as it was told",
            why=f"only {100 * max(fit, 0):.0f} % of its turning is explained",
            fix="fly where nothing touches it, then try again",
        )
    parts = [search(mask)[1] for mask in _windows(times)]
    return Delay(delay, min([delay, *parts]), max([delay, *parts]), fit, lag)


def camera_delay(seen: Array, yaw: Array, *, longest_s: float = 1.0) -> Delay:
    """Return how much later than the state a frame of the same moment arrives; may be below 0.

    seen  (N, 3) arrival of one frame and of the next, and the turn to the left between them [rad]
    yaw   (M, 2) time of arrival and yaw [rad]

    Raises `UserError` when the drone hardly turned, or the pictures do not show its turning.
    """
    times, turned = yaw[:, 0], np.unwrap(yaw[:, 1])
    _check_motion(turned)
    if len(seen) < 2 * _WINDOWS:
        raise UserError(
            f"only {len(seen)} pairs of frames came", why="a delay needs some seconds of them",
            fix="reprohrl doctor --uri ... says what is wrong with the camera",
        )  # fmt: skip
    delays = np.arange(-0.1, longest_s, _GRID_S)

    def search(part: Array) -> tuple[float, float]:
        best = (np.inf, 0.0)
        for delay in delays:
            start, end = (np.interp(part[:, i] - delay, times, turned) for i in (0, 1))
            error = _residual(end - start, part[:, 2], offset=False)
            if error < best[0]:
                best = (error, float(delay))
        return best

    error, delay = search(seen)
    fit = 1.0 - error / max(float(np.mean(seen[:, 2] ** 2)), 1e-12)
    if fit < _MIN_FIT:
        raise UserError(
            "the pictures do not show the drone's turning",
            why=f"only {100 * max(fit, 0):.0f} % of what moves in them is explained by it",
            fix="point the camera at something with contrast, at least 1 m away, and turn, do not tilt",
        )
    parts = [search(seen[mask])[1] for mask in _windows(seen[:, 1])]
    return Delay(delay, min([delay, *parts]), max([delay, *parts]), fit)


def _check_motion(turned: Array) -> None:
    if len(turned) < 20 or float(np.ptp(turned)) < _MIN_TURN_RAD:
        far = float(np.degrees(np.ptp(turned))) if len(turned) else 0.0
        raise UserError(
            f"the drone turned by {far:.0f} deg only",
            why=f"{np.degrees(_MIN_TURN_RAD):.0f} deg are needed to see a delay",
            fix="turn it to and fro about its vertical axis, some 30 deg each way",
        )


def _lagged(rate: Array, lag_s: float) -> Array:
    """Return `rate` after a first-order lag."""
    if lag_s <= 0:
        return rate
    keep = np.exp(-_GRID_S / lag_s)
    out = np.empty_like(rate)
    value = 0.0
    for i, r in enumerate(rate):
        value = keep * value + (1.0 - keep) * r
        out[i] = value
    return out


def _residual(model: Array, y: Array, *, offset: bool = True) -> float:
    """Return the mean square that is left of `y` after a scaled `model`, and an offset where wanted."""
    if offset:
        model, y = model - model.mean(), y - y.mean()
    power = float(model @ model)
    scale = max(0.0, float(model @ y) / power) if power > 1e-12 else 0.0
    return float(np.mean((y - scale * model) ** 2))


def _windows(times: Array) -> list[NDArray[np.bool_]]:
    """Return masks of equal stretches of time, with enough in each to say something."""
    edges = np.linspace(times[0], times[-1] + 1e-9, _WINDOWS + 1)
    masks = [(times >= a) & (times < b) for a, b in itertools.pairwise(edges)]
    return [mask for mask in masks if mask.sum() >= 6]

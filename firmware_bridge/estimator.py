"""Starting the estimator afresh and waiting until it is sure: what precedes a take-off."""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Callable
from typing import Any

from firmware_bridge import parameters
from firmware_bridge.telemetry import Telemetry
from reprohrl.contracts.clock import Clock
from reprohrl.contracts.errors import LinkError

SAMPLES, SPREAD, SAMPLE_S = 10, 1e-3, 0.1
"""As cflib's `reset_estimator`: settled when the variances of ten samples lie within a thousandth."""

TIMEOUT_S = 15.0
_RESET = "kalman.resetEstimation"


def reset(cf: Any, telemetry: Telemetry, clock: Clock, progress: Callable[[str], None]) -> None:
    """Reset the Kalman filter and wait for it; the drone must stand still. Raises `LinkError`."""
    if not parameters.known(cf, _RESET):
        return
    parameters.write(cf, _RESET, 1)
    clock.sleep(SAMPLE_S)
    parameters.write(cf, _RESET, 0)
    wait_converged(telemetry, clock, progress)


def wait_converged(
    telemetry: Telemetry, clock: Clock, progress: Callable[[str], None], timeout_s: float = TIMEOUT_S
) -> None:
    """Return once the variances stand still; at once where they are not logged. Raises `LinkError`."""
    if all(math.isnan(v) for v in telemetry.variances):
        return
    seen: deque[tuple[float, float, float]] = deque(maxlen=SAMPLES)
    deadline = clock.now() + timeout_s
    progress("waiting for the estimator")
    while clock.now() < deadline:
        clock.sleep(SAMPLE_S)
        seen.append(telemetry.variances)
        if len(seen) == SAMPLES and spread(seen) < SPREAD:
            return
    raise LinkError(
        f"the estimator did not settle in {timeout_s:.0f} s",
        why=f"its variances moved by {spread(seen):.3g} within a second; {SPREAD:g} is allowed",
        fix="keep the drone still on the floor, over a floor with texture or in view of its base stations",
    )


def spread(samples: deque[tuple[float, float, float]]) -> float:
    """Return the largest spread of any of the three variances; infinite when one is no number."""
    columns = list(zip(*samples, strict=True))
    if not columns or not all(math.isfinite(v) for column in columns for v in column):
        return math.inf
    return max(max(column) - min(column) for column in columns)

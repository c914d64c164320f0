"""Every threshold of the checks before a flight, with its unit and reason."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class PreflightLimits:
    """`_note` is where a reading becomes worth knowing, `_fail` where flight is refused."""

    latency_note_s: float = 0.030  # there and back, 95th percentile: what a good radio link keeps
    latency_fail_s: float = 0.100  # half of the silence after which the bridge hovers
    loss_note: float = 0.01
    loss_fail: float = 0.10
    log_rate_note_hz: float = 25.0  # states are logged at 33 Hz
    log_rate_fail_hz: float = 10.0  # the rate of the policies
    state_age_fail_s: float = 0.5  # the supervisor hovers from here on

    battery_note_v: float = 3.9  # at rest: half full by the firmware's charge curve
    battery_fail_v: float = 3.5  # take-off is refused on board of the bridge as well

    variance_spread: float = 1e-3  # within the samples, as cflib's reset_estimator waits for
    variance_max: float = 0.25  # the estimator doubts its velocity by 0.5 m/s

    fps_note: float = 7.0  # the stock stream makes 8
    fps_fail: float = 3.0  # a frame is later than the supervisor's patience
    gap_note_s: float = 0.3  # the supervisor hovers from here on
    camera_age_fail_s: float = 1.0

    protocol: int = 12
    protocol_oldest: int = 4
    parameters: Mapping[str, float] = field(
        default_factory=lambda: {"stabilizer.estimator": 2.0, "commander.enHighLevel": 1.0}
    )
    """What flight sets by itself before take-off."""

"""A profile with what was measured on one link put in the place of the base's ranges."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

from sim.profiles.profile import QUANTITIES, Profile, Range

SPARE = 0.1
"""How far beyond the measured values the ranges reach: the next day's link is not the same."""

_TRIANGLE_95 = 1.3675
"""The 95th percentile of two uniform jitters of 1 on top of each other."""


@dataclass(frozen=True, slots=True)
class Measured:
    """What is known of a link. None: was not measured, the base's range stays.

    round_trip_s, round_trip_p95_s, loss    of pings
    camera_s      lowest, best and highest estimate from exposure to arrival
    fps, drop, freeze_every_s, freeze_s     of the stream
    """

    uri: str
    when: str
    round_trip_s: float | None = None
    round_trip_p95_s: float | None = None
    loss: float | None = None
    camera_s: tuple[float, float, float] | None = None
    fps: float | None = None
    drop: float | None = None
    freeze_every_s: float | None = None
    freeze_s: float | None = None


def with_measured(base: Profile, name: str, m: Measured) -> Profile:
    """Return `base` with the measured ranges, called `name`; the drone's own ranges stay."""
    source = f"measured on {m.uri}, {m.when}"
    new: dict[str, Range] = {}
    if m.round_trip_s is not None and m.round_trip_p95_s is not None:
        one_way = m.round_trip_s / 2
        jitter = max(0.0, m.round_trip_p95_s - m.round_trip_s) / _TRIANGLE_95
        new["link_latency"] = _around("link_latency", one_way, one_way, f"half of a ping's way; {source}")
        new["link_jitter"] = _around("link_jitter", 0.0, jitter, f"95th percentile of pings; {source}")
    if m.loss is not None:
        new["link_loss"] = _around("link_loss", m.loss, m.loss, f"of pings; {source}")
    if m.camera_s is not None:
        low, best, high = m.camera_s
        reach = max(high - best, best - low, SPARE * best)  # the middle stays the best estimate
        new["camera_delay"] = _clip(
            "camera_delay",
            best - min(reach, best),
            best + min(reach, best),
            f"turning seen against the state; {source}",
        )
    if m.fps is not None:
        new["camera_fps"] = _around("camera_fps", m.fps, m.fps, source)
    if m.drop is not None:
        new["camera_drop"] = _around("camera_drop", 0.0, m.drop, source)
    if m.freeze_s and m.freeze_every_s is not None and math.isfinite(m.freeze_every_s):
        new["camera_freeze_every"] = _around(
            "camera_freeze_every", m.freeze_every_s, m.freeze_every_s, source
        )
        new["camera_freeze"] = _clip("camera_freeze", 0.2, max(0.2, m.freeze_s * (1 + SPARE)), source)
    about = f"{base.name}, with {', '.join(new) or 'nothing'} {source}."
    return replace(base, name=name, about=about, ranges={**base.ranges, **new})


def _around(quantity: str, low: float, high: float, source: str) -> Range:
    return _clip(quantity, low * (1 - SPARE), high * (1 + SPARE), source)


def _clip(quantity: str, low: float, high: float, source: str) -> Range:
    """Keep within what makes sense of the quantity."""
    known = QUANTITIES[quantity]
    low, high = (round(min(max(v, known.low), known.high), 6) for v in (low, high))
    return Range(low, max(low, high), source)

"""`Profile`: the ranges that training and the virtual Crazyflie draw a drone, its link and camera from."""

from __future__ import annotations

import json
import math
import os
from collections.abc import Mapping
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from reprohrl.contracts.errors import UserError
from reprohrl.contracts.vocabulary import did_you_mean

FORMAT = 1


class Range(NamedTuple):
    """Lowest and highest value, in the unit of the quantity, and where they come from."""

    low: float
    high: float
    source: str = ""

    @property
    def middle(self) -> float:
        return (self.low + self.high) / 2


class Quantity(NamedTuple):
    """What a quantity is, its unit, and the values that make any sense."""

    unit: str
    low: float
    high: float
    meaning: str


QUANTITIES: dict[str, Quantity] = {
    "mass": Quantity("kg", 0.01, 0.1, "ready to fly, decks included"),
    "inertia": Quantity("factor", 0.2, 5.0, "on the identified drone's, about each axis by itself"),
    "thrust": Quantity("factor", 0.3, 2.0, "thrust produced over thrust asked for"),
    "rotor_tau": Quantity("s", 0.005, 0.5, "first-order lag of the thrust"),
    "drag_xy": Quantity("N s/m", 0.0, 0.2, "along body x and y"),
    "drag_z": Quantity("N s/m", 0.0, 0.2, "along body z"),
    "capacity": Quantity("C", 100.0, 10_000.0, "charge of a full battery"),
    "resistance": Quantity("ohm", 0.0, 1.0, "battery and wiring: the sag under load"),
    "charge": Quantity("share", 0.05, 1.0, "of the battery at take-off"),
    "link_latency": Quantity("s", 0.0, 5.0, "one way, the middle of a packet's"),
    "link_jitter": Quantity("s", 0.0, 5.0, "plus or minus, of a single packet"),
    "link_loss": Quantity("share", 0.0, 1.0, "of setpoints and log packets"),
    "setpoint_period": Quantity("s", 0.0, 0.5, "what a command waits for the next setpoint"),
    "camera_fps": Quantity("1/s", 0.5, 120.0, "frames per second"),
    "camera_delay": Quantity("s", 0.0, 5.0, "from exposure to the last byte at the host"),
    "camera_drop": Quantity("share", 0.0, 1.0, "of frames that never arrive"),
    "camera_freeze_every": Quantity("s", 1.0, 1e6, "mean time between freezes"),
    "camera_freeze": Quantity("s", 0.0, 60.0, "how long a freeze lasts"),
}


@dataclass(frozen=True, slots=True)
class Drawn:
    """One flight's values; units as in `QUANTITIES`. `inertia` has one factor for each axis."""

    mass: float
    inertia: tuple[float, float, float]
    thrust: float
    rotor_tau: float
    drag_xy: float
    drag_z: float
    capacity: float
    resistance: float
    charge: float
    link_latency: float
    link_jitter: float
    link_loss: float
    setpoint_period: float
    camera_fps: float
    camera_delay: float
    camera_drop: float
    camera_freeze_every: float
    camera_freeze: float


@dataclass(frozen=True, slots=True)
class Profile:
    """A named set of ranges, one for every quantity of `QUANTITIES`."""

    name: str
    about: str
    ranges: Mapping[str, Range]

    def __getitem__(self, quantity: str) -> Range:
        return self.ranges[quantity]

    def draw(self, rng: np.random.Generator) -> Drawn:
        """Draw one flight; a freeze log-uniformly, everything else uniformly."""
        values: dict[str, Any] = {}
        for name in (f.name for f in fields(Drawn)):
            low, high, _ = self.ranges[name]
            if name == "inertia":
                values[name] = tuple(float(v) for v in rng.uniform(low, high, 3))
            elif name == "camera_freeze" and low > 0:
                values[name] = float(math.exp(rng.uniform(math.log(low), math.log(high))))
            else:
                values[name] = float(rng.uniform(low, high))
        return Drawn(**values)

    def loop_delay_s(self) -> tuple[float, float]:
        """Return the shortest and longest time from an exposure to the effect of the command it led to [s].

        A world whose frames are seen at once plays all of it as a command's delay.
        """
        link, jitter = self["link_latency"], self["link_jitter"]
        waits, camera = self["setpoint_period"], self["camera_delay"]
        low = max(0.0, link.low - jitter.high) + waits.low + camera.low
        return low, link.high + jitter.high + waits.high + camera.high

    def to_dict(self) -> dict[str, Any]:
        return {
            "format": FORMAT,
            "name": self.name,
            "about": self.about,
            "ranges": {
                name: {"low": r.low, "high": r.high, "unit": QUANTITIES[name].unit, "source": r.source}
                for name, r in self.ranges.items()
            },
        }

    def write(self, path: Path) -> None:
        """Write the profile as JSON; a reader sees the old file or the new one."""
        path.parent.mkdir(parents=True, exist_ok=True)
        half = path.with_name(f".{path.name}.{os.getpid()}.tmp")
        try:
            half.write_text(json.dumps(self.to_dict(), indent=2) + "\n", encoding="utf-8")
            half.replace(path)
        finally:
            half.unlink(missing_ok=True)


def from_dict(content: Any, *, where: str = "this profile") -> Profile:
    """Read what `to_dict` gave. Raises `UserError` with everything that is wrong."""
    if not isinstance(content, dict) or not isinstance(content.get("ranges"), dict):
        raise UserError(f"{where} is no randomisation profile", why='it has no "ranges"')
    if content.get("format") != FORMAT:
        raise UserError(
            f"{where} has format {content.get('format')}", why=f"this version reads format {FORMAT}"
        )
    wrong: list[str] = []
    ranges: dict[str, Range] = {}
    for name, given in content["ranges"].items():
        if name not in QUANTITIES:
            guess = did_you_mean(name, list(QUANTITIES))
            wrong.append(f"there is no quantity {name!r}" + (f" ({guess})" if guess else ""))
            continue
        found = _range(name, given, wrong)
        if found is not None:
            ranges[name] = found
    absent = [q for q in QUANTITIES if q not in ranges and q not in content["ranges"]]
    if absent:
        wrong.append(f"it lacks {', '.join(absent)}")
    if wrong:
        raise UserError(f"{where} cannot be used", why="; ".join(wrong), fix="reprohrl tune profiles")
    order = {name: ranges[name] for name in QUANTITIES}
    return Profile(str(content.get("name", "")), str(content.get("about", "")), order)


def _range(name: str, given: Any, wrong: list[str]) -> Range | None:
    try:
        low, high = float(given["low"]), float(given["high"])
    except (TypeError, KeyError, ValueError):
        wrong.append(f"{name} has no low and high")
        return None
    known = QUANTITIES[name]
    if given.get("unit", known.unit) != known.unit:
        wrong.append(f"{name} is in {given['unit']}, must be in {known.unit}")
    if not low <= high:
        wrong.append(f"{name} runs from {low:g} to {high:g}: low must not be above high")
    elif low < known.low or high > known.high:
        wrong.append(
            f"{name} runs from {low:g} to {high:g} {known.unit}; {known.low:g} to {known.high:g} make sense"
        )
    return Range(low, high, str(given.get("source", "")))

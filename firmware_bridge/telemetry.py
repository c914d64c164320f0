"""Log blocks of the drone, kept as the newest `DroneState`."""

from __future__ import annotations

import logging
import math
import threading
from collections import deque
from collections.abc import Callable
from typing import Any

from firmware_bridge.supervisor_bits import ARMED, CAN_FLY, FLYING, LEGACY
from reprohrl.contracts.clock import Clock
from reprohrl.contracts.errors import LinkError
from reprohrl.contracts.state import MAX_RANGE_M, DroneState

_LOG = logging.getLogger(__name__)
_REQUIRED = ("stateEstimate.x", "stateEstimate.yaw")
_RANGES = ("range.front", "range.back", "range.left", "range.right", "range.up")
_VARIANCES = ("kalman.varPX", "kalman.varPY", "kalman.varPZ")

BLOCKS: tuple[tuple[str, int, tuple[tuple[str, str], ...]], ...] = (
    ("position", 30, tuple((f"stateEstimate.{v}", "float") for v in ("x", "y", "z", "vx", "vy", "vz"))),
    (
        "attitude",
        30,
        (
            *((f"stateEstimate.{v}", "float") for v in ("roll", "pitch", "yaw")),
            ("gyro.z", "float"),
            *((name, "uint16_t") for name in _RANGES),
        ),
    ),
    (
        "health",
        50,
        (
            ("pm.vbat", "float"),
            ("supervisor.info", "uint16_t"),
            ("radio.rssi", "uint8_t"),
            *((name, "float") for name in _VARIANCES),
        ),
    ),
)
"""Name, period [ms], variables; each block is at most 26 bytes."""

LEGACY_HEALTH = tuple((name, "uint8_t") for name, _ in LEGACY)
"""In place of `supervisor.info` where a firmware does not have it."""

OPTIONAL = frozenset({"radio.rssi", *_VARIANCES})
"""What a drone may lack without a word."""

FRESH_S, LOST_S = 0.2, 1.0
"""Link quality falls from 1 to 0 while the newest packet ages from the one to the other."""

_AIRBORNE_M = 0.1
"""Higher than this a drone that says nothing about flying is taken to fly."""


class Telemetry:
    """Receives log packets in cflib's thread; everything else may be called from any thread.

    `quality`, `latency_s` and `rssi_dbm` are set by whoever measures the link.
    """

    def __init__(self, clock: Clock, *, history: int = 128) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._values: dict[str, float] = {}
        self._arrived: dict[str, float] = {}
        self._history: deque[DroneState] = deque(maxlen=history)
        self.quality, self.latency_s, self.rssi_dbm = 1.0, 0.0, 0.0
        self.packets = 0
        self._has_ranges = True
        self._has_info = True

    def start(self, cf: Any) -> None:
        """Start the log blocks on a connected drone; variables it does not have are left out."""
        self._has_ranges = str(cf.param.values.get("deck", {}).get("bcMultiranger", "1")) == "1"
        if not self._has_ranges:
            _LOG.warning("no multi-ranger deck: every range reads %.0f m", MAX_RANGE_M)
        from cflib.crazyflie.log import LogConfig

        knows = cf.log.toc.get_element_by_complete_name
        self._has_info = knows("supervisor.info") is not None
        for name, period, variables in BLOCKS:
            if name == "health" and not self._has_info:
                variables = (*variables[:1], *LEGACY_HEALTH, *variables[2:])
            known = [pair for pair in variables if knows(pair[0]) is not None]
            missing = [pair[0] for pair in variables if pair not in known and pair[0] not in OPTIONAL]
            if any(v in _REQUIRED for v in missing):
                raise LinkError(
                    f"the drone does not log {missing[0]}",
                    why="its table of contents lacks it",
                    fix="flash a firmware with a state estimator",
                )
            if missing:
                _LOG.warning("the drone has no %s", ", ".join(missing))
            if not known:
                continue
            block = LogConfig(name, period)
            for variable, kind in known:
                block.add_variable(variable, kind)
            cf.log.add_config(block)
            block.data_received_cb.add_callback(self._receiver(name))
            block.start()

    def _receiver(self, name: str) -> Callable[[int, dict[str, float], object], None]:
        def receive(_timestamp: int, values: dict[str, float], _block: object) -> None:
            now = self._clock.now()
            with self._lock:
                self._values.update(values)
                self._arrived[name] = now
                self.packets += 1
                if name == "position" and "attitude" in self._arrived:
                    self._history.append(self._build(now))

        return receive

    @property
    def complete(self) -> bool:
        """True once every block that a state needs has arrived."""
        with self._lock:
            return {"position", "attitude", "health"} <= self._arrived.keys()

    @property
    def age_s(self) -> float:
        """Seconds since the newest log packet of any block."""
        with self._lock:
            return self._clock.now() - max(self._arrived.values(), default=-math.inf)

    @property
    def info(self) -> int | None:
        """Newest `supervisor.info`, or what older firmware says instead; None where it says nothing."""
        with self._lock:
            return self._info()

    @property
    def variances(self) -> tuple[float, float, float]:
        """The estimator's variances of the velocity [(m/s)^2]; NaN where they are not logged."""
        with self._lock:
            x, y, z = (self._values.get(name, math.nan) for name in _VARIANCES)
        return (x, y, z)

    def state(self) -> DroneState:
        """Return the newest state; its stamp is when its position arrived, on the clock given."""
        with self._lock:
            return self._build(self._arrived.get("position", -math.inf))

    def state_at(self, stamp: float) -> DroneState:
        """Return the remembered state nearest to `stamp`, for pairing with a frame's exposure."""
        with self._lock:
            if not self._history:
                return self._build(self._arrived.get("position", -math.inf))
            return min(self._history, key=lambda s: abs(s.stamp - stamp))

    def _info(self) -> int | None:
        bits = self._values.get("supervisor.info")
        if bits is not None:
            return int(bits)
        told = {bit for name, bit in LEGACY if name in self._values}
        found = sum(bit for name, bit in LEGACY if self._values.get(name))
        if ARMED not in told and found & CAN_FLY:
            found |= ARMED  # a firmware that knows no arming can fly as it is
        return found if told else None

    def _flying(self, height: float) -> bool:
        bits = self._info()
        return height > _AIRBORNE_M if bits is None else bool(bits & FLYING)

    def _build(self, stamp: float) -> DroneState:
        v = self._values.get
        yaw = math.radians(v("stateEstimate.yaw", 0.0))
        vx, vy = v("stateEstimate.vx", 0.0), v("stateEstimate.vy", 0.0)
        # An estimator that has diverged is the supervisor's to see, not a reason to lose the state.
        c, s = (math.cos(yaw), math.sin(yaw)) if math.isfinite(yaw) else (math.nan, math.nan)
        z = v("stateEstimate.z", 0.0)
        front, back, left, right, up = (_range_m(v(name) if self._has_ranges else None) for name in _RANGES)
        age = self._clock.now() - max(self._arrived.values(), default=-math.inf)
        return DroneState(
            stamp=stamp,
            position=(v("stateEstimate.x", 0.0), v("stateEstimate.y", 0.0), z),
            velocity=(c * vx + s * vy, c * vy - s * vx, v("stateEstimate.vz", 0.0)),
            attitude=(
                math.radians(v("stateEstimate.roll", 0.0)),
                -math.radians(v("stateEstimate.pitch", 0.0)),  # logged with the legacy sign
                yaw,
            ),
            yaw_rate=math.radians(v("gyro.z", 0.0)),
            height=z,
            ranges=(front, back, left, right, up),
            battery_v=v("pm.vbat", 0.0),
            link=self.quality * min(max((LOST_S - age) / (LOST_S - FRESH_S), 0.0), 1.0),
            flying=self._flying(z),
            latency_s=self.latency_s,
            rssi_dbm=self.rssi_dbm or -v("radio.rssi", 0.0),
            estimate_std_mps=_std(v(name, 0.0) for name in _VARIANCES),
        )


def _std(variances: Any) -> float:
    """Return the largest standard deviation; a variance that is no number counts as infinite doubt."""
    worst = max((v if math.isfinite(v) else 1e12 for v in variances), default=0.0)
    return math.sqrt(max(0.0, worst))


def _range_m(millimetres: float | None) -> float:
    """A missing sensor, one that sees nothing, or one that has not measured yet reads the sensors' reach."""
    return MAX_RANGE_M if not millimetres else min(millimetres / 1000.0, MAX_RANGE_M)

"""`measure_drone`: a look of some seconds at a connected drone. It sets nothing and commands nothing."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Callable
from typing import Any, Protocol

from firmware_bridge import parameters
from firmware_bridge.supervisor_bits import LEGACY
from reprohrl.contracts.clock import Clock
from reprohrl.contracts.errors import LinkError
from reprohrl.contracts.link import LinkStatistics
from reprohrl.contracts.state import DroneState
from reprohrl.preflight.limits import PreflightLimits
from reprohrl.preflight.readings import DroneReadings, Variances

SECONDS = 3.0
_SAMPLE_MS = 100
_POLL_S = 0.02
_VARIANCES = ("kalman.varPX", "kalman.varPY", "kalman.varPZ")
_INFO = "supervisor.info"
_REVISION = ("firmware.revision0", "firmware.revision1", "firmware.modified")


class Measurable(Protocol):
    """A drone on a cflib link that is open."""

    uri: str

    @property
    def cf(self) -> Any: ...

    def state(self) -> DroneState: ...

    def link_statistics(self) -> LinkStatistics: ...


def measure_drone(
    drone: Measurable,
    clock: Clock,
    *,
    seconds: float = SECONDS,
    limits: PreflightLimits | None = None,
    progress: Callable[[str], None] = lambda _: None,
) -> DroneReadings:
    """Watch the drone for `seconds` and return what was seen. Raises `LinkError` when it sends nothing."""
    cf = drone.cf
    progress(f"measuring for {seconds:.0f} s")
    with _Samples(cf) as samples:
        stamps: set[float] = set()
        began = clock.now()
        while clock.now() - began < seconds:
            clock.sleep(_POLL_S)
            stamps.add(drone.state().stamp)
        passed = clock.now() - began
    if not stamps:
        raise LinkError(f"{drone.uri} sends no state")
    newest = drone.state()
    return DroneReadings(
        uri=drone.uri,
        seconds=passed,
        protocol=int(cf.platform.get_protocol_version()),
        firmware=_revision(cf),
        decks=_decks(cf),
        link=drone.link_statistics(),
        battery_v=newest.battery_v,
        supervisor=samples.supervisor,
        variances=tuple(samples.variances),
        parameters={
            name: parameters.read(cf, name) if parameters.known(cf, name) else None
            for name in (limits or PreflightLimits()).parameters
        },
        log_rate_hz=(len(stamps) - 1) / passed if passed > 0 else 0.0,
        state_age_s=clock.now() - newest.stamp,
    )


class _Samples:
    """A log block of its own while its context lasts: the supervisor's bits, and the variances."""

    def __init__(self, cf: Any) -> None:
        self._cf = cf
        self._lock = threading.Lock()
        self._block: Any = None
        self.supervisor: int | None = None
        self.variances: list[Variances] = []

    def __enter__(self) -> _Samples:
        from cflib.crazyflie.log import LogConfig

        knows = self._cf.log.toc.get_element_by_complete_name
        wanted = [(name, "float") for name in _VARIANCES]
        if knows(_INFO) is not None:
            wanted.append((_INFO, "uint16_t"))
        else:
            wanted += [(name, "uint8_t") for name, _ in LEGACY]
        known = [pair for pair in wanted if knows(pair[0]) is not None]
        if known:
            block = LogConfig("doctor", _SAMPLE_MS)
            for name, kind in known:
                block.add_variable(name, kind)
            self._cf.log.add_config(block)
            block.data_received_cb.add_callback(self._take)
            block.start()
            self._block = block
        return self

    def __exit__(self, *_: object) -> None:
        if self._block is not None:
            with contextlib.suppress(Exception):  # cflib raises bare exceptions on a link that is gone
                self._block.stop()
                self._block.delete()

    def _take(self, _stamp: int, values: dict[str, float], _block: object) -> None:
        with self._lock:
            if all(name in values for name in _VARIANCES):
                x, y, z = (float(values[name]) for name in _VARIANCES)
                self.variances.append((x, y, z))
            if _INFO in values:
                self.supervisor = int(values[_INFO])
            elif told := [(bit, values[name]) for name, bit in LEGACY if name in values]:
                self.supervisor = sum(bit for bit, value in told if value)


def _revision(cf: Any) -> str:
    if not all(parameters.known(cf, name) for name in _REVISION):
        return ""
    first, second, modified = (int(parameters.read(cf, name)) for name in _REVISION)
    return f"{first:08x}{second:04x}" + (", modified" if modified else "")


def _decks(cf: Any) -> dict[str, bool]:
    """Return the decks that the firmware knows of, present or not."""
    values = cf.param.values.get("deck", {})
    return {name: str(value) == "1" for name, value in sorted(values.items()) if name.startswith("bc")}

"""Before take-off: battery, the supervisor's word, parameters, estimator, arming."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from firmware_bridge import estimator, parameters
from firmware_bridge.supervisor_bits import ARMED, CAN_FLY, FLYING, TROUBLE
from firmware_bridge.supervisor_bits import trouble as trouble_of
from firmware_bridge.telemetry import Telemetry
from reprohrl.contracts.clock import Clock
from reprohrl.contracts.errors import LinkError

Condition = Callable[[], bool]
Wait = Callable[[Condition, float], bool]


@dataclass(frozen=True, slots=True)
class PreflightSettings:
    """min_battery_v at rest; whether to reset the estimator; parameters that must have these values."""

    min_battery_v: float = 3.5
    reset_estimator: bool = True
    parameters: Mapping[str, float] = field(default_factory=lambda: {"commander.enHighLevel": 1})


def trouble(telemetry: Telemetry) -> str:
    """Return why the drone cannot fly, or an empty text."""
    return trouble_of(telemetry.info)


def is_down(telemetry: Telemetry) -> bool:
    """True when the supervisor says that nothing flies any more."""
    bits = telemetry.info
    return bits is not None and not bits & FLYING


def make_ready(
    cf: Any,
    telemetry: Telemetry,
    clock: Clock,
    settings: PreflightSettings,
    wait: Wait,
    progress: Callable[[str], None],
) -> bool:
    """Check that the drone may fly and arm it where it is not; True when this armed it.

    Raises `LinkError` with the reason and the remedy.
    """
    _check_battery(telemetry, settings.min_battery_v)
    _check_trouble(telemetry)
    for name, value in settings.parameters.items():
        if parameters.known(cf, name) and parameters.read(cf, name) != value:
            progress(f"setting {name} to {value:g}")
            parameters.write(cf, name, value)
    if settings.reset_estimator:
        estimator.reset(cf, telemetry, clock, progress)
    bits = telemetry.info
    if bits is None:  # a firmware before supervisor.info: arming is harmless where it is not needed
        cf.supervisor.send_arming_request(True)
        return True
    armed_here = not bits & ARMED
    if armed_here and not _arm(cf, telemetry, wait):
        raise LinkError("the drone does not arm", why="no reply to four requests", fix="restart the drone")
    if not wait(lambda: bool((telemetry.info or 0) & CAN_FLY), 3.0):
        raise LinkError(
            "the drone says it cannot fly", why="the supervisor's preflight checks failed",
            fix="put it level on the floor and look at its console messages",
        )  # fmt: skip
    return armed_here


def _check_battery(telemetry: Telemetry, at_least_v: float) -> None:
    battery = telemetry.state().battery_v
    if 0.0 < battery < at_least_v:
        raise LinkError(
            f"the battery has {battery:.2f} V", why=f"take-off needs {at_least_v} V", fix="charge it"
        )


def _check_trouble(telemetry: Telemetry) -> None:
    for bit, why, fix in TROUBLE:
        if (telemetry.info or 0) & bit:
            raise LinkError("the drone may not fly", why=why, fix=fix)


def _arm(cf: Any, telemetry: Telemetry, wait: Wait) -> bool:
    """Ask until the armed bit is set: requests are fire and forget."""
    for _ in range(4):
        cf.supervisor.send_arming_request(True)
        if wait(lambda: bool((telemetry.info or 0) & ARMED), 0.5):
            return True
    return False

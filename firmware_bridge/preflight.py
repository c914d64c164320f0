"""What the supervisor of the drone allows: arming, and the reasons not to fly."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from firmware_bridge.telemetry import Telemetry
from reprohrl.contracts.errors import LinkError

ARMED, CAN_FLY, FLYING, TUMBLED, LOCKED, CRASHED = 1 << 1, 1 << 3, 1 << 4, 1 << 5, 1 << 6, 1 << 7
MIN_BATTERY_V = 3.5
Condition = Callable[[], bool]
Wait = Callable[[Condition, float], bool]

_TROUBLE = (
    (LOCKED, "it is locked after a watchdog or an emergency stop", "restart the drone"),
    (TUMBLED, "it lies on its side", "put it upright"),
    (CRASHED, "it has crashed", "put it upright and restart it"),
)


def trouble(telemetry: Telemetry) -> str:
    """Return why the drone cannot fly, or an empty text."""
    bits = telemetry.info or 0
    return next((why for bit, why, _ in _TROUBLE if bits & bit), "")


def is_down(telemetry: Telemetry) -> bool:
    """True when the supervisor says that nothing flies any more."""
    bits = telemetry.info
    return bits is not None and not bits & FLYING


def make_ready(cf: Any, telemetry: Telemetry, wait: Wait) -> bool:
    """Check that the drone may fly and arm it where it is not; True when this armed it.

    Raises `LinkError` with the reason and the remedy.
    """
    battery = telemetry.state().battery_v
    if 0.0 < battery < MIN_BATTERY_V:
        raise LinkError(
            f"the battery has {battery:.2f} V", why=f"take-off needs {MIN_BATTERY_V} V", fix="charge it"
        )
    bits = telemetry.info
    if bits is None:  # a firmware before supervisor.info: arming is harmless where it is not needed
        cf.supervisor.send_arming_request(True)
        return True
    for bit, why, fix in _TROUBLE:
        if bits & bit:
            raise LinkError("the drone may not fly", why=why, fix=fix)
    armed_here = not bits & ARMED
    if armed_here and not _arm(cf, telemetry, wait):
        raise LinkError("the drone does not arm", why="no reply to four requests", fix="restart the drone")
    if not wait(lambda: bool((telemetry.info or 0) & CAN_FLY), 2.0):
        raise LinkError(
            "the drone says it cannot fly", why="the supervisor's preflight checks failed",
            fix="put it level on the floor and look at its console messages",
        )  # fmt: skip
    return armed_here


def _arm(cf: Any, telemetry: Telemetry, wait: Wait) -> bool:
    """Ask until the armed bit is set: requests are fire and forget."""
    for _ in range(4):
        cf.supervisor.send_arming_request(True)
        if wait(lambda: bool((telemetry.info or 0) & ARMED), 0.5):
            return True
    return False

"""What the drone's own supervisor says: the bits of `supervisor.info`, and what they mean for a flight."""

from __future__ import annotations

CAN_ARM, ARMED, AUTO_ARM, CAN_FLY, FLYING, TUMBLED, LOCKED, CRASHED = (1 << i for i in range(8))

LEGACY = (("sys.isFlying", FLYING), ("sys.isTumbled", TUMBLED), ("sys.canfly", CAN_FLY), ("sys.armed", ARMED))
"""The variables of firmware before `supervisor.info`, and the bits they stand for."""

TROUBLE = (
    (LOCKED, "it is locked after a watchdog or an emergency stop", "restart the drone"),
    (TUMBLED, "it lies on its side", "put it upright"),
    (CRASHED, "it has crashed", "put it upright and restart it"),
)


def trouble(bits: int | None) -> str:
    """Return why a drone with these bits cannot fly, or an empty text."""
    return next((why for bit, why, _ in TROUBLE if (bits or 0) & bit), "")

"""Takes what has come in without a turn of the executor for each message.

A turn of rclpy's executor builds a set of all entities and waits for it: about as long as a stage takes to
answer. Who need not answer at once hears many messages in one turn.
"""

from __future__ import annotations

import time
from collections.abc import Iterable
from typing import Any

from rclpy._rclpy_pybind11 import InvalidHandle
from rclpy.callback_groups import CallbackGroup
from rclpy.subscription import Subscription

DEADLINE_S = 10.0
"""Wall time draining may take: topics that come in faster than they are handled never run dry."""


class Polled(CallbackGroup):  # type: ignore[misc]
    """Subscriptions that never wake the executor: `drain` hears them."""

    def can_execute(self, entity: Any) -> bool:
        return False

    def beginning_execution(self, entity: Any) -> bool:
        return False

    def ending_execution(self, entity: Any) -> None:
        """Nothing of this group is ever executed."""


def drain(subscriptions: Iterable[Subscription], *, deadline_s: float = DEADLINE_S) -> int:
    """Handle every waiting message, one of each subscription in turn; return how many there were."""
    taken, left = 0, list(subscriptions)
    end = time.monotonic() + deadline_s
    while left and time.monotonic() < end:
        for one in list(left):
            found = _take(one)
            if found is None:
                left.remove(one)
                continue
            taken += 1
            one.callback(found[0])
    return taken


def _take(one: Subscription) -> Any:
    """Return a waiting message and its info; None when there is none, or the subscription was destroyed."""
    try:
        with one.handle:
            return one.handle.take_message(one.msg_type, one.raw)
    except InvalidHandle:
        return None

"""Takes what has come in and waits for its turn, before a node looks back at what it heard."""

from __future__ import annotations

import time
from collections.abc import Iterable

from rclpy.subscription import Subscription

DEADLINE_S = 10.0
"""Wall time draining may take: topics that come in faster than they are handled never run dry."""


def drain(subscriptions: Iterable[Subscription], *, deadline_s: float = DEADLINE_S) -> int:
    """Handle every waiting message, one of each subscription in turn; return how many there were."""
    taken, left = 0, list(subscriptions)
    end = time.monotonic() + deadline_s
    while left and time.monotonic() < end:
        for one in list(left):
            with one.handle:
                found = one.handle.take_message(one.msg_type, one.raw)
            if found is None:
                left.remove(one)
                continue
            taken += 1
            one.callback(found[0])
    return taken

"""Parameters, set and read back: a write that nobody confirms did not happen."""

from __future__ import annotations

import math
import threading
from typing import Any

from reprohrl.contracts.errors import LinkError

CONFIRM_S = 1.5
ATTEMPTS = 3
_CLOSE_ENOUGH = 1e-5
"""A float goes over the air in 32 bits and comes back as text."""


def known(cf: Any, name: str) -> bool:
    return cf.param.toc.get_element_by_complete_name(name) is not None


def read(cf: Any, name: str) -> float:
    """Return the newest value this host has. Raises `LinkError` for a parameter the drone does not have."""
    if not known(cf, name):
        raise LinkError(
            f"the drone has no parameter {name}", fix="flash a newer firmware, or leave this parameter out"
        )
    return float(cf.param.get_value(name))


def write(cf: Any, name: str, value: float, timeout_s: float = CONFIRM_S) -> float:
    """Set a parameter, wait for the drone's answer and return what it now holds.

    Asks three times. Raises `LinkError` when no answer comes, or another value stands. Not for callbacks.
    """
    if not known(cf, name):
        raise LinkError(
            f"the drone has no parameter {name}", fix="flash a newer firmware, or leave this parameter out"
        )
    group, _, short = name.partition(".")
    told = threading.Event()

    def note(_name: str, _value: str) -> None:
        told.set()

    cf.param.add_update_callback(group=group, name=short, cb=note)
    try:
        for _ in range(ATTEMPTS):
            _set(cf, name, value)
            if told.wait(timeout_s):
                break
        else:
            raise LinkError(
                f"parameter {name} was not confirmed", why=f"no answer in {ATTEMPTS * timeout_s:.0f} s",
                fix="check the link, then try again",
            )  # fmt: skip
    finally:
        cf.param.remove_update_callback(group, short, note)
    held = read(cf, name)
    if not math.isclose(held, value, rel_tol=_CLOSE_ENOUGH, abs_tol=_CLOSE_ENOUGH):
        raise LinkError(
            f"parameter {name} is {held:g} after {value:g} was written",
            why="the drone keeps another value", fix="look at its console messages",
        )  # fmt: skip
    return held


def _set(cf: Any, name: str, value: float) -> None:
    try:
        cf.param.set_value(name, value)
    except (AttributeError, KeyError) as error:  # read-only, or gone with the link
        raise LinkError(f"parameter {name} cannot be written", why=str(error)) from error

"""The words of the drone node's flight loop, as numbers of the messages."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum
from typing import Any

from reprohrl.contracts.command import VelocityCommand


class Phase(IntEnum):
    """As in reprohrl_msgs/DroneState."""

    GROUND = 0
    TAKING_OFF = 1
    FLYING = 2
    LANDING = 3


class Order(IntEnum):
    """What the supervisor made of a command, as in reprohrl_msgs/Command."""

    PASS = 0
    LIMIT = 1
    HOVER = 2
    LAND = 3
    CUT = 4


@dataclass(frozen=True, slots=True)
class Supervised:
    """A command as the loop receives it: `key` is its frame's stamp in nanoseconds.

    `trace` and `heard_ns` say on the steady clock how it came here.
    """

    key: int
    command: VelocityCommand
    order: Order
    reason: str
    trace: tuple[Any, ...] = ()
    heard_ns: int = 0


@dataclass(frozen=True, slots=True)
class Sent:
    """A command that was flown in time: its way here, when the drone was given it [ns], and how old its
    frame was when the drone node had it [s]."""

    command: Supervised
    sent_ns: int
    age_s: float

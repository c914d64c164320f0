"""The words of the drone node's flight loop, as numbers of the messages."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum

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
    """A command as the loop receives it: `key` is its frame's stamp in nanoseconds."""

    key: int
    command: VelocityCommand
    order: Order
    reason: str

"""Parameters of nodes: each declared with its type, its meaning and its range."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from rcl_interfaces.msg import FloatingPointRange, IntegerRange, ParameterDescriptor
from rclpy.node import Node

Value = bool | int | float | str


@dataclass(frozen=True, slots=True)
class Parameter:
    """One parameter. `low` and `high` bound numbers; `choices` lists the words a string may be."""

    name: str
    default: Value
    description: str
    low: float | None = None
    high: float | None = None
    choices: tuple[str, ...] = ()

    def descriptor(self) -> ParameterDescriptor:
        described = ParameterDescriptor(name=self.name, description=self.description, read_only=True)
        if self.choices:
            described.additional_constraints = "one of: " + ", ".join(self.choices)
        if self.low is not None and self.high is not None:
            if isinstance(self.default, int):
                bounds = IntegerRange(from_value=int(self.low), to_value=int(self.high))
                described.integer_range = [bounds]
            else:
                limits = FloatingPointRange(from_value=float(self.low), to_value=float(self.high))
                described.floating_point_range = [limits]
        return described


def declare(node: Node, parameters: tuple[Parameter, ...]) -> dict[str, Any]:
    """Declare all and return their values. Raises `UserError` for a word that is no choice."""
    from reprohrl.contracts.errors import UserError
    from reprohrl.contracts.vocabulary import did_you_mean

    values: dict[str, Any] = {}
    for p in parameters:
        value = node.declare_parameter(p.name, p.default, p.descriptor()).value
        if p.choices and value not in p.choices:
            raise UserError(
                f"parameter {p.name} is {value!r}",
                why=f"it may be {', '.join(p.choices)}",
                fix=did_you_mean(str(value), p.choices) or "use one of them",
            )
        values[p.name] = value
    return values

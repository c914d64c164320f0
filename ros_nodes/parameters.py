"""A node's configuration as ROS parameters: declared with its ranges, changed only where it is safe."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from rcl_interfaces.msg import (
    FloatingPointRange,
    IntegerRange,
    ParameterDescriptor,
    SetParametersResult,
)
from rclpy.node import Node

from reprohrl.contracts.errors import UserError
from ros_nodes.parameter import Parameter, StageConfig, check, parameters_of

FOREIGN = ("use_sim_time", "qos_overrides", "start_type_description_service")
"""Parameters of rclpy itself."""


def descriptor(p: Parameter) -> ParameterDescriptor:
    """Return what `ros2 param describe` shows."""
    words = f"{p.description} [{p.unit}]" if p.unit else p.description
    described = ParameterDescriptor(name=p.name, description=words, read_only=p.fixed)
    if p.choices:
        described.additional_constraints = "one of: " + ", ".join(p.choices)
    if p.low is not None and p.high is not None:
        if p.kind is int:
            described.integer_range = [IntegerRange(from_value=int(p.low), to_value=int(p.high))]
        else:
            limits = FloatingPointRange(from_value=float(p.low), to_value=float(p.high))
            described.floating_point_range = [limits]
    return described


def declare(
    node: Node, config: type[StageConfig], *, unconfigured: Callable[[], bool] = lambda: False
) -> dict[str, Any]:
    """Declare all and return their values, kept up to date. Raises `UserError` naming all that is wrong.

    A parameter may be set at run time where it is live, or while the node is `unconfigured`.
    """
    given = {
        name: p.value for name, p in node._parameter_overrides.items() if name.split(".")[0] not in FOREIGN
    }
    if problems := check(config, given):
        raise UserError(
            f"{node.get_name()}: " + "; ".join(problems), fix=f"see docs/nodes/{node.get_name()}.md"
        )
    values: dict[str, Any] = {}
    for p in parameters_of(config):
        values[p.name] = node.declare_parameter(p.name, p.default, descriptor(p)).value

    def on_set(wanted: Iterable[Any]) -> SetParametersResult:
        new = {one.name: one.value for one in wanted if one.name in values}
        if reason := refusal(config, values, new, unconfigured=unconfigured()):
            return SetParametersResult(successful=False, reason=reason)
        values.update(new)
        return SetParametersResult(successful=True)

    node.add_on_set_parameters_callback(on_set)
    return values


def refusal(
    config: type[StageConfig], values: dict[str, Any], new: dict[str, Any], *, unconfigured: bool
) -> str:
    """Return why `new` values may not be set now, "" where they may."""
    known = {p.name: p for p in parameters_of(config)}
    late = [n for n in new if not known[n].live and not (unconfigured and not known[n].fixed)]
    words = [
        f"{name} is read when the node is {'started' if known[name].fixed else 'configured'}: "
        + ("start it anew" if known[name].fixed else "reset the graph first (manage_graph, goal 2)")
        for name in late
    ]
    return "; ".join(words + check(config, {**values, **new}))

"""One parameter of a node: its meaning, unit and range, and what is wrong with a value. No ROS in here.

A node's configuration is one frozen dataclass whose fields are made by `parameter`; what ROS declares,
what a parameter file may say and what the node's page tells all come from it.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from typing import Any

from reprohrl.contracts.vocabulary import did_you_mean

Value = bool | int | float | str
NAMES = {bool: "true or false", int: "a whole number", float: "a number", str: "a text"}


@dataclass(frozen=True, slots=True)
class Parameter:
    """One parameter. `low` and `high` bound numbers; `choices` lists the words a string may be.

    live    it may change while the node runs: it is read each time it is needed
    fixed   it is read when the process starts, and never again
    """

    name: str
    default: Value
    description: str
    low: float | None = None
    high: float | None = None
    choices: tuple[str, ...] = ()
    unit: str = ""
    live: bool = False
    fixed: bool = False

    @property
    def kind(self) -> type:
        return type(self.default)

    @property
    def range_words(self) -> str:
        """Return what it may be, in words."""
        if self.choices:
            return ", ".join(self.choices)
        if self.low is not None and self.high is not None:
            return f"{self.low:.10g} to {self.high:.10g}"
        return ""

    def trouble(self, value: Any) -> str:
        """Return what is wrong with a value, "" where nothing is."""
        if self.kind is float and isinstance(value, int) and not isinstance(value, bool):
            return f"is {value}, a whole number where ROS wants a decimal one: write {float(value)}"
        if type(value) is not self.kind:
            return f"is {value!r}, but it has to be {NAMES[self.kind]}"
        if self.choices and value not in self.choices:
            guess = did_you_mean(str(value), list(self.choices))
            return f"is {value!r}; it may be {self.range_words}" + (f" ({guess})" if guess else "")
        if isinstance(value, float) and not math.isfinite(value):
            return f"is {value}, which is no number"
        if self.low is not None and self.high is not None and not self.low <= value <= self.high:
            return f"is {value:g}; it may be {self.range_words}" + (f" {self.unit}" if self.unit else "")
        return ""


def parameter(
    default: Value,
    description: str,
    low: float | None = None,
    high: float | None = None,
    *,
    choices: tuple[str, ...] = (),
    unit: str = "",
    live: bool = False,
    fixed: bool = False,
) -> Any:
    """Return a field of a configuration; the arguments are those of `Parameter`."""
    about = {
        "description": description, "low": low, "high": high, "choices": choices, "unit": unit,
        "live": live, "fixed": fixed,
    }  # fmt: skip
    return field(default=default, metadata=about)


@dataclass(frozen=True, slots=True)
class StageConfig:
    """What every managed node takes."""

    autostart: bool = parameter(
        False, "configure and activate at once, without a lifecycle manager", fixed=True
    )
    fault_injection: bool = parameter(
        False, "faults may be injected into the topics of this node", fixed=True
    )
    faults: str = parameter(
        "", 'faults from the start on: "camera/image_raw=slow:0.4, state=delayed"', fixed=True
    )

    def problems(self) -> list[str]:
        """Return what is wrong with values that are right one by one."""
        return []


def parameters_of(config: type[StageConfig]) -> tuple[Parameter, ...]:
    """Return the parameters of a configuration, its own before those that every node takes."""
    shared = {f.name for f in fields(StageConfig)}
    all_of_them = [Parameter(f.name, f.default, **f.metadata) for f in fields(config)]  # type: ignore[arg-type]
    return tuple(sorted(all_of_them, key=lambda p: p.name in shared))


def check(config: type[StageConfig], given: Mapping[str, Any]) -> list[str]:
    """Return all that is wrong with `given` values: unknown names, types, ranges, and what contradicts."""
    known = {p.name: p for p in parameters_of(config)}
    problems, good = [], {}
    for name, value in given.items():
        if name not in known:
            guess = did_you_mean(name, list(known))
            problems.append(f"there is no parameter {name}" + (f" ({guess})" if guess else ""))
        elif trouble := known[name].trouble(value):
            problems.append(f"{name} {trouble}")
        else:
            good[name] = value
    return problems + config(**good).problems()

"""The log variables of the virtual Crazyflie: names, types, units and signs of the firmware.

Angles are degrees; pitch has the legacy sign (nose up positive).
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from firmware_bridge.virtual import quaternion
from firmware_bridge.virtual.wire_types import LOG_TYPES

if TYPE_CHECKING:
    from firmware_bridge.virtual.firmware import Firmware

Read = Callable[["Firmware"], float]
CORE = 0x20
GRAVITY = 9.81


@dataclass(frozen=True, slots=True)
class Variable:
    name: str
    kind: str
    read: Read

    @property
    def type_byte(self) -> int:
        return LOG_TYPES[self.kind]


def variables() -> list[Variable]:
    """Return the table, in the order of its ids."""
    rows = [*_estimate(), *_attitude(), *_inertial(), *_decks(), *_system()]
    return sorted(rows, key=lambda v: v.name)


def _part(read: Callable[[Firmware], Sequence[float]], index: int, scale: float = 1.0) -> Read:
    """One component of a vector, times `scale`."""
    return lambda firmware: scale * read(firmware)[index]


def _estimate() -> list[Variable]:
    out: list[Variable] = []
    for i, axis in enumerate("xyz"):
        out += [
            Variable(f"stateEstimate.{axis}", "float", _part(_position, i)),
            Variable(f"stateEstimate.v{axis}", "float", _part(_velocity, i)),
            Variable(f"stateEstimate.a{axis}", "float", _part(lambda f: f.acceleration, i, 1 / GRAVITY)),
            Variable(f"stateEstimateZ.{axis}", "i16", _part(_position, i, 1000)),
            Variable(f"stateEstimateZ.v{axis}", "i16", _part(_velocity, i, 1000)),
            Variable(f"kalman.state{axis.upper()}", "float", _part(_position, i)),
            Variable(f"kalman.varP{axis.upper()}", "float", lambda f: 1e-5),
            Variable(f"ctrltarget.{axis}", "float", _part(lambda f: f.commander.setpoint.position, i)),
            Variable(f"ctrltarget.v{axis}", "float", _part(lambda f: f.commander.setpoint.velocity, i)),
        ]
    return out


def _attitude() -> list[Variable]:
    out: list[Variable] = []
    for i, (axis, sign) in enumerate((("roll", 1), ("pitch", -1), ("yaw", 1))):
        angle = _part(lambda f: f.state.attitude, i, math.degrees(sign))
        out += [Variable(f"{group}.{axis}", "float", angle) for group in ("stateEstimate", "stabilizer")]
        rate = _part(lambda f: f.state.rates, i, 1000 * sign)
        out.append(Variable(f"stateEstimateZ.rate{axis.capitalize()}", "i16", rate))
    for i, part in enumerate(("qx", "qy", "qz", "qw")):
        out.append(Variable(f"stateEstimate.{part}", "float", _part(_quaternion, i)))
    return [*out, Variable("stateEstimateZ.quat", "u32", lambda f: quaternion.compress(_quaternion(f)))]


def _position(firmware: Firmware) -> Sequence[float]:
    return firmware.state.position


def _velocity(firmware: Firmware) -> Sequence[float]:
    return firmware.state.velocity


def _quaternion(firmware: Firmware) -> quaternion.Quaternion:
    return quaternion.from_rpy(*firmware.state.attitude)


def _inertial() -> list[Variable]:
    out = [Variable("stabilizer.thrust", "float", lambda f: f.thrust)]
    for i, axis in enumerate("xyz"):
        out += [
            Variable(f"gyro.{axis}", "float", _part(lambda f: f.state.rates, i, math.degrees(1))),
            Variable(f"acc.{axis}", "float", _part(lambda f: f.specific_force, i)),
        ]
    out += [Variable(f"motor.m{i}", "u32", lambda f: f.thrust) for i in (1, 2, 3, 4)]
    return out


def _decks() -> list[Variable]:
    out = [
        Variable(f"range.{side}", "u16", _part(lambda f: f.state.ranges, i, 1000))
        for i, side in enumerate(("front", "back", "left", "right", "up"))
    ]
    return [
        *out,
        Variable("range.zrange", "u16", lambda f: 1000 * max(0.0, f.state.position[2])),
        Variable("motion.squal", "u8", lambda f: 80),
        Variable("motion.deltaX", "i16", lambda f: 0),
        Variable("motion.deltaY", "i16", lambda f: 0),
    ]


def _system() -> list[Variable]:
    return [
        Variable("pm.vbat", "float", lambda f: f.state.battery_v),
        Variable("pm.vbatMV", "u16", lambda f: 1000 * f.state.battery_v),
        Variable("pm.batteryLevel", "u8", lambda f: battery_percent(f.state.battery_v)),
        Variable("pm.state", "i8", _power_state),
        Variable("radio.isConnected", "u8", lambda f: 1),
        Variable("radio.rssi", "u8", lambda f: 40),
        Variable("supervisor.info", "u16", lambda f: f.info()),
        Variable("sys.armed", "i8", lambda f: f.supervisor.armed),
        Variable("sys.canfly", "u8", lambda f: f.supervisor.can_fly),
        Variable("sys.isFlying", "u8", lambda f: f.supervisor.flying),
        Variable("sys.isTumbled", "u8", lambda f: f.supervisor.tumbled),
    ]


def _power_state(firmware: Firmware) -> float:
    """0 on battery, 3 low power."""
    return 3 if firmware.state.battery_v < firmware.parameters.get("pm.lowVoltage") else 0


_CURVE = (3.00, 3.78, 3.83, 3.87, 3.89, 3.92, 3.96, 4.00, 4.04, 4.10)


def battery_percent(volts: float) -> int:
    """Charge [%] by the curve of pm_stm32f4.c, in tens."""
    return 10 * sum(volts > v for v in _CURVE[1:])

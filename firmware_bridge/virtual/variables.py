"""The log variables of the virtual Crazyflie: names, types, units and signs of the firmware 2026.08.

Angles are degrees; pitch has the legacy sign (nose up positive).
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from firmware_bridge.virtual import quaternion
from firmware_bridge.virtual.power import battery_percent
from firmware_bridge.virtual.wire_types import LOG_TYPES

if TYPE_CHECKING:
    from firmware_bridge.virtual.firmware import Firmware
    from firmware_bridge.virtual.setpoint import Setpoint

Read = Callable[["Firmware"], float]
GRAVITY = 9.81
_SEA_LEVEL_MBAR, _MBAR_PER_M = 1013.25, 0.12


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
    rows = [*_estimate(), *_attitude(), *_target(), *_inertial(), *_decks(), *_external(), *_system()]
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
            Variable(f"stateEstimateZ.a{axis}", "i16", _part(_acceleration_z, i, 1000)),
            Variable(f"kalman.state{axis.upper()}", "float", _part(_position, i)),
            Variable(f"kalman.stateP{axis.upper()}", "float", _part(_body_velocity, i)),
            Variable(f"kalman.varP{axis.upper()}", "float", lambda f: 0.1 * f.estimator.variance),
            Variable(f"kalman.var{axis.upper()}", "float", lambda f: f.estimator.variance),
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
        out.append(Variable(f"kalman.q{(i + 1) % 4}", "float", _part(_quaternion, i)))
    return [*out, Variable("stateEstimateZ.quat", "u32", lambda f: quaternion.compress(_quaternion(f)))]


def _target() -> list[Variable]:
    """ctrltarget.*: the commander's newest setpoint, used or not."""

    def of(read: Callable[[Setpoint], float]) -> Read:
        return lambda f: read(f.commander.setpoint)

    out: list[Variable] = []
    for i, axis in enumerate("xyz"):
        position, velocity = _part(_target_position, i), _part(_target_velocity, i)
        out += [
            Variable(f"ctrltarget.{axis}", "float", position),
            Variable(f"ctrltarget.v{axis}", "float", velocity),
            Variable(f"posCtl.target{axis.upper()}", "float", position),
            Variable(f"posCtl.targetV{axis.upper()}", "float", velocity),
            Variable(f"ctrltargetZ.{axis}", "i16", _part(_target_position, i, 1000)),
            Variable(f"ctrltargetZ.v{axis}", "i16", _part(_target_velocity, i, 1000)),
        ]
    return [
        *out,
        Variable("ctrltarget.roll", "float", of(lambda s: math.degrees(s.roll))),
        Variable("ctrltarget.pitch", "float", of(lambda s: -math.degrees(s.pitch))),
        Variable("ctrltarget.yaw", "float", of(lambda s: math.degrees(s.yaw_rate))),
        Variable("ctrltarget.thrust", "float", of(lambda s: s.thrust)),
    ]


def _position(firmware: Firmware) -> Sequence[float]:
    return firmware.state.position


def _velocity(firmware: Firmware) -> Sequence[float]:
    return firmware.state.velocity


def _body_velocity(firmware: Firmware) -> Sequence[float]:
    return quaternion.to_body(_quaternion(firmware), firmware.state.velocity)


def _acceleration_z(firmware: Firmware) -> Sequence[float]:
    x, y, z = firmware.acceleration
    return (x, y, z + GRAVITY)


def _target_position(firmware: Firmware) -> Sequence[float]:
    return firmware.commander.setpoint.position


def _target_velocity(firmware: Firmware) -> Sequence[float]:
    return firmware.commander.setpoint.velocity


def _quaternion(firmware: Firmware) -> quaternion.Quaternion:
    return quaternion.from_rpy(*firmware.state.attitude)


def _inertial() -> list[Variable]:
    out = [Variable("stabilizer.thrust", "float", lambda f: f.thrust)]
    for i, axis in enumerate("xyz"):
        out += [
            Variable(f"gyro.{axis}", "float", _part(lambda f: f.state.rates, i, math.degrees(1))),
            Variable(f"acc.{axis}", "float", _part(lambda f: f.force, i)),
            Variable(f"mag.{axis}", "float", lambda f: 0.0),
        ]
    out += [Variable(f"motor.m{i}", "u16", lambda f: f.thrust) for i in (1, 2, 3, 4)]
    return [
        *out,
        Variable("baro.asl", "float", lambda f: f.state.position[2]),
        Variable("baro.temp", "float", lambda f: 25.0),
        Variable("baro.pressure", "float", lambda f: _SEA_LEVEL_MBAR - _MBAR_PER_M * f.state.position[2]),
    ]


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
        Variable("lighthouse.status", "u8", lambda f: 0),
    ]


def _external() -> list[Variable]:
    """The newest pose from the host."""
    out: list[Variable] = []
    for i, axis in enumerate("xyz"):
        read = _part(lambda f: f.estimator.ext_position, i)
        out += [Variable(f"locSrv.{axis}", "float", read), Variable(f"ext_pos.{axis.upper()}", "float", read)]
    for i, part in enumerate(("qx", "qy", "qz", "qw")):
        out.append(Variable(f"locSrv.{part}", "float", _part(lambda f: f.estimator.ext_quaternion, i)))
    return [*out, Variable("locSrvZ.tick", "u16", lambda f: int(1000 * f.estimator.ext_stamp) & 0xFFFF)]


def _system() -> list[Variable]:
    return [
        Variable("crtp.rxRate", "u16", lambda f: 0),
        Variable("crtp.txRate", "u16", lambda f: 0),
        Variable("health.batteryPass", "u8", lambda f: 0),
        Variable("health.motorPass", "u8", lambda f: 0),
        Variable("memTst.errCntW", "u32", lambda f: f.tester.errors),
        Variable("pm.vbat", "float", lambda f: f.state.battery_v),
        Variable("pm.vbatMV", "u16", lambda f: 1000 * f.state.battery_v),
        Variable("pm.batteryLevel", "u8", lambda f: battery_percent(f.state.battery_v)),
        Variable("pm.chargeCurrent", "float", lambda f: 0.0),
        Variable("pm.state", "i8", lambda f: f.power.state),
        Variable("radio.isConnected", "u8", lambda f: 1),
        Variable("radio.numRxBc", "u16", lambda f: 0),
        Variable("radio.numRxUc", "u16", lambda f: 0),
        Variable("radio.rssi", "u8", lambda f: 40),
        Variable("supervisor.accNorm", "float", lambda f: f.supervisor.acceleration_norm),
        Variable("supervisor.info", "u16", lambda f: f.info()),
        Variable("sys.canfly", "u8", lambda f: f.can_fly),
        Variable("sys.isFlying", "u8", lambda f: f.supervisor.flying),
        Variable("sys.isTumbled", "u8", lambda f: f.supervisor.tumbled),
        Variable("sys.testLogParam", "i8", lambda f: 0),
    ]

"""The parameters of the virtual Crazyflie: names and defaults of the firmware."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from firmware_bridge.virtual.wire_types import PARAM_TYPES

EXTENDED, CORE, READ_ONLY = 0x10, 0x20, 0x40


@dataclass(slots=True)
class Parameter:
    """One parameter. `flags` are `EXTENDED` (may be stored persistently), `CORE`, `READ_ONLY`."""

    name: str
    kind: str
    default: float
    flags: int = 0
    value: float = field(init=False)
    stored: float | None = None

    def __post_init__(self) -> None:
        self.value = self.default

    @property
    def type_byte(self) -> int:
        return PARAM_TYPES[self.kind] | self.flags


_TABLE: tuple[tuple[str, str, float, int], ...] = (
    ("commander.enHighLevel", "u8", 1, CORE),
    ("cpu.flash", "u16", 1024, CORE | READ_ONLY),
    ("cpu.id0", "u32", 0x52485231, CORE | READ_ONLY),
    ("deck.bcAI", "u8", 1, CORE | READ_ONLY),
    ("deck.bcFlow2", "u8", 1, CORE | READ_ONLY),
    ("deck.bcLighthouse4", "u8", 0, CORE | READ_ONLY),
    ("deck.bcMultiranger", "u8", 1, CORE | READ_ONLY),
    ("firmware.modified", "u8", 0, CORE | READ_ONLY),
    ("firmware.revision0", "u32", 0x2A18FC29, CORE | READ_ONLY),
    ("firmware.revision1", "u16", 0, CORE | READ_ONLY),
    ("flightmode.stabModePitch", "u8", 1, CORE),
    ("flightmode.stabModeRoll", "u8", 1, CORE),
    ("flightmode.stabModeYaw", "u8", 0, CORE),
    ("health.startPropTest", "u8", 0, CORE),
    ("hlCommander.vland", "float", 0.5, CORE),
    ("hlCommander.vtoff", "float", 0.5, CORE),
    ("kalman.initialX", "float", 0.0, CORE),
    ("kalman.initialY", "float", 0.0, CORE),
    ("kalman.initialYaw", "float", 0.0, CORE),
    ("kalman.initialZ", "float", 0.0, CORE),
    ("kalman.resetEstimation", "u8", 0, CORE),
    ("led.bitmask", "u8", 0, CORE),
    ("locSrv.extPosStdDev", "float", 0.01, CORE),
    ("locSrv.extQuatStdDev", "float", 0.0045, CORE),
    ("motion.disable", "u8", 0, 0),
    ("pid_attitude.roll_kp", "float", 6.0, CORE | EXTENDED),
    ("pid_rate.roll_kp", "float", 250.0, CORE | EXTENDED),
    ("pm.criticalLowVoltage", "float", 3.0, CORE),
    ("pm.lowVoltage", "float", 3.2, CORE),
    ("posCtlPid.pLimit", "float", 20.0, CORE | EXTENDED),
    ("posCtlPid.rLimit", "float", 20.0, CORE | EXTENDED),
    ("posCtlPid.thrustBase", "u16", 36000, CORE | EXTENDED),
    ("posCtlPid.thrustMin", "u16", 20000, CORE | EXTENDED),
    ("posCtlPid.xKp", "float", 2.0, CORE | EXTENDED),
    ("posCtlPid.xVelMax", "float", 1.0, CORE | EXTENDED),
    ("posCtlPid.zKp", "float", 2.0, CORE | EXTENDED),
    ("posCtlPid.zVelMax", "float", 1.0, CORE | EXTENDED),
    ("ring.effect", "u8", 6, CORE | EXTENDED),
    ("sound.effect", "u8", 0, CORE),
    ("stabilizer.controller", "u8", 1, CORE | EXTENDED),
    ("stabilizer.estimator", "u8", 2, CORE | EXTENDED),
    ("stabilizer.stop", "u8", 0, CORE),
    ("supervisor.landedTimeout", "u16", 3000, CORE),
    ("supervisor.prefltTimeout", "u16", 30000, CORE),
    ("supervisor.tmblChckEn", "u8", 1, CORE),
    ("system.selftestPassed", "i8", 1, CORE | READ_ONLY),
)


class Parameters:
    """The table; `on_change` is called with the name after each write."""

    def __init__(self, on_change: Callable[[str], None] = lambda _name: None) -> None:
        self.entries = [Parameter(*row) for row in _TABLE]
        self._by_name = {p.name: p for p in self.entries}
        self._on_change = on_change

    def get(self, name: str) -> float:
        return self._by_name[name].value

    def find(self, name: str) -> Parameter | None:
        return self._by_name.get(name)

    def write(self, parameter: Parameter, value: float) -> None:
        parameter.value = value
        self._on_change(parameter.name)

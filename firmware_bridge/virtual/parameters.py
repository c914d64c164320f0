"""The parameters of the virtual Crazyflie: names, types, kinds and defaults of the firmware 2026.08."""

from __future__ import annotations

from collections.abc import Callable, MutableMapping
from dataclasses import dataclass, field

from firmware_bridge.virtual import clockwork as t
from firmware_bridge.virtual.wire_types import PARAM_TYPES

EXTENDED, CORE, READ_ONLY = 0x10, 0x20, 0x40
_RO = CORE | READ_ONLY


@dataclass(slots=True)
class Parameter:
    """One parameter. `flags` are `EXTENDED` (may be stored persistently), `CORE`, `READ_ONLY`."""

    name: str
    kind: str
    default: float
    flags: int = 0
    value: float = field(init=False)

    def __post_init__(self) -> None:
        self.value = self.default

    @property
    def type_byte(self) -> int:
        return PARAM_TYPES[self.kind] | self.flags


Row = tuple[str, str, float, int]
_DECKS: tuple[Row, ...] = tuple(
    (f"deck.{name}", "u8", present, _RO)
    for name, present in (
        ("bcAI", 1), ("bcBuzzer", 0), ("bcDWM1000", 0), ("bcFlow", 0), ("bcFlow2", 1), ("bcLedRing", 0),
        ("bcLighthouse4", 0), ("bcLoco", 0), ("bcMultiranger", 1), ("bcUSD", 0), ("bcZRanger", 0),
        ("bcZRanger2", 1),
    )
)  # fmt: skip
_PIDS: tuple[Row, ...] = tuple(
    (f"{group}.{name}", "float", value, EXTENDED)
    for group, rows in {
        "pid_attitude": (
            ("pitch_kd", 0.0), ("pitch_ki", 3.0), ("pitch_kp", 6.0), ("roll_kd", 0.0), ("roll_ki", 3.0),
            ("roll_kp", 6.0), ("yaw_kd", 0.35), ("yaw_ki", 1.0), ("yaw_kp", 6.0),
        ),
        "pid_rate": (
            ("pitch_kd", 2.5), ("pitch_ki", 500.0), ("pitch_kp", 250.0), ("roll_kd", 2.5), ("roll_ki", 500.0),
            ("roll_kp", 250.0), ("yaw_kd", 0.0), ("yaw_ki", 16.7), ("yaw_kp", 120.0),
        ),
        "posCtlPid": (
            ("pLimit", 20.0), ("rLimit", 20.0), ("xKd", 0.0), ("xKi", 0.0), ("xKp", 2.0), ("xVelMax", 1.0),
            ("yKd", 0.0), ("yKi", 0.0), ("yKp", 2.0), ("yVelMax", 1.0), ("zKd", 0.0), ("zKi", 0.5),
            ("zKp", 2.0), ("zVelMax", 1.0),
        ),
        "velCtlPid": (
            ("vxKd", 0.0), ("vxKi", 1.0), ("vxKp", 25.0), ("vyKd", 0.0), ("vyKi", 1.0), ("vyKp", 25.0),
            ("vzKd", 0.0), ("vzKi", 15.0), ("vzKp", 25.0),
        ),
    }.items()
    for name, value in rows
)  # fmt: skip
_TABLE: tuple[Row, ...] = (
    *_DECKS,
    *_PIDS,
    ("colAv.enable", "u8", 0, CORE),
    ("commander.enHighLevel", "u8", 0, CORE),  # does nothing since 2023
    ("cpu.flash", "u16", 1024, _RO),
    ("cpu.id0", "u32", 0x52485231, _RO),
    ("cpu.id1", "u32", 0x52485232, _RO),
    ("cpu.id2", "u32", 0x52485233, _RO),
    ("crtpsrv.echoDelay", "u16", 0, 0),
    ("firmware.modified", "u8", 0, _RO),
    ("firmware.revision0", "u32", 0x2A18FC29, _RO),
    ("firmware.revision1", "u16", 0x9D7B, _RO),
    ("flightmode.althold", "u8", 0, CORE),
    ("flightmode.poshold", "u8", 0, CORE),
    ("flightmode.posSet", "u8", 0, CORE),
    ("flightmode.stabModePitch", "u8", 1, CORE),
    ("flightmode.stabModeRoll", "u8", 1, CORE),
    ("flightmode.stabModeYaw", "u8", 0, CORE),
    ("health.startBatTest", "u8", 0, CORE),
    ("health.startPropTest", "u8", 0, CORE),
    ("hlCommander.groupmask", "u8", 0, CORE),
    ("hlCommander.vland", "float", 0.5, CORE),
    ("hlCommander.vtoff", "float", 0.5, CORE),
    ("imu_sensors.BMP3XX", "u8", 1, READ_ONLY),
    ("kalman.initialX", "float", 0.0, CORE),
    ("kalman.initialY", "float", 0.0, CORE),
    ("kalman.initialYaw", "float", 0.0, CORE),
    ("kalman.initialZ", "float", 0.0, CORE),
    ("kalman.maxPos", "float", 100.0, CORE),
    ("kalman.maxVel", "float", 10.0, CORE),
    ("kalman.pNAcc_xy", "float", 0.5, CORE | EXTENDED),
    ("kalman.pNAcc_z", "float", 1.0, CORE | EXTENDED),
    ("kalman.resetEstimation", "u8", 0, CORE),
    ("kalman.robustTdoa", "u8", 0, CORE),
    ("led.bitmask", "u8", 0, 0),
    ("locSrv.enLhAngleStream", "u8", 0, CORE),
    ("locSrv.enRangeStreamFP32", "u8", 0, CORE),
    ("locSrv.extPosStdDev", "float", 0.01, CORE),
    ("locSrv.extQuatStdDev", "float", 0.0045, CORE),
    ("loco.mode", "u8", 0, CORE),
    ("memTst.resetW", "u8", 0, 0),
    ("motion.adaptive", "u8", 0, 0),
    ("motion.disable", "u8", 0, 0),
    ("motorPowerSet.enable", "u8", 0, CORE),
    ("motorPowerSet.m1", "u16", 0, CORE),
    ("motorPowerSet.m2", "u16", 0, CORE),
    ("motorPowerSet.m3", "u16", 0, CORE),
    ("motorPowerSet.m4", "u16", 0, CORE),
    ("multiranger.filterMask", "u16", 1, 0),
    ("pm.criticalLowVoltage", "float", 3.0, CORE | EXTENDED),
    ("pm.lowVoltage", "float", 3.2, CORE | EXTENDED),
    ("posCtlPid.thrustBase", "u16", 36000, EXTENDED),
    ("posCtlPid.thrustMin", "u16", 20000, EXTENDED),
    ("powerDist.idleThrust", "u32", 0, CORE | EXTENDED),
    ("ring.effect", "u8", 6, CORE | EXTENDED),
    ("ring.headlightEnable", "u8", 0, CORE),
    ("ring.solidBlue", "u8", 20, CORE),
    ("ring.solidGreen", "u8", 20, CORE),
    ("ring.solidRed", "u8", 20, CORE),
    ("sound.effect", "u8", 0, CORE | EXTENDED),
    ("stabilizer.controller", "u8", 1, CORE),
    ("stabilizer.estimator", "u8", 2, CORE),
    ("stabilizer.stop", "u8", 0, CORE),
    ("supervisor.crashDetectGs", "float", 0.0, EXTENDED),
    ("supervisor.infdmp", "u8", 0, 0),
    ("supervisor.landedTimeout", "u16", round(1000 * t.LANDED_S), EXTENDED),
    ("supervisor.prefltTimeout", "u16", round(1000 * t.PREFLIGHT_S), EXTENDED),
    ("supervisor.spinupTimeout", "u16", round(1000 * t.SPIN_UP_S), EXTENDED),
    ("supervisor.tmblChckEn", "u8", 1, EXTENDED),
    ("system.assertInfo", "u8", 0, 0),
    ("system.doAssert", "u8", 0, 0),
    ("system.selftestPassed", "i8", 1, _RO),
    ("system.storageStats", "u8", 0, 0),
    ("system.taskDump", "u8", 0, CORE),
    ("usd.canLog", "u8", 0, _RO),
    ("usd.logging", "u8", 0, CORE),
)


class Parameters:
    """The table; `on_change` is called with the name after each write from outside.

    `storage` holds what was stored persistently and outlives a reboot: those values replace the defaults.
    """

    def __init__(
        self,
        on_change: Callable[[str], None] = lambda _name: None,
        storage: MutableMapping[str, float] | None = None,
    ) -> None:
        self.entries = [Parameter(*row) for row in sorted(_TABLE)]
        self._by_name = {p.name: p for p in self.entries}
        self._on_change = on_change
        self.storage = storage if storage is not None else {}
        for name, value in self.storage.items():
            self._by_name[name].value = value

    def get(self, name: str) -> float:
        return self._by_name[name].value

    def find(self, name: str) -> Parameter | None:
        return self._by_name.get(name)

    def ident(self, name: str) -> int:
        """Return the id of a parameter in the table of contents."""
        return self.entries.index(self._by_name[name])

    def put(self, name: str, value: float) -> None:
        """Set a value from on board, telling nobody."""
        self._by_name[name].value = value

    def write(self, parameter: Parameter, value: float) -> None:
        parameter.value = value
        self._on_change(parameter.name)

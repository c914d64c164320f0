"""`Firmware`: the parts of the virtual Crazyflie that run on board, stepped in simulated time."""

from __future__ import annotations

from collections.abc import Callable

from firmware_bridge.virtual import clockwork as t
from firmware_bridge.virtual.body import BodyState, VehicleBody
from firmware_bridge.virtual.commander import Commander
from firmware_bridge.virtual.high_level import HighLevelCommander, PlannerState
from firmware_bridge.virtual.log_blocks import LogBlocks
from firmware_bridge.virtual.parameters import Parameters
from firmware_bridge.virtual.position_control import HOVER_THRUST, PositionGains, drive
from firmware_bridge.virtual.setpoint import OFF, Mode, Priority, Setpoint
from firmware_bridge.virtual.supervisor import Supervisor
from firmware_bridge.virtual.variables import GRAVITY, variables

Vector = tuple[float, float, float]


class Firmware:
    """Not thread-safe: the server holds one lock around it."""

    def __init__(
        self,
        body: VehicleBody,
        *,
        require_arming: bool = False,
        console: Callable[[str], None],
        send_log: Callable[[bytes], None],
    ) -> None:
        """`console` takes text for the host, `send_log` the payload of log data packets."""
        self.body = body
        self._send_log = send_log
        self.console = console
        self.require_arming = require_arming
        self.reboots = 0
        self.variables = variables()
        self._boot()

    def _boot(self) -> None:
        self.time = 0.0  # [s] since boot
        self._owed = 0.0
        self.state: BodyState = self.body.state()
        self.acceleration: Vector = (0.0, 0.0, 0.0)
        self.thrust = 0.0
        self.parameters = Parameters(self._parameter_changed)
        self.high_level = HighLevelCommander(self.now)
        self.commander = Commander(self.now, self.high_level.stop)
        self.supervisor = Supervisor(self.now, require_arming=self.require_arming, console=self.console)
        self.log = LogBlocks(self.variables)
        self.console("SYS: Crazyflie 2.1 virtual is up and running!\n")

    def now(self) -> float:
        return self.time

    def reboot(self, why: str) -> None:
        """Start over, as after a failed assertion: motors off, log blocks and locks gone."""
        self.reboots += 1
        self.body.cut()
        self._boot()
        self.console(f"SYS: rebooted: {why}\n")

    def step(self, dt: float) -> None:
        """Run whole ticks worth `dt` [s]; the rest is kept for the next call."""
        self._owed += dt
        while self._owed >= t.TICK_S - 1e-9:
            self._owed -= t.TICK_S
            self._tick()

    def info(self) -> int:
        """Return the bitfield of `supervisor.info`."""
        return self.supervisor.info(
            hl_active=self.high_level.state is not PlannerState.STOPPED
            and self.commander.priority <= Priority.HIGH_LEVEL,
            hl_finished=self.high_level.finished,
            hl_disabled=self.high_level.state is PlannerState.STOPPED,
        )

    @property
    def specific_force(self) -> Vector:
        """What the accelerometer says [g], body z taken as world z."""
        a = self.acceleration
        return (a[0] / GRAVITY, a[1] / GRAVITY, a[2] / GRAVITY + 1.0)

    def _tick(self) -> None:
        self.time += t.TICK_S
        self.commander.offer(self.high_level.setpoint(), Priority.HIGH_LEVEL)
        gated = self.supervisor.gate(
            self.commander.setpoint, age=self.commander.age, priority=self.commander.priority, body=self.state
        )
        drive(self.body, self.state, OFF if gated is None else gated, self._gains())
        self.thrust = _thrust_of(gated)
        before = self.state.velocity
        self.body.step(t.TICK_S)
        self.state = self.body.state()
        after = self.state.velocity
        self.acceleration = (
            (after[0] - before[0]) / t.TICK_S,
            (after[1] - before[1]) / t.TICK_S,
            (after[2] - before[2]) / t.TICK_S,
        )
        for data in self.log.due(self):
            self._send_log(data)

    def _gains(self) -> PositionGains:
        get = self.parameters.get
        return PositionGains(
            get("posCtlPid.xKp"), get("posCtlPid.zKp"), get("posCtlPid.xVelMax"), get("posCtlPid.zVelMax")
        )

    def _parameter_changed(self, name: str) -> None:
        get = self.parameters.get
        if name == "stabilizer.stop" and get(name):
            self.supervisor.emergency_stop()
        limits = self.supervisor.timeouts
        limits.tumble_check = bool(get("supervisor.tmblChckEn"))
        limits.preflight = get("supervisor.prefltTimeout") / 1000
        limits.landed = get("supervisor.landedTimeout") / 1000


def _thrust_of(setpoint: Setpoint | None) -> float:
    """Likely PWM: the inner loops are the body's, so flying reads as hover thrust."""
    if setpoint is None or setpoint.mode is Mode.OFF:
        return 0.0
    raw = setpoint.mode is Mode.ATTITUDE and not setpoint.hold_z
    return float(setpoint.thrust if raw else HOVER_THRUST)

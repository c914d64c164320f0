"""`Firmware`: the parts of the virtual Crazyflie that run on board, stepped in simulated time."""

from __future__ import annotations

from collections.abc import Callable

from firmware_bridge.virtual import clockwork as t
from firmware_bridge.virtual import quaternion
from firmware_bridge.virtual.body import BodyState, VehicleBody
from firmware_bridge.virtual.commander import Commander
from firmware_bridge.virtual.estimator import Estimator
from firmware_bridge.virtual.high_level import HighLevelCommander, PlannerState
from firmware_bridge.virtual.log_blocks import LogBlocks
from firmware_bridge.virtual.memories import Memories, TesterMemory, TrajectoryMemory
from firmware_bridge.virtual.parameters import Parameters
from firmware_bridge.virtual.position_control import HOVER_THRUST, PositionGains, drive
from firmware_bridge.virtual.power import Power
from firmware_bridge.virtual.setpoint import OFF, Mode, Priority, Setpoint
from firmware_bridge.virtual.supervisor import Supervisor
from firmware_bridge.virtual.variables import GRAVITY, variables

Vector = tuple[float, float, float]


class Firmware:
    """Not thread-safe: the server holds one lock around it. It is up and running once constructed."""

    def __init__(
        self,
        body: VehicleBody,
        *,
        require_arming: bool = False,
        console: Callable[[str], None],
        send_log: Callable[[bytes], None],
        address: int = 0xE7,
    ) -> None:
        """`console` takes text for the host, `send_log` the payload of log data packets; `address` is the
        last byte of the radio address, by which packed poses are told apart."""
        self.body = body
        self._send_log = send_log
        self.console = console
        self.require_arming = require_arming
        self.address = address
        self.reboots = 0
        self.storage: dict[str, float] = {}
        self.variables = variables()
        self._boot(started=True)

    def _boot(self, *, started: bool) -> None:
        """Start; not `started` means that the self-test failed, so that nothing will ever fly."""
        self.time = 0.0  # [s] since boot
        self._owed = self._supervisor_due = 0.0
        self.started = started
        self.console("SYS: ----------------------------\nSYS: Crazyflie 2.1 is up and running!\n")
        self.parameters = Parameters(self._parameter_changed, self.storage)
        self.parameters.put("system.selftestPassed", started)
        if self.require_arming and "powerDist.idleThrust" not in self.storage:
            self.parameters.put("powerDist.idleThrust", t.IDLE_THRUST)
        self.estimator = Estimator(self.now, self.console)
        self.state: BodyState = self.estimator.estimate(self.body.state())
        self.acceleration: Vector = (0.0, 0.0, 0.0)
        self.force: Vector = (0.0, 0.0, 1.0)
        self.thrust = 0.0
        self.power = Power(self.now)
        self.high_level = HighLevelCommander(self.now)
        self.high_level.tell(self.state)
        self.commander = Commander(self.now, self.high_level.stop, self._tell_planner)
        self.supervisor = Supervisor(self.now, require_arming=self.require_arming, console=self.console)
        self.high_level.block(not self.can_fly)
        self.tester = TesterMemory()
        self.memories = Memories(self.tester, TrajectoryMemory(self.high_level.memory))
        self.log = LogBlocks(self.variables)
        self._follow_parameters()
        self.console("SYS: Self test passed!\n" if started else "SYS: cfAssertNormalStart [FAIL]\n")

    def now(self) -> float:
        return self.time

    def power_cycle(self) -> None:
        """Switch off and on: motors off, locks and log blocks gone, stored parameters kept."""
        self.reboots += 1
        self.body.cut()
        self._boot(started=True)

    def fail_assert(self, what: str) -> None:
        """Fail an assertion as the firmware does: motors off, reboot, and a failed self-test until the
        next power cycle."""
        self.reboots += 1
        self.body.cut()
        self._boot(started=False)
        self.console(f"SYS: Assert failed: {what}\n")

    def step(self, dt: float) -> None:
        """Run whole ticks worth `dt` [s]; the rest is kept for the next call."""
        self._owed += dt
        while self._owed >= t.TICK_S - 1e-9:
            self._owed -= t.TICK_S
            self._tick()

    def info(self) -> int:
        """Return the bitfield of `supervisor.info`."""
        planner = self.high_level
        return self.started * self.supervisor.info(
            hl_active=planner.state in (PlannerState.FLYING, PlannerState.LANDING),
            hl_finished=planner.finished,
            hl_disabled=planner.state is PlannerState.DISABLED,
        )

    @property
    def can_fly(self) -> bool:
        return self.started and self.supervisor.can_fly

    def _tick(self) -> None:
        self.time += t.TICK_S
        allowed = self._decide() if self.started else None
        drive(self.body, self.state, OFF if allowed is None else allowed, self._gains())
        self.thrust = self._thrust_of(allowed)
        before = self.state.velocity
        self.body.step(t.TICK_S)
        self.state = self.estimator.estimate(self.body.state())
        self._feel(before)
        self.power.update(self.state.battery_v, self.parameters.get("pm.lowVoltage"))
        get = self.parameters.get
        self.estimator.supervise(self.state, get("kalman.maxPos"), get("kalman.maxVel"))
        for data in self.log.due(self):
            self._send_log(data)

    def _decide(self) -> Setpoint | None:
        """Return the setpoint of this tick, None for motors off: the order of stabilizer.c."""
        can_fly = self.supervisor.can_fly
        if can_fly:
            planned = self.high_level.setpoint(self.state)
            if planned is not None:
                self.commander.offer(planned, Priority.HIGH_LEVEL)
        setpoint = self.commander.setpoint if can_fly else OFF
        if self.time >= self._supervisor_due - 1e-9:
            self._supervisor_due = max(self._supervisor_due + t.SUPERVISOR_S, self.time)
            self.supervisor.update(
                age=self.commander.age, force=self.force, thrust=self.thrust > self._idle_thrust
            )
            self.high_level.block(not self.supervisor.can_fly)
        return self.supervisor.override(setpoint)

    def _feel(self, before: Vector) -> None:
        """Update what the accelerometer says."""
        a = [(v - u) / t.TICK_S for u, v in zip(before, self.state.velocity, strict=True)]
        self.acceleration = (a[0], a[1], a[2])
        given = self.state.force
        if given is None:
            up = (a[0] / GRAVITY, a[1] / GRAVITY, a[2] / GRAVITY + 1.0)
            given = quaternion.to_body(quaternion.from_rpy(*self.state.attitude), up)
        self.force = given

    def _tell_planner(self) -> None:
        self.high_level.tell(self.state)

    @property
    def _idle_thrust(self) -> float:
        return self.parameters.get("powerDist.idleThrust")

    def _thrust_of(self, setpoint: Setpoint | None) -> float:
        """Likely PWM of each motor: the inner loops are the body's, so flying reads as hover thrust."""
        if setpoint is None:
            return 0.0
        if not setpoint.runs_motors:
            return self._idle_thrust
        raw = setpoint.mode is Mode.ATTITUDE and not setpoint.hold_z and setpoint.climb is None
        return max(float(setpoint.thrust if raw else HOVER_THRUST), self._idle_thrust)

    def _gains(self) -> PositionGains:
        get = self.parameters.get
        return PositionGains(
            get("posCtlPid.xKp"), get("posCtlPid.zKp"), get("posCtlPid.xVelMax"), get("posCtlPid.zVelMax")
        )

    def _parameter_changed(self, name: str) -> None:
        """React to a write from the host."""
        value = self.parameters.get(name)
        if name == "kalman.resetEstimation" and value:
            self.estimator.reset()
            self.parameters.put(name, 0)
        if name == "memTst.resetW" and value:
            self.tester.reset_asked = True
            self.parameters.put(name, 0)
        if name == "supervisor.infdmp" and value:
            self.console(f"SUP: Supervisor info ---\nSUP: State: {self.supervisor.state.name}\n")
            self.parameters.put(name, 0)
        if name == "system.doAssert" and value:
            self.fail_assert("system.doAssert")
        self._follow_parameters()

    def _follow_parameters(self) -> None:
        """Hand the parameters to those they belong to."""
        get = self.parameters.get
        if get("stabilizer.stop"):
            self.supervisor.emergency_stop()
        limits = self.supervisor.limits
        limits.tumble_check = bool(get("supervisor.tmblChckEn"))
        limits.crash_g = get("supervisor.crashDetectGs")
        limits.preflight = get("supervisor.prefltTimeout") / 1000
        limits.landed = get("supervisor.landedTimeout") / 1000
        limits.spin_up = get("supervisor.spinupTimeout") / 1000
        planner = self.high_level
        planner.group_mask = int(get("hlCommander.groupmask"))
        planner.take_off_mps, planner.landing_mps = get("hlCommander.vtoff"), get("hlCommander.vland")

"""`SimulatedDrone`: the drone protocol on any simulated world, in lockstep or in wall time."""

from __future__ import annotations

import logging
from types import TracebackType
from typing import Self

from reprohrl.contracts.clock import Clock
from reprohrl.contracts.command import HOVER, VelocityCommand
from reprohrl.contracts.errors import LinkError, UserError
from reprohrl.contracts.state import DroneState
from sim.clocks import as_clock
from sim.simulated_world import SimulatedWorld

log = logging.getLogger(__name__)

WATCHDOG_S = 0.5
"""Silence after which the drone hovers; the Crazyflie's supervisor levels out after as long."""

POLL_S = 0.05
CLIMB_MPS = 0.4
SINK_MPS = 0.25
TOUCHDOWN_MPS = 0.15
"""Sink rate within NEAR_FLOOR_M of the floor."""

NEAR_FLOOR_M = 0.25
AT_HEIGHT_M = 0.03
STILL_MPS = 0.08
STILL_S = 0.4


class SimulatedDrone:
    """A drone in `world`, which must have been reset to a scene.

    clock   None for lockstep: take-off and landing step the world themselves, and time stands still
            between calls; or a clock whose world runs by itself (`RealtimeClock`)
    """

    def __init__(self, world: SimulatedWorld, clock: Clock | None = None) -> None:
        self.world = world
        self.clock = as_clock(world, clock)
        self._locked = False

    def connect(self) -> None:
        """Arm the watchdog. Raises `LinkError` when the world holds no scene."""
        try:
            _ = self.world.scene
        except UserError as error:
            raise LinkError(
                "the simulated drone does not answer", why="its world is empty", fix="call world.reset(scene)"
            ) from error
        self._locked = False
        self.world.command_timeout_s = WATCHDOG_S

    def take_off(self, height_m: float = 0.8) -> None:
        """Climb to `height_m` and hover there. Raises `LinkError` when that takes too long."""
        if self._locked:
            raise LinkError(
                "the motors are locked", why="after an emergency stop", fix="call connect() again"
            )
        self.world.set_motors_off(False)
        deadline = self.clock.now() + 5.0 + height_m / (0.5 * CLIMB_MPS)
        still = 0.0
        while still < STILL_S:
            state = self._wait(deadline, f"the drone did not reach {height_m} m")
            error = height_m - state.height
            at_rest = abs(error) < AT_HEIGHT_M and abs(state.velocity[2]) < STILL_MPS
            still = still + POLL_S if at_rest else 0.0
            self.world.set_command(VelocityCommand(vz=_bound(1.5 * error, CLIMB_MPS), stamp=state.stamp))
        self.world.set_command(HOVER)
        self.world.floor_is_contact = True

    def send(self, command: VelocityCommand) -> None:
        """Set the velocity setpoint. Raises `UserError` when it is not finite."""
        self.world.set_command(command)

    def state(self) -> DroneState:
        return self.world.state()

    def land(self) -> None:
        """Sink until something bears the drone, then stop the motors. Does nothing on the ground."""
        self.world.floor_is_contact = False
        if self.world.motors_off:
            return
        deadline = self.clock.now() + 5.0 + self.world.state().height / (0.5 * TOUCHDOWN_MPS)
        still = -2 * STILL_S  # the sinking has to begin first
        while still < STILL_S:
            state = self._wait(deadline, "the drone did not come to rest")
            still = min(still, 0.0) if abs(state.velocity[2]) > STILL_MPS and still > 0 else still + POLL_S
            sink = SINK_MPS if state.height > NEAR_FLOOR_M else TOUCHDOWN_MPS
            self.world.set_command(VelocityCommand(vz=-sink, stamp=state.stamp))
        self.world.set_motors_off(True)

    def emergency_stop(self) -> None:
        """Cut the motors now; `connect` unlocks them."""
        self._locked = True
        self.world.set_motors_off(True)

    def close(self) -> None:
        """Let go of the drone; its world stays usable."""
        self.world.command_timeout_s = None

    def __enter__(self) -> Self:
        self.connect()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        try:
            self.land()
        except LinkError as failure:
            log.error("landing failed, cutting the motors: %s", failure)
            self.emergency_stop()
        finally:
            self.close()

    def _wait(self, deadline: float, complaint: str) -> DroneState:
        """Let POLL_S pass and return the state. Raises `LinkError` past the deadline."""
        if self.clock.now() > deadline:
            state = self.world.state()
            raise LinkError(
                f"{complaint} in time",
                why=f"it is at {state.height:.2f} m, battery {state.battery_v:.2f} V",
                fix="check that nothing is in its way and the battery is charged",
            )
        self.clock.sleep(POLL_S)
        return self.world.state()


def _bound(value: float, limit: float) -> float:
    return max(-limit, min(limit, value))

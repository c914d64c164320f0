"""What all simulated worlds share: time, latency, setpoint modes, sensors and truth."""

from __future__ import annotations

import math
import threading
from abc import ABC, abstractmethod
from collections import deque
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from reprohrl.contracts.command import VelocityCommand
from reprohrl.contracts.errors import UserError
from reprohrl.contracts.rates import TICK_S
from reprohrl.contracts.state import DroneState
from reprohrl.contracts.vocabulary import NUM_GOALS
from reprohrl.mission.reach import DRONE_RADIUS_M
from sim.dynamics.battery import drain
from sim.dynamics.layout import S
from sim.dynamics.modes import Mode
from sim.dynamics.params import IDENTIFIED, Preset, drone_params
from sim.dynamics.step import PHYSICS_DT_S, PHYSICS_HZ, hover_state
from sim.geometry import signed_distance
from sim.movers import move
from sim.scene import Scene
from sim.sensors import SILENT, SensorNoise, Sensors
from sim.world import Truth

SENSE_EVERY = 4
"""Sub-steps between measurements: 60 Hz, a divisor of the camera's tick."""

CONTACT_TICKS = round(TICK_S * PHYSICS_HZ)
"""A contact is reported for one camera tick, so that whoever looks once per frame misses none."""

HARD_LANDING_MPS = 0.6
"""Sink rate from which touching the floor counts as hitting it."""


class SimulatedWorld(ABC):
    """A `World` whose subclasses integrate the body and find contacts. Safe to share between threads.

    preset, randomise   which drone, and how far its parameters stray from the preset, in [0, 1]
    seed                seeds parameters and sensors, together with the scene's seed
    noise               False for perfect sensors
    latency_s           from setting a setpoint to its taking effect
    charge              battery charge at reset in [0, 1]
    """

    def __init__(
        self,
        preset: Preset | str = IDENTIFIED,
        seed: int = 0,
        *,
        noise: bool = True,
        latency_s: float = 0.1,
        randomise: float = 0.0,
        charge: float = 1.0,
    ) -> None:
        self._preset, self._seed, self._randomise, self._charge = preset, seed, randomise, charge
        self._noise = SensorNoise() if noise else SILENT
        self._latency = round(latency_s * PHYSICS_HZ)
        self.lock = threading.RLock()
        self.command_timeout_s: float | None = None
        """Hover when no setpoint came for this long; None to follow the last one for ever."""
        self.floor_is_contact = False
        """True to count even a gentle touch of the floor, as for a drone that is not to land."""
        self.drone_row: NDArray[np.float64] | None = None
        """(P.SIZE,) parameters of the drone from the next reset on, in place of the preset's."""
        self._scene: Scene | None = None
        self.row = np.zeros(S.SIZE)
        """The drone's state, columns `S`."""
        self._state = DroneState(0.0)
        self._contact: str | None = None

    def reset(self, scene: Scene, *, airborne: bool = False) -> None:
        """Put the drone on the floor below the scene's start, motors off; or hovering at the start."""
        with self.lock:
            self._scene, self.floor_is_contact = scene, False
            self._objects, self._half_room = scene.geometry(), scene.half_room()
            self._movers = scene.mover_rows()
            rng = np.random.default_rng([self._seed, scene.seed])
            drawn = drone_params(self._preset, rng, self._randomise)
            self.params = drawn if self.drone_row is None else self.drone_row.copy()
            self._sensors = Sensors(self._noise, rng)
            self._contact, self._touched_at = None, 0
            self._ticks, self._owed, self._set_at = 0, 0.0, 0
            self._queue: deque[tuple[int, Mode, NDArray[np.float64]]] = deque()
            self._mode, self._setpoint = (Mode.VELOCITY if airborne else Mode.OFF), np.zeros(4)
            self._sink = 0.0
            x, y, z = scene.start.position
            height = z if airborne else DRONE_RADIUS_M
            hover_state(self.row, x, y, height, scene.start.yaw, self._charge, self.params)
            if not airborne:
                self.row[S.THRUST : S.THRUST + 4] = 0.0
                drain(self.row, self.params, 0.0)
            self._place()
            self._measure()

    @abstractmethod
    def _place(self) -> None:
        """Build the scene and put the body where `row` says."""

    def _move_solids(self) -> None:
        """Take over the new places of the solids that `_movers` names; `_objects` holds them already."""
        return

    @abstractmethod
    def _advance(self) -> str | None:
        """Advance `row` by one sub-step under `_mode` and `_setpoint`; return what was touched."""

    @property
    def scene(self) -> Scene:
        if self._scene is None:
            raise UserError("the world is empty", fix="call reset(scene) first")
        return self._scene

    @property
    def time(self) -> float:
        return self._ticks * PHYSICS_DT_S

    @property
    def contact(self) -> str | None:
        """What was touched last, for CONTACT_TICKS sub-steps after the touch."""
        return self._contact if self._ticks - self._touched_at <= CONTACT_TICKS else None

    @property
    def motors_off(self) -> bool:
        return self._mode == Mode.OFF

    def set_command(self, command: VelocityCommand) -> None:
        """Fly a velocity from `latency_s` on. Raises `UserError` when it is not finite."""
        self._enqueue(Mode.VELOCITY, (command.vx, command.vy, command.vz, command.yaw_rate))

    def set_attitude(self, roll: float, pitch: float, yaw_rate: float, vz: float) -> None:
        """Hold an attitude [rad], yaw rate [rad/s] and climb rate [m/s] from `latency_s` on."""
        self._enqueue(Mode.ATTITUDE, (roll, pitch, yaw_rate, vz))

    def set_motors_off(self, off: bool) -> None:
        """Cut the motors at once and ignore setpoints; with False, start them and hover."""
        with self.lock:
            self._queue.clear()
            self._mode, self._setpoint = (Mode.OFF if off else Mode.VELOCITY), np.zeros(4)
            self._set_at = self._ticks
            self._state = replace(self._state, flying=not off)

    def _enqueue(self, mode: Mode, values: tuple[float, float, float, float]) -> None:
        if not all(math.isfinite(v) for v in values):
            raise UserError(f"setpoint {values} is not finite", fix="send finite numbers")
        with self.lock:
            if self._mode == Mode.OFF:
                return
            self._queue.append((self._ticks + self._latency, mode, np.array(values, np.float64)))
            self._set_at = self._ticks

    def step(self, dt: float = TICK_S) -> None:
        """Let `dt` [s] pass; parts of a 240 Hz sub-step are owed to the next call."""
        with self.lock:
            self._owed += dt * PHYSICS_HZ
            count = int(self._owed + 1e-6)
            self._owed -= count
            for _ in range(count):
                self._sub_step()

    def _sub_step(self) -> None:
        while self._queue and self._queue[0][0] <= self._ticks:
            _, self._mode, self._setpoint = self._queue.popleft()
        late = (
            self.command_timeout_s is not None
            and self._ticks - self._set_at > self.command_timeout_s * PHYSICS_HZ
        )
        if late and self._mode != Mode.OFF:
            self._mode, self._setpoint = Mode.VELOCITY, np.zeros(4)
        if len(self._movers):
            move(self._objects, self._movers, (self._ticks + 1) * PHYSICS_DT_S)
            self._move_solids()
        # a slow decay: Bullet brakes a falling body one sub-step before it reports the contact
        self._sink = max(-float(self.row[S.VEL + 2]), self._sink - 0.05)
        touched = self._advance()
        if touched == "floor" and not self.floor_is_contact and self._sink < HARD_LANDING_MPS:
            touched = None
        if touched is not None:
            self._contact, self._touched_at = touched, self._ticks
        self._ticks += 1
        if self._ticks % SENSE_EVERY == 0:
            self._measure()

    def _measure(self) -> None:
        flying = self._mode != Mode.OFF
        self._state = self._sensors.measure(self.row, self._objects, self._half_room, self.time, flying)

    def state(self) -> DroneState:
        with self.lock:
            return self._state

    def truth(self) -> Truth:
        with self.lock:
            row, distance = self.row, np.full(NUM_GOALS, np.inf)
            x, y, z = row[S.POS : S.POS + 3]
            for solid in self._objects:
                if solid[9] < NUM_GOALS:
                    goal = int(solid[9])
                    distance[goal] = min(distance[goal], signed_distance(solid, x, y, z) - DRONE_RADIUS_M)
            qx, qy, qz, qw = row[S.QUAT : S.QUAT + 4]
            attitude = (
                math.atan2(2 * (qy * qz + qx * qw), 1 - 2 * (qx * qx + qy * qy)),
                math.asin(max(-1.0, min(1.0, 2 * (qy * qw - qx * qz)))),
                math.atan2(2 * (qx * qy + qz * qw), 1 - 2 * (qy * qy + qz * qz)),
            )
            return Truth(
                row[S.POS : S.POS + 3].copy(), row[S.VEL : S.VEL + 3].copy(), np.array(attitude),
                self.contact, distance, self.time, row[S.RATE : S.RATE + 3].copy(),
            )  # fmt: skip

    def solid_name(self, index: int) -> str:
        """Name, as in `Truth.contact`, of object `index` of the scene."""
        return self.scene.objects[index].contact_name

    def close(self) -> None:
        """Free what the world holds."""
        self._queue.clear()

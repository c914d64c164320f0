"""`BatchCore`: many drones in many rooms, stepped one camera tick at a time by one compiled loop."""

from __future__ import annotations

import numpy as np
from numba import njit
from numpy.typing import NDArray

from reprohrl.contracts.camera_model import AI_DECK, CameraModel
from reprohrl.contracts.errors import UserError
from reprohrl.contracts.rates import TICK_HZ
from reprohrl.contracts.vocabulary import NUM_GOALS
from reprohrl.mission.reach import DRONE_RADIUS_M
from sim.batched.boxes import BOX_COLUMNS
from sim.batched.threads import default_threads, run_rows
from sim.batched.tick import (
    CONTACT_FLOOR,
    CONTACT_WALL,
    MAX_OBJECTS,
    NO_CONTACT,
    fly_tick,
    make_scratch,
    sense,
)
from sim.dynamics.layout import P, S
from sim.dynamics.step import PHYSICS_DT_S, PHYSICS_HZ, hover_state
from sim.movers import move
from sim.scene import MOVER_COLUMNS, OBJECT_COLUMNS, Scene

SUBSTEPS = int(PHYSICS_HZ / TICK_HZ)
MAX_MOVERS = 2
Array = NDArray[np.float64]

__all__ = ["CONTACT_FLOOR", "CONTACT_WALL", "MAX_OBJECTS", "NO_CONTACT", "SUBSTEPS", "BatchCore"]


@njit(cache=True, nogil=True)
def _step_rows(
    begin: int, end: int, state: Array, params: Array, command: Array, commands: Array,
    delay: NDArray[np.int64], substeps: int, time_s: Array, movers: Array,
    mover_count: NDArray[np.int64], objects: Array, count: NDArray[np.int64], half_room: Array, lens: Array,
    radius: float, contact: NDArray[np.int64], clearance: Array, rotation: Array, boxes: Array,
    ranges: Array, goal_distance: Array,
) -> None:  # fmt: skip
    """Advance drones `begin` to `end` by one tick."""
    scratch = make_scratch()
    for i in range(begin, end):
        time_s[i] += substeps * PHYSICS_DT_S
        move(objects[i], movers[i, : mover_count[i]], time_s[i])
        for j in range(4):
            commands[i, 0, j], commands[i, 1, j] = commands[i, 1, j], commands[i, 2, j]
            commands[i, 2, j] = command[i, j]
        contact[i], clearance[i] = fly_tick(
            state[i], params[i], commands[i], delay[i], substeps, objects[i, : count[i]], half_room[i],
            lens, radius, scratch, rotation[i], boxes[i], ranges[i], goal_distance[i],
        )  # fmt: skip


@njit(cache=True, nogil=True)
def _sense_rows(
    rows: NDArray[np.int64], state: Array, objects: Array, count: NDArray[np.int64], half_room: Array,
    lens: Array, radius: float, rotation: Array, boxes: Array, ranges: Array,
    goal_distance: Array,
) -> None:  # fmt: skip
    scratch = make_scratch()
    for i in rows:
        sense(
            state[i], objects[i, : count[i]], half_room[i], lens, radius, scratch,
            rotation[i], boxes[i], ranges[i], goal_distance[i],
        )  # fmt: skip


class BatchCore:
    """State and truth of `batch` drones, stepped by `threads` threads in ticks of `substeps` at 240 Hz.

    A drone's numbers do not depend on the batch it is in or on the threads, bit for bit.
    After `reset` and `step` these hold, per drone: position (N, 3), attitude (N, 3) roll, pitch, yaw,
    velocity (N, 3) yaw-aligned body frame, yaw_rate (N,), boxes (N, M, 6) truth boxes, ranges (N, 5),
    goal_distance (N, K) surface to surface, contact (N,), clearance (N,) smallest distance to any solid.
    """

    def __init__(
        self,
        batch: int,
        camera: CameraModel = AI_DECK,
        *,
        substeps: int = SUBSTEPS,
        threads: int | None = None,
    ) -> None:
        self.batch, self.substeps = batch, substeps
        self.threads = default_threads(batch) if threads is None else threads
        self.lens = np.array([*camera.offset_m, camera.tan_half_h, camera.tan_half_v])
        self.state = np.zeros((batch, S.SIZE))
        self.params = np.zeros((batch, P.SIZE))
        self.commands = np.zeros((batch, 3, 4))
        self.delay = np.full(batch, substeps, np.int64)
        self.objects = np.zeros((batch, MAX_OBJECTS, len(OBJECT_COLUMNS)))
        self.count = np.zeros(batch, np.int64)
        self.movers = np.zeros((batch, MAX_MOVERS, len(MOVER_COLUMNS)))
        self.mover_count = np.zeros(batch, np.int64)
        self.time_s = np.zeros(batch)
        self.half_room = np.tile([2.0, 2.0, 2.5], (batch, 1))
        self.contact = np.full(batch, NO_CONTACT, np.int64)
        self.clearance = np.full(batch, 1.0)
        self.rotation = np.zeros((batch, 3, 3))
        self.boxes = np.zeros((batch, MAX_OBJECTS, BOX_COLUMNS))
        self.ranges = np.zeros((batch, 5))
        self.goal_distance = np.full((batch, NUM_GOALS), np.inf)

    def place(self, i: int, scene: Scene, params: Array, *, delay_substeps: int, charge: float) -> None:
        """Put drone `i` hovering at the start of `scene`.

        Raises `UserError` when the scene has more solids, or more that move, than the core has room for.
        """
        geometry, movers = scene.geometry(), scene.mover_rows()
        if len(geometry) > MAX_OBJECTS or len(movers) > MAX_MOVERS:
            raise UserError(
                f"a scene with {len(geometry)} solids, {len(movers)} of them moving, does not fit",
                why=f"the batched core holds {MAX_OBJECTS} solids and {MAX_MOVERS} that move",
                fix="use a smaller scene, or raise MAX_OBJECTS in sim/batched/scratch.py",
            )
        self.objects[i, : len(geometry)] = geometry
        self.count[i] = len(geometry)
        self.movers[i, : len(movers)], self.mover_count[i] = movers, len(movers)
        self.time_s[i] = 0.0
        self.half_room[i] = scene.half_room()
        self.params[i] = params
        self.delay[i] = delay_substeps
        self.commands[i] = 0.0
        x, y, z = scene.start.position
        hover_state(self.state[i], x, y, z, scene.start.yaw, charge, params)
        self.contact[i] = NO_CONTACT

    def sense(self, rows: NDArray[np.int64]) -> None:
        """Refresh what drones `rows` sense without moving; call after `place`."""
        _sense_rows(
            rows, self.state, self.objects, self.count, self.half_room, self.lens, DRONE_RADIUS_M,
            self.rotation, self.boxes, self.ranges, self.goal_distance,
        )  # fmt: skip

    def step(self, command: Array) -> None:
        """Advance all drones by one tick; `command` (N, 4) m/s, rad/s acts `delay` sub-steps later."""
        command = np.ascontiguousarray(command, np.float64).reshape(self.batch, 4)
        run_rows(
            _step_rows, self.batch, self.threads, self.state, self.params, command, self.commands,
            self.delay, self.substeps, self.time_s, self.movers, self.mover_count, self.objects, self.count,
            self.half_room, self.lens, DRONE_RADIUS_M, self.contact, self.clearance, self.rotation,
            self.boxes, self.ranges, self.goal_distance,
        )  # fmt: skip

    @property
    def position(self) -> Array:
        return self.state[:, S.POS : S.POS + 3]

    @property
    def attitude(self) -> Array:
        """(N, 3) roll, pitch, yaw [rad] of Rz(yaw) Ry(pitch) Rx(roll)."""
        r = self.rotation
        return np.stack(
            [
                np.arctan2(r[:, 2, 1], r[:, 2, 2]),
                -np.arcsin(np.clip(r[:, 2, 0], -1, 1)),
                np.arctan2(r[:, 1, 0], r[:, 0, 0]),
            ],
            axis=1,
        )

    @property
    def velocity(self) -> Array:
        """(N, 3) [m/s] in the yaw-aligned body frame."""
        v = self.state[:, S.VEL : S.VEL + 3]
        yaw = np.arctan2(self.rotation[:, 1, 0], self.rotation[:, 0, 0])
        c, s = np.cos(yaw), np.sin(yaw)
        return np.stack([c * v[:, 0] + s * v[:, 1], -s * v[:, 0] + c * v[:, 1], v[:, 2]], axis=1)

    @property
    def yaw_rate(self) -> Array:
        return self.state[:, S.RATE + 2]

"""`BatchCore`: many drones in many rooms, stepped one camera tick at a time by one compiled loop."""

from __future__ import annotations

import numpy as np
from numba import njit
from numpy.typing import NDArray

from reprohrl.contracts.camera_model import AI_DECK, CameraModel
from reprohrl.contracts.rates import TICK_HZ
from reprohrl.contracts.vocabulary import NUM_GOALS
from reprohrl.mission.reach import DRONE_RADIUS_M
from sim.attitude import quat_to_matrix
from sim.batched.boxes import BOX_COLUMNS, OUTLINES, truth_boxes
from sim.dynamics.layout import P, S
from sim.dynamics.step import PHYSICS_HZ, hover_state, step_drone
from sim.geometry import nearest_solid, signed_distance
from sim.ranger import multi_ranger
from sim.scene import OBJECT_COLUMNS, Scene

SUBSTEPS = int(PHYSICS_HZ / TICK_HZ)
MAX_OBJECTS = 12
CONTACT_EVERY = 4
"""Contacts are looked for at 60 Hz: 1 cm of flight at full speed."""

NO_CONTACT, CONTACT_WALL, CONTACT_FLOOR = -9, -1, -2
Array = NDArray[np.float64]


@njit(cache=True)
def _step_all(
    state: Array, params: Array, commands: Array, delay: NDArray[np.int64], objects: Array,
    count: NDArray[np.int64], half_room: Array, outlines: Array, lens: Array, radius: float,
    contact: NDArray[np.int64], clearance: Array, rotation: Array, boxes: Array, ranges: Array,
    goal_distance: Array,
) -> None:  # fmt: skip
    """Advance every drone by one tick. `commands` (N, 3, 4): two ticks ago, the last, and the new one."""
    camera = np.empty(3)
    for i in range(state.shape[0]):
        s, solids = state[i], objects[i, : count[i]]
        contact[i] = NO_CONTACT
        nearest = 1e9
        for sub in range(SUBSTEPS):
            age = sub - delay[i]
            which = 2 if age >= 0 else (1 if age >= -SUBSTEPS else 0)
            step_drone(s, commands[i, which], params[i], 1.0 / PHYSICS_HZ)
            if sub % CONTACT_EVERY == CONTACT_EVERY - 1 and contact[i] == NO_CONTACT:
                distance, what = nearest_solid(solids, half_room, s[S.POS], s[S.POS + 1], s[S.POS + 2])
                nearest = min(nearest, distance - radius)
                if distance < radius:
                    contact[i] = what
        clearance[i] = nearest
        _sense(
            s,
            solids,
            half_room,
            outlines,
            lens,
            radius,
            camera,
            rotation[i],
            boxes[i],
            ranges[i],
            goal_distance[i],
        )


@njit(cache=True)
def _sense(
    s: Array, solids: Array, half_room: Array, outlines: Array, lens: Array, radius: float,
    camera: Array, rotation: Array, boxes: Array, ranges: Array, goal_distance: Array,
) -> None:  # fmt: skip
    """Fill truth boxes, ranges and goal surface distances of one drone. lens: offset (3), tan h, tan v."""
    quat_to_matrix(s[S.QUAT : S.QUAT + 4], rotation)
    for axis in range(3):
        camera[axis] = s[S.POS + axis]
        for j in range(3):
            camera[axis] += rotation[axis, j] * lens[j]
    boxes[:, 0] = -1.0
    truth_boxes(solids, outlines, rotation, camera, lens[3], lens[4], boxes)
    multi_ranger(solids, half_room, s[S.POS], s[S.POS + 1], s[S.POS + 2], rotation, ranges)
    goal_distance[:] = np.inf
    for k in range(solids.shape[0]):
        goal = int(solids[k, 9])
        if goal < NUM_GOALS:
            d = signed_distance(solids[k], s[S.POS], s[S.POS + 1], s[S.POS + 2]) - radius
            goal_distance[goal] = min(goal_distance[goal], d)


@njit(cache=True)
def _sense_all(
    state: Array, objects: Array, count: NDArray[np.int64], half_room: Array, outlines: Array, lens: Array,
    radius: float, rotation: Array, boxes: Array, ranges: Array, goal_distance: Array,
    rows: NDArray[np.int64],
) -> None:  # fmt: skip
    camera = np.empty(3)
    for i in rows:
        _sense(
            state[i], objects[i, : count[i]], half_room, outlines, lens, radius, camera,
            rotation[i], boxes[i], ranges[i], goal_distance[i],
        )  # fmt: skip


class BatchCore:
    """State and truth of `batch` drones.

    After `reset` and `step` these hold, per drone: position (N, 3), attitude (N, 3) roll, pitch, yaw,
    velocity (N, 3) yaw-aligned body frame, yaw_rate (N,), boxes (N, M, 6) truth boxes, ranges (N, 5),
    goal_distance (N, K) surface to surface, contact (N,), clearance (N,) smallest distance to any solid.
    """

    def __init__(self, batch: int, camera: CameraModel = AI_DECK) -> None:
        self.batch = batch
        self.lens = np.array([*camera.offset_m, camera.tan_half_h, camera.tan_half_v])
        self.state = np.zeros((batch, S.SIZE))
        self.params = np.zeros((batch, P.SIZE))
        self.commands = np.zeros((batch, 3, 4))
        self.delay = np.full(batch, SUBSTEPS, np.int64)
        self.objects = np.zeros((batch, MAX_OBJECTS, len(OBJECT_COLUMNS)))
        self.count = np.zeros(batch, np.int64)
        self.half_room = np.array([2.0, 2.0, 2.5])
        self.contact = np.full(batch, NO_CONTACT, np.int64)
        self.clearance = np.full(batch, 1.0)
        self.rotation = np.zeros((batch, 3, 3))
        self.boxes = np.zeros((batch, MAX_OBJECTS, BOX_COLUMNS))
        self.ranges = np.zeros((batch, 5))
        self.goal_distance = np.full((batch, NUM_GOALS), np.inf)

    def place(self, i: int, scene: Scene, params: Array, *, delay_substeps: int, charge: float) -> None:
        """Put drone `i` hovering at the start of `scene`."""
        geometry = scene.geometry()
        self.objects[i, : len(geometry)] = geometry
        self.count[i] = len(geometry)
        self.params[i] = params
        self.delay[i] = delay_substeps
        self.commands[i] = 0.0
        x, y, z = scene.start.position
        hover_state(self.state[i], x, y, z, scene.start.yaw, charge, params)
        self.contact[i] = NO_CONTACT

    def sense(self, rows: NDArray[np.int64]) -> None:
        """Refresh what drones `rows` sense without moving; call after `place`."""
        _sense_all(
            self.state, self.objects, self.count, self.half_room, OUTLINES, self.lens, DRONE_RADIUS_M,
            self.rotation, self.boxes, self.ranges, self.goal_distance, rows,
        )  # fmt: skip

    def step(self, command: Array) -> None:
        """Advance all drones by one tick; `command` (N, 4) m/s, rad/s acts `delay` sub-steps later."""
        self.commands[:, :2] = self.commands[:, 1:]
        self.commands[:, 2] = command
        _step_all(
            self.state, self.params, self.commands, self.delay, self.objects, self.count, self.half_room,
            OUTLINES, self.lens, DRONE_RADIUS_M, self.contact, self.clearance, self.rotation, self.boxes,
            self.ranges, self.goal_distance,
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

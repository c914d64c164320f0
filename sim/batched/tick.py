"""One camera tick of one drone: sub-steps, contact, and what it then senses. Call it in any compiled loop."""

from __future__ import annotations

import numpy as np
from numba import njit
from numpy.typing import NDArray

from reprohrl.contracts.vocabulary import NUM_GOALS, WALL_ID
from sim.attitude import quat_to_matrix
from sim.batched.boxes import truth_boxes
from sim.batched.scratch import CAMERA, MAX_OBJECTS, Scratch, make_scratch
from sim.dynamics.compiled import entry
from sim.dynamics.layout import S
from sim.dynamics.step import PHYSICS_DT_S, step_drone
from sim.geometry import nearest_solid, signed_distance
from sim.ranger import range_cones

Array = NDArray[np.float64]

__all__ = [
    "CONTACT_FLOOR", "CONTACT_WALL", "MAX_OBJECTS", "NO_CONTACT", "fly_tick", "make_scratch", "sense",
]  # fmt: skip

CONTACT_EVERY = 4
"""Contacts are looked for at 60 Hz: 1 cm of flight at full speed."""

NO_CONTACT, CONTACT_WALL, CONTACT_FLOOR = -9, -1, -2
"""Contact codes besides the index of an object; inner walls count as walls, the ceiling as floor."""


@entry
def fly_tick(
    s: Array, p: Array, commands: Array, delay: int, substeps: int, solids: Array, half_room: Array,
    lens: Array, radius: float, scratch: Scratch, rotation: Array, boxes: Array, ranges: Array,
    goal_distance: Array,
) -> tuple[int, float]:  # fmt: skip
    """Advance one drone by a tick of `substeps` at 240 Hz and sense; return contact and clearance.

    s, p           (S.SIZE,) state, changed in place; (P.SIZE,) parameters
    commands       (3, 4) two ticks ago, the last, and the new one: vx, vy, vz [m/s], yaw rate [rad/s]
    delay          sub-steps from a command to its taking effect, 0 to 2 * substeps
    solids         (M, 10) rows of `OBJECT_COLUMNS`, M <= MAX_OBJECTS
    half_room      (3,) half x, half y, height [m]
    lens           (5,) the camera's place in the body [m], tan of its half angles across and up
    radius         of the drone [m]
    scratch        `make_scratch()`, any content; one per thread
    rotation       out (3, 3) body to world
    boxes          out (MAX_OBJECTS, 6) truth boxes, class -1 where nothing is seen
    ranges         out (5,) multi-ranger [m]
    goal_distance  out (NUM_GOALS,) surface to surface [m], inf without such a goal

    The contact is the first one of the tick: an object's index, CONTACT_WALL, CONTACT_FLOOR or NO_CONTACT;
    the clearance [m] is the smallest distance of the drone's surface to any solid, room included.
    """
    contact, clearance = NO_CONTACT, 1e9
    for sub in range(substeps):
        age = sub - delay
        which = 2 if age >= 0 else (1 if age >= -substeps else 0)
        step_drone(s, commands[which], p, PHYSICS_DT_S)
        if sub % CONTACT_EVERY == CONTACT_EVERY - 1:
            distance, what = nearest_solid(solids, half_room, s[S.POS], s[S.POS + 1], s[S.POS + 2])
            clearance = min(clearance, distance - radius)
            if distance < radius and contact == NO_CONTACT:
                contact = what
    if contact >= 0 and solids[contact, 9] == WALL_ID:
        contact = CONTACT_WALL
    sense(s, solids, half_room, lens, radius, scratch, rotation, boxes, ranges, goal_distance)
    return contact, clearance


@entry
def sense(
    s: Array, solids: Array, half_room: Array, lens: Array, radius: float, scratch: Scratch,
    rotation: Array, boxes: Array, ranges: Array, goal_distance: Array,
) -> None:  # fmt: skip
    """Fill what a drone senses where it is; see `fly_tick` for the arguments."""
    x, y, z = s[S.POS], s[S.POS + 1], s[S.POS + 2]
    quat_to_matrix(s[S.QUAT : S.QUAT + 4], rotation)
    camera = scratch[0][CAMERA]
    for axis in range(3):
        row = rotation[axis]
        camera[axis] = s[S.POS + axis] + row[0] * lens[0] + row[1] * lens[1] + row[2] * lens[2]
    truth_boxes(solids, rotation, camera, lens[3], lens[4], scratch, boxes)
    for k in range(solids.shape[0], boxes.shape[0]):
        boxes[k, 0] = -1.0
    range_cones(solids, half_room, x, y, z, rotation, scratch[2], ranges)
    measure_goals(solids, x, y, z, radius, goal_distance)


@njit(cache=True)
def measure_goals(solids: Array, x: float, y: float, z: float, radius: float, goal_distance: Array) -> None:
    """Surface to surface distance [m] of each goal class; not fastmath, which knows no infinity."""
    for goal in range(goal_distance.shape[0]):
        goal_distance[goal] = np.inf
    for k in range(solids.shape[0]):
        goal = int(solids[k, 9])
        if goal < NUM_GOALS:
            goal_distance[goal] = min(goal_distance[goal], signed_distance(solids[k], x, y, z) - radius)

"""`ObjectTracker`: detections and the drone's own motion become `ObjectFeatures`.

Batch first: the same arithmetic serves one drone in flight and a thousand in training.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from reprohrl.contracts.camera_model import AI_DECK, CameraModel
from reprohrl.contracts.detection import Detections
from reprohrl.contracts.features import MAX_AGE_S, NUM_FEATURES, F, ObjectFeatures
from reprohrl.contracts.state import DroneState
from reprohrl.contracts.vocabulary import NUM_GOALS, OBSTACLE_ID
from reprohrl.perception.bearing import box_depth, floor_depth, ray_of_pixel, wrap_angle
from reprohrl.perception.obstacles import LookedMemory, ObstacleMemory

Array = NDArray[np.float64]

BLEND = 0.4
"""Weight of a new position fix against the remembered one."""

GATE_M = 0.9
"""A fix farther than this from a well-established memory is treated as a false box."""

MAX_TRUST = 5
"""Fixes after which a memory counts as well established; each gated box takes one away."""


class ObjectTracker:
    """Remembers where each goal class was seen, what stands around the drone, and where it has looked.

    Positions are kept in the odom frame. One best box per class and frame is used.
    """

    def __init__(self, batch: int = 1, camera: CameraModel = AI_DECK) -> None:
        self.batch = batch
        self.camera = camera
        self._position: Array = np.zeros((batch, NUM_GOALS, 3))
        self._last_seen: Array = np.full((batch, NUM_GOALS), -np.inf)
        self._trust = np.zeros((batch, NUM_GOALS), np.int64)
        self._obstacles = ObstacleMemory(batch)
        self._looked = LookedMemory(batch, camera.hfov_rad)

    def reset(self, which: NDArray[np.bool_] | None = None) -> None:
        """Forget everything, for all drones or for those where `which` (batch,) is true."""
        rows = slice(None) if which is None else which
        self._position[rows] = 0.0
        self._last_seen[rows] = -np.inf
        self._trust[rows] = 0
        self._obstacles.reset(rows)
        self._looked.reset(rows)

    def update(self, detections: Detections, state: DroneState) -> ObjectFeatures:
        """One drone's step. `state` is the state the frame was taken in."""
        values, sectors, looked = self.update_batch(
            detections.dense()[None].astype(np.float64),
            np.array([state.position]),
            np.array([state.attitude]),
            np.array([state.height]),
            np.array([state.ranges], dtype=np.float64),
            np.array([state.stamp]),
        )
        return ObjectFeatures(values[0], sectors[0], looked[0], state, detections.stamp)

    def update_batch(
        self, dense: Array, position: Array, attitude: Array, height: Array, ranges: Array, stamp: Array
    ) -> tuple[NDArray[np.float32], NDArray[np.float32], NDArray[np.float32]]:
        """Step all drones.

        dense (N, D, 6) rows of `DENSE_COLUMNS`; position (N, 3) odom [m]; attitude (N, 3) [rad];
        height (N,) [m]; ranges (N, 5) [m]; stamp (N,) [s].
        Returns values (N, K, F), sectors (N, S), looked (N, B), all float32.
        """
        n = np.arange(self.batch)
        values = np.zeros((self.batch, NUM_GOALS, NUM_FEATURES))
        offset = np.array(self.camera.offset_m)
        class_id = dense[..., 0].astype(np.int64)
        yaw = attitude[:, 2]
        for goal in range(NUM_GOALS):
            score = np.where(class_id == goal, dense[..., 1], -1.0)
            best = score.argmax(axis=1)
            seen = score[n, best] > 0
            box = dense[n, best, 2:6]
            ray = ray_of_pixel(box[:, 0], box[:, 1], attitude, self.camera)
            depth = np.clip(box_depth(np.full(self.batch, goal), box, self.camera), 0.15, 6.0)
            fix = _to_odom(ray * depth[:, None] + offset, position, yaw)
            accepted = self._remember(goal, seen, fix, stamp)
            row = values[:, goal]
            row[:, F.VISIBLE] = accepted
            row[:, F.CX] = np.where(accepted, 2 * box[:, 0] - 1, 0.0)
            row[:, F.CY] = np.where(accepted, 2 * box[:, 1] - 1, 0.0)
            row[:, F.W] = np.where(accepted, box[:, 2], 0.0)
            row[:, F.H] = np.where(accepted, box[:, 3], 0.0)
            row[:, F.SCORE] = np.where(accepted, score[n, best], 0.0)
        self._write_memory(values, position, yaw, stamp)
        self._add_obstacle_boxes(dense, class_id, position, attitude, height, stamp)
        self._obstacles.add_ranges(position, yaw, ranges, stamp)
        sectors = self._obstacles.sectors(position, yaw, stamp)
        looked = self._looked.update(position, yaw, stamp)
        return values.astype(np.float32), sectors.astype(np.float32), looked.astype(np.float32)

    def _remember(
        self, goal: int, seen: NDArray[np.bool_], fix: Array, stamp: Array
    ) -> NDArray[np.bool_]:
        """Blend position fixes into the memory; return which were accepted."""
        old = self._position[:, goal]
        known = np.isfinite(self._last_seen[:, goal])
        far = np.linalg.norm(fix - old, axis=1) > GATE_M
        trust = self._trust[:, goal]
        rejected = seen & known & far & (trust >= 2)
        accepted = seen & ~rejected
        fresh = accepted & (~known | far)
        blended = np.where(fresh[:, None], fix, old + BLEND * (fix - old))
        self._position[:, goal] = np.where(accepted[:, None], blended, old)
        self._last_seen[:, goal] = np.where(accepted, stamp, self._last_seen[:, goal])
        trust = np.where(fresh, 1, np.where(accepted, trust + 1, np.where(rejected, trust - 1, trust)))
        self._trust[:, goal] = np.minimum(trust, MAX_TRUST)
        return accepted

    def _write_memory(self, values: Array, position: Array, yaw: Array, stamp: Array) -> None:
        known = np.isfinite(self._last_seen)
        age = np.minimum(np.where(known, stamp[:, None] - self._last_seen, MAX_AGE_S), MAX_AGE_S)
        delta = self._position - position[:, None]
        values[..., F.AGE] = age
        bearing = wrap_angle(np.arctan2(delta[..., 1], delta[..., 0]) - yaw[:, None])
        values[..., F.BEARING] = np.where(known, bearing, 0.0)
        values[..., F.RANGE] = np.where(known, np.hypot(delta[..., 0], delta[..., 1]), 0.0)
        values[..., F.DZ] = np.where(known, delta[..., 2], 0.0)

    def _add_obstacle_boxes(
        self,
        dense: Array,
        class_id: NDArray[np.int64],
        position: Array,
        attitude: Array,
        height: Array,
        stamp: Array,
    ) -> None:
        """Turn boxes of solids into points of the obstacle memory: where the box's sides stand."""
        solid = class_id == OBSTACLE_ID
        boxes = dense[..., 2:6]
        cx, cy, w, h = (boxes[..., i] for i in range(4))
        attitude = np.broadcast_to(attitude[:, None], (*cx.shape, 3))
        bottom = cy + h / 2
        on_floor = floor_depth(bottom, np.broadcast_to(height[:, None], cx.shape), attitude, cx, self.camera)
        by_width = box_depth(np.full(class_id.shape, OBSTACLE_ID), _as_cut_height(boxes), self.camera)
        distance = np.where(bottom < 0.985, on_floor, by_width)
        usable = solid & (distance < 3.0)
        for side in (-0.35, 0.35):
            ray = ray_of_pixel(cx + side * w, cy, attitude, self.camera)
            bearing = np.arctan2(ray[..., 1], ray[..., 0])
            self._obstacles.add(position, attitude[..., 2] + bearing, distance, usable, stamp)


def _as_cut_height(boxes: Array) -> Array:
    """Copy boxes with the height marked as cut by the border, so that only the width counts."""
    out = boxes.copy()
    out[..., 1], out[..., 3] = 0.5, 1.0
    return out


def _to_odom(body: Array, position: Array, yaw: Array) -> Array:
    """Map (N, 3) yaw-aligned body vectors to odom points."""
    c, s = np.cos(yaw), np.sin(yaw)
    x = position[:, 0] + c * body[:, 0] - s * body[:, 1]
    y = position[:, 1] + s * body[:, 0] + c * body[:, 1]
    return np.stack([x, y, position[:, 2] + body[:, 2]], axis=-1)

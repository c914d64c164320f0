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
from reprohrl.perception.bearing import (
    EDGE,
    NOMINAL_WIDTH_M,
    centre_depth,
    floor_depth,
    is_cut,
    ray_of_pixel,
    wrap_angle,
)
from reprohrl.perception.obstacles import LookedMemory, ObstacleMemory

Array = NDArray[np.float64]

BLEND = 0.4
"""Weight of a new position fix against the remembered one."""

GATE_M = 0.9
"""A fix farther than this from a well-established memory is treated as a false box."""

MIN_TRUST = 3
"""Fixes it takes before a memory is shown: one or two false boxes make none."""

NEW_CONFIDENCE = 0.5
"""Least confidence of a box that starts a memory or moves it elsewhere; weaker ones only refresh it.

Nor may such a box be cut by the image border: half an object is easily taken for another class."""

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
        values = np.zeros((self.batch, NUM_GOALS, NUM_FEATURES))
        class_id = dense[..., 0].astype(np.int64)
        yaw = attitude[:, 2]
        score, box = _best_boxes(dense, class_id)  # (N, K), (N, K, 4)
        ray = ray_of_pixel(box[..., 0], box[..., 1], attitude[:, None], self.camera)
        goals = np.broadcast_to(np.arange(NUM_GOALS), score.shape)
        depth = np.clip(centre_depth(goals, box, ray[..., 2], self.camera), 0.15, 6.0)
        fix = _to_odom(
            ray * depth[..., None] + np.array(self.camera.offset_m), position[:, None], yaw[:, None]
        )
        sure = (
            (score >= NEW_CONFIDENCE) & ~is_cut(box[..., 0], box[..., 2]) & ~is_cut(box[..., 1], box[..., 3])
        )
        accepted = self._remember(score > 0, sure, fix, stamp[:, None]) & (self._trust >= MIN_TRUST)
        values[..., F.VISIBLE] = accepted
        values[..., F.CX] = np.where(accepted, 2 * box[..., 0] - 1, 0.0)
        values[..., F.CY] = np.where(accepted, 2 * box[..., 1] - 1, 0.0)
        values[..., F.W] = np.where(accepted, box[..., 2], 0.0)
        values[..., F.H] = np.where(accepted, box[..., 3], 0.0)
        values[..., F.SCORE] = np.where(accepted, score, 0.0)
        self._write_memory(values, position, yaw, stamp)
        self._add_obstacle_boxes(dense, class_id, position, attitude, height, stamp)
        self._obstacles.add_ranges(position, yaw, ranges, stamp)
        sectors = self._obstacles.sectors(position, yaw, stamp)
        looked = self._looked.update(position, yaw, stamp)
        return values.astype(np.float32), sectors.astype(np.float32), looked.astype(np.float32)

    def _remember(
        self, seen: NDArray[np.bool_], sure: NDArray[np.bool_], fix: Array, stamp: Array
    ) -> NDArray[np.bool_]:
        """Blend position fixes (N, K, 3) into the memory where `seen` (N, K); return which were accepted.

        Only those that are `sure` may start a memory or move it elsewhere.
        """
        known = np.isfinite(self._last_seen)
        far = _squared_length(fix - self._position) > GATE_M**2
        rejected = seen & known & far & (self._trust >= MIN_TRUST)
        fresh = seen & ~rejected & (~known | far)
        accepted = seen & ~rejected & (sure | ~fresh)
        fresh &= accepted
        weight = np.where(fresh, 1.0, np.where(accepted, BLEND, 0.0))
        self._position += weight[..., None] * (fix - self._position)
        self._last_seen = np.where(accepted, stamp, self._last_seen)
        trust = np.where(fresh, 1, self._trust + (accepted & ~fresh) - rejected)
        self._trust = np.minimum(trust, MAX_TRUST)
        return accepted

    def _write_memory(self, values: Array, position: Array, yaw: Array, stamp: Array) -> None:
        known = np.isfinite(self._last_seen) & (self._trust >= MIN_TRUST)
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
        row, slot = np.nonzero(class_id == OBSTACLE_ID)
        if not len(row):
            return
        box, lean = dense[row, slot, 2:6], attitude[row]
        cx, cy, w, h = box.T
        bottom = cy + h / 2
        by_width = NOMINAL_WIDTH_M[OBSTACLE_ID] / np.maximum(w * 2 * self.camera.tan_half_h, 1e-3)
        on_floor = floor_depth(bottom, height[row], lean, cx, self.camera)
        distance = np.where(bottom < 1 - EDGE, on_floor, by_width)
        shape = class_id.shape
        for side in (-0.35, 0.35):
            ray = ray_of_pixel(cx + side * w, cy, lean, self.camera)
            heading, reach = np.zeros(shape), np.full(shape, np.inf)
            heading[row, slot] = lean[:, 2] + np.arctan2(ray[:, 1], ray[:, 0])
            reach[row, slot] = distance
            self._obstacles.add(position, heading, reach, reach < 3.0, stamp)


def _best_boxes(dense: Array, class_id: NDArray[np.int64]) -> tuple[Array, Array]:
    """Return confidence (N, K), -1 where absent, and box (N, K, 4) of each goal class's best detection."""
    match = class_id[:, None, :] == np.arange(NUM_GOALS)[:, None]
    score = np.where(match, dense[:, None, :, 1], -1.0)
    best = score.argmax(axis=2)
    rows = np.arange(len(dense))[:, None]
    return score[rows, np.arange(NUM_GOALS), best], dense[rows, best, 2:6]


def _squared_length(v: Array) -> Array:
    return v[..., 0] ** 2 + v[..., 1] ** 2 + v[..., 2] ** 2


def _to_odom(body: Array, position: Array, yaw: Array) -> Array:
    """Map yaw-aligned body vectors (..., 3) to odom points."""
    c, s = np.cos(yaw), np.sin(yaw)
    x = position[..., 0] + c * body[..., 0] - s * body[..., 1]
    y = position[..., 1] + s * body[..., 0] + c * body[..., 1]
    return np.stack([x, y, position[..., 2] + body[..., 2]], axis=-1)

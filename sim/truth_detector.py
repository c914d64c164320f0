"""Perception without pixels: truth boxes of the scene, exact (rung R0) or with a detector's errors (R1)."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from reprohrl.contracts.camera_model import AI_DECK, CameraModel
from reprohrl.contracts.detection import Detection, Detections
from reprohrl.contracts.drone import Frame
from reprohrl.contracts.vocabulary import DETECTOR_CLASSES, NUM_GOALS
from sim.attitude import camera_pose
from sim.batched.boxes import BOX_COLUMNS, truth_boxes
from sim.batched.scratch import make_scratch
from sim.camera import SimCamera
from sim.envs.detector_model import NO_ERRORS, DetectorErrors, begin_errors, detect
from sim.envs.random import new_streams
from sim.movers import move
from sim.render.camera import Rendered
from sim.scene import Scene

_SLOTS = NUM_GOALS + 10
"""Errors that last more than a frame belong to an object: a slot for each goal class, ten for obstacles."""


class BoxRenderer:
    """A renderer that leaves the picture blank and computes only the truth boxes: fast."""

    def __init__(self, scene: Scene, camera: CameraModel = AI_DECK) -> None:
        self._camera = camera
        self._objects, self._movers = scene.geometry(), scene.mover_rows()
        self._scratch = make_scratch(len(self._objects))
        self._pixels = np.zeros((camera.height, camera.width), np.uint8)
        self._segmentation = np.zeros((camera.height, camera.width), np.int16)

    def render(
        self,
        position: Sequence[float] | NDArray[np.float64],
        attitude: Sequence[float] | NDArray[np.float64],
        *,
        time_s: float = 0.0,
        blur_px: tuple[float, float] = (0.0, 0.0),
    ) -> Rendered:
        move(self._objects, self._movers, time_s)
        eye, rotation = camera_pose(self._camera, position, attitude)
        rows = np.empty((len(self._objects), BOX_COLUMNS))
        tan_h, tan_v = self._camera.tan_half_h, self._camera.tan_half_v
        truth_boxes(self._objects, rotation, eye, tan_h, tan_v, self._scratch, rows)
        named = rows[(rows[:, 0] >= 0) & (rows[:, 0] < len(DETECTOR_CLASSES))]
        boxes = tuple(Detection(int(r[0]), float(r[1]), *map(float, r[2:])) for r in named)
        return Rendered(self._pixels, self._segmentation, boxes)


class TruthDetector:
    """A detector that reads the truth of the camera's newest frame, then errs as `errors` says."""

    def __init__(self, camera: SimCamera, errors: DetectorErrors = NO_ERRORS, *, seed: int = 0) -> None:
        self._camera, self._errors = camera, errors
        self._streams = new_streams(1, seed)
        self._missed, self._alike = np.zeros(_SLOTS), np.zeros(_SLOTS)
        self._seen = np.empty((_SLOTS + 1, BOX_COLUMNS))
        begin_errors(self._streams, 0, errors, self._missed, self._alike)

    def detect(self, frame: Frame) -> Detections:
        """Return the boxes of `frame`, which must be the camera's newest."""
        truth = self._camera.last.boxes if self._camera.last is not None else ()
        if self._errors == NO_ERRORS:
            return Detections(frame.stamp, truth)
        detect(_in_slots(truth), self._errors, 1.0, self._streams, 0, self._missed, self._alike, self._seen)
        items = tuple(Detection(int(r[0]), float(r[1]), *map(float, r[2:])) for r in self._seen if r[0] >= 0)
        return Detections(frame.stamp, items)


def _in_slots(boxes: Sequence[Detection]) -> NDArray[np.float64]:
    """Return (_SLOTS, 6) rows: goals by class, then obstacles in their order; -1 where none is visible."""
    rows = np.full((_SLOTS, BOX_COLUMNS), -1.0)
    free = NUM_GOALS
    for box in boxes:
        slot = box.class_id if box.class_id < NUM_GOALS and rows[box.class_id, 0] < 0 else free
        free += slot == free
        if slot < _SLOTS:
            rows[slot] = (box.class_id, box.confidence, box.cx, box.cy, box.w, box.h)
    return rows

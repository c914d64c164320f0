"""Fly the camera, render, detect, compare with the truth boxes of the batched world."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

import numpy as np

from reprohrl.contracts.camera_model import AI_DECK
from reprohrl.contracts.detection import Detections
from reprohrl.contracts.drone import Frame
from reprohrl.contracts.vocabulary import DETECTOR_CLASSES
from sim.attitude import camera_pose
from sim.batched.boxes import BOX_COLUMNS, truth_boxes
from sim.batched.scratch import make_scratch
from sim.movers import move
from sim.noise_fit.flights import FLIGHT_FRAMES, fly
from sim.noise_fit.match import Rows, match_frame
from sim.noise_fit.records import Records, stack
from sim.render import RayCamera, Rendered
from sim.render.boxes import extents
from sim.scene import Scene
from sim.tasks import TASKS, VALIDATION_SEEDS, make_scene


class Detector(Protocol):
    def detect(self, frame: Frame) -> Detections: ...


def measure(
    detector: Detector,
    frames: int,
    *,
    grey: bool,
    validation: bool = False,
    seed: int = 0,
    progress: Callable[[int, int], None] | None = None,
) -> Records:
    """Return what `detector` makes of at least `frames` frames of flights in train-split scenes of all tasks.

    `validation`: fly the scenes kept for choosing settings instead, which no training pool holds.
    """
    flights = -(-frames // FLIGHT_FRAMES)
    parts = []
    for flight in range(flights):
        rng = np.random.default_rng([seed, int(validation), flight])
        number = int(rng.integers(VALIDATION_SEEDS.stop - VALIDATION_SEEDS.start))
        scene_seed = VALIDATION_SEEDS.start + number if validation else number
        scene = make_scene(TASKS[flight % len(TASKS)], scene_seed, "train")
        parts.append(_one_flight(detector, scene, flight, rng, grey))
        if progress is not None:
            progress((flight + 1) * FLIGHT_FRAMES, flights * FLIGHT_FRAMES)
    return stack(parts)


def _one_flight(
    detector: Detector, scene: Scene, flight: int, rng: np.random.Generator, grey: bool
) -> Records:
    objects, movers = scene.geometry(), scene.mover_rows()
    camera = RayCamera(scene, grey=grey, seed=int(rng.integers(1 << 31)))
    scratch, rows = make_scratch(len(objects)), np.empty((len(objects), BOX_COLUMNS))
    truth, found, false = [np.empty((0, 9))], [np.empty((0, 8))], [np.empty((0, 8))]
    for number, (time_s, pose) in enumerate(fly(scene, rng)):
        move(objects, movers, time_s)
        eye, rotation = camera_pose(AI_DECK, *pose)
        truth_boxes(objects, rotation, eye, AI_DECK.tan_half_h, AI_DECK.tan_half_v, scratch, rows)
        shown = np.flatnonzero((rows[:, 0] >= 0) & (rows[:, 0] < len(DETECTOR_CLASSES)))
        picture = camera.render(*pose, time_s=time_s)
        items = detector.detect(Frame(picture.pixels, time_s)).items
        seen = np.array([(d.class_id, d.confidence, d.cx, d.cy, d.w, d.h) for d in items], np.float64)
        matched, rest = match_frame(rows[shown], seen.reshape(-1, 6), _too_hidden(picture, scene, shown))
        where = np.tile((float(flight), float(number)), (len(shown), 1))
        truth.append(np.column_stack([where, shown, rows[shown]]))
        found.append(matched)
        false.append(np.column_stack([np.tile((float(flight), float(number)), (len(rest), 1)), rest]))
    return Records(np.concatenate(truth), np.concatenate(found), np.concatenate(false), FLIGHT_FRAMES)


def _too_hidden(picture: Rendered, scene: Scene, shown: np.ndarray) -> Rows:
    """Boxes (J, 4) of what the picture shows of objects that have no truth box."""
    height, width = picture.segmentation.shape
    boxes = []
    for index, row in enumerate(extents(picture.segmentation, len(scene.objects))):
        if row[0] > 0 and index not in shown and not scene.objects[index].is_wall:
            top, bottom = row[1] / height, (row[2] + 1) / height
            left, right = row[3] / width, (row[4] + 1) / width
            boxes.append(((left + right) / 2, (top + bottom) / 2, right - left, bottom - top))
    return np.array(boxes, np.float64).reshape(len(boxes), 4)

"""A made-up but complete flight log over a real scene, for tests of what is made from logs."""

from __future__ import annotations

import math

import cv2
import numpy as np

from reprohrl.contracts.command import VelocityCommand
from reprohrl.contracts.detection import Detection, Detections
from reprohrl.contracts.mission import Mission, MissionPhase, MissionStatus, Option, OptionKind
from reprohrl.contracts.state import DroneState
from reprohrl.contracts.vocabulary import NUM_GOALS
from reprohrl.flight.log import FlightHeader, FlightLog, LogRow, TruthRow, encode_frame
from sim.scene import Scene
from sim.tasks import make_scene

TICK = 0.1


def straight_flight(
    *, task: str = "MC-3", seed: int = 7, leg_ticks: int = 30, touch_wall: bool = False
) -> FlightLog:
    """Straight lines from the start to each goal of the scene, `leg_ticks` frames each."""
    scene = make_scene(task, seed)
    mission = Mission(scene.goals)
    header = FlightHeader(mission.names, "learned", "learned", "detector.onnx", task=task, seed=seed)
    header.scene = scene.to_dict()
    header.origin = (*scene.start.position[:2], 0.0, scene.start.yaw)
    log = FlightLog(header, outcome="all goals reached")
    here = np.array(scene.start.position)
    stamp = 100.0
    for index, goal in enumerate(scene.goals):
        solid = scene.goal_object(goal)
        assert solid is not None
        there = np.array(solid.position)
        way = (there - here) * (1 - 0.5 / max(0.51, float(np.linalg.norm(there - here))))
        for k in range(leg_ticks):
            last = index == len(scene.goals) - 1 and k == leg_ticks - 1
            at = here + way * k / leg_ticks
            yaw = math.atan2(way[1], way[0])
            log.add(_row(scene, mission, index + last, stamp, at, yaw, touch_wall and last))
            stamp += TICK
        here = here + way
    return log


def _distances(scene: Scene, at: np.ndarray) -> tuple[float, ...]:
    """Return the distance to each goal's centre, less 5 cm for the drone: roughly its surface distance."""
    solids = [scene.goal_object(k) for k in range(NUM_GOALS)]
    return tuple(
        math.inf if s is None else float(np.linalg.norm(np.array(s.position) - at)) - 0.05 for s in solids
    )


def _row(
    scene: Scene, mission: Mission, index: int, stamp: float, at: np.ndarray, yaw: float, touch: bool
) -> LogRow:
    done = index == len(mission.goals)
    goal = -1 if done else mission.goals[index]
    phase = MissionPhase.SUCCEEDED if done else MissionPhase.ACTIVE
    x, y, z = (float(v) for v in at)
    kind = OptionKind.SEARCH if stamp % 3 < 1 else OptionKind.GO_TO
    visible = kind is OptionKind.GO_TO and goal >= 0
    picture = np.full((244, 324), 120, np.uint8)
    cv2.circle(picture, (170, 120), 40, 220, -1)
    boxes = (Detection(goal, 0.91, 0.52, 0.49, 0.25, 0.33),) if visible else ()
    return LogRow(
        stamp=stamp,
        state=DroneState(stamp, (x, y, z), (0.3, 0.02, 0.0), (0.0, 0.05, yaw), 0.1, z, flying=True),
        detections=Detections(stamp, boxes),
        status=MissionStatus(mission, index, phase, stamp, goal_range_m=1.2 if visible else math.inf),
        option=Option(kind, goal, stamp, (0.7, 0.3)),
        command=VelocityCommand(0.4, 0.0, 0.0, 0.2, stamp),
        supervised=VelocityCommand(0.3, 0.0, 0.0, 0.2, stamp),
        reaction="limit" if stamp % 5 < 0.5 else "pass",
        latency_s={"detect": 0.011, "navigate": 0.0004, "total": 0.0121 + 0.002 * math.sin(stamp)},
        truth=TruthRow((x, y, z), (0.0, 0.05, yaw), "wall" if touch else "", _distances(scene, at)),
        jpeg=encode_frame(picture),
    )

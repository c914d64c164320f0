"""The flight behind flight.json: frames, states and every stage's answer, tick by tick.

Run this file to record it anew; that is a decision, not a repair.
"""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path
from typing import Any

from reprohrl.contracts.drone import Frame
from reprohrl.contracts.mission import Mission
from reprohrl.contracts.rates import TICK_S
from reprohrl.contracts.state import DroneState
from reprohrl.flight.pipeline import Pipeline, Step
from reprohrl.mission.tracker import MissionTracker
from reprohrl.perception.detector import OnnxDetector
from reprohrl.perception.tracker import ObjectTracker
from reprohrl.policies.navigator import OnnxNavigator
from reprohrl.policies.selector import OnnxSelector
from sim.render.camera import RayCamera
from sim.scene import Scene
from sim.simulation import SimulationConfig, open_simulation
from sim.tasks import make_scene

PATH = Path(__file__).with_name("flight.json")
TASK, SEED, TICKS = "MC-3", 3, 80


def scene() -> Scene:
    return make_scene(TASK, SEED, "test")


def new_pipeline() -> Pipeline:
    """The shipped stages, as `reprohrl fly` and the ROS nodes put them together."""
    mission = MissionTracker(Mission(scene().goals))
    return Pipeline(OnnxDetector(), ObjectTracker(), mission, OnnxSelector(), OnnxNavigator())


def answer(step: Step) -> dict[str, Any]:
    """What of a step the trace keeps."""
    c = step.command
    return {
        "boxes": [[d.class_id, d.confidence, d.cx, d.cy, d.w, d.h] for d in step.detections.items],
        "values": [float(v) for v in step.features.values[scene().goals[0]]],
        "sectors": [float(v) for v in step.features.sectors],
        "option": [int(step.option.kind), step.option.goal],
        "index": step.status.index,
        "command": [c.vx, c.vy, c.vz, c.yaw_rate],
    }


def record() -> list[dict[str, Any]]:
    """Fly the mission in lockstep on the compiled backend and return a row per tick."""
    rows = []
    config = SimulationConfig(backend="fast", airborne=True, seed=SEED)
    pipeline = new_pipeline()
    with open_simulation(scene(), config) as sim:
        sim.drone.connect()
        for _ in range(TICKS):
            frame = sim.camera.read(2 * TICK_S)
            if frame is None:
                raise RuntimeError("the simulated camera gave no frame")
            truth, state = sim.world.truth(), sim.drone.state()
            step = pipeline.step(frame, state)
            sim.drone.send(step.command)
            rows.append(
                {
                    "stamp": frame.stamp,
                    "position": [float(v) for v in truth.position],
                    "attitude": [float(v) for v in truth.attitude],
                    "state": asdict(state),
                    **answer(step),
                }
            )
    return rows


def replay() -> list[tuple[Frame, DroneState, dict[str, Any]]]:
    """Return each tick's frame, rendered again, its state, and what was recorded."""
    camera = RayCamera(scene(), grey=True, seed=SEED)
    out = []
    for row in json.loads(PATH.read_text(encoding="utf-8")):
        pixels = camera.render(row["position"], row["attitude"]).pixels
        s = {k: tuple(v) if isinstance(v, list) else v for k, v in row["state"].items()}
        out.append((Frame(pixels, row["stamp"]), DroneState(**s), row))
    return out


if __name__ == "__main__":
    text = json.dumps(record(), separators=(",", ":")).replace("},{", "},\n{")
    PATH.write_text(text + "\n", encoding="utf-8")

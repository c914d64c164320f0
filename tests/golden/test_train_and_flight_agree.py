"""What the agents saw and did in training is what they see and do in flight.

The batched world flies; the stages of the flight are given its detections and states, drone by drone.
"""

from __future__ import annotations

import numpy as np
import pytest

pytest.importorskip("numba")

from reprohrl.contracts.detection import Detection, Detections
from reprohrl.contracts.mission import Mission, MissionPhase, OptionKind
from reprohrl.contracts.state import DroneState
from reprohrl.flight.pipeline import Pipeline, Step
from reprohrl.mission.tracker import MissionTracker
from reprohrl.perception.tracker import ObjectTracker
from reprohrl.policies.normalisation import scale_observation
from reprohrl.policies.observation import (
    ACTION_SCALE,
    GO_TO,
    NAVIGATOR_SPEC,
    SELECTOR_SPEC,
    skill_of,
    write_navigator,
)
from reprohrl.policies.onnx_policy import OnnxPolicy
from reprohrl.policies.paths import model_path
from reprohrl.policies.registry import make_navigator, make_planner
from sim.envs.config import NavigationConfig
from sim.envs.levels import TwoLevelAgent
from sim.envs.navigation import BatchNavigation

DRONES, TICKS = 4, 150
VIEWS = ("values", "sectors", "looked", "routes")


def state_of(world: BatchNavigation, i: int) -> DroneState:
    return DroneState(
        float(world.time_s[i]),
        position=tuple(map(float, world.position[i])),
        velocity=tuple(map(float, world.velocity[i])),
        attitude=tuple(map(float, world.attitude[i])),
        yaw_rate=float(world.yaw_rate[i]),
        height=float(world.position[i, 2]),
        ranges=tuple(map(float, world.ranges[i])),
        flying=True,
    )


class Unsorted(Detections):
    """Boxes in the world's order and precision. A detector's come by confidence, in single precision; the
    memory of solids, which keeps the first of two points side by side, may then keep the other one."""

    def dense(self) -> np.ndarray:
        rows = [[d.class_id, d.confidence, d.cx, d.cy, d.w, d.h] for d in self.items]
        return np.array(rows, np.float64).reshape(-1, 6)


def detections_of(world: BatchNavigation, i: int) -> Detections:
    rows = world.detections[i]
    items = tuple(Detection(int(r[0]), *map(float, r[1:])) for r in rows if r[0] >= 0)
    return Unsorted(float(world.time_s[i]), items)


def raw_observation(world: BatchNavigation, i: int, step: Step) -> np.ndarray:
    """What the navigator sees of the flight's own features, under the world's option."""
    f, out = step.features, np.zeros(NAVIGATOR_SPEC.observation_size, np.float32)
    s = f.state
    write_navigator(
        int(world.skill[i]), int(world.target[i]), f.values, f.sectors, f.looked, f.routes,
        np.array(s.ranges), s.height, np.array(s.velocity), s.yaw_rate, world.action[i], out,
    )  # fmt: skip
    return out


def compare(task: str, method: str) -> float:
    """Fly missions in the batched world; return the share of frames that the flight answers alike."""
    config = NavigationConfig(tasks={task: 1.0}, scenes=9, home_share=0.0)
    world = BatchNavigation(DRONES, config, seed=5, by_rule=False)
    world.reset()
    if method == "learned":
        agent = TwoLevelAgent(
            "ours",
            OnnxPolicy.load(model_path("selector"), expect=SELECTOR_SPEC),
            OnnxPolicy.load(model_path("navigator"), expect=NAVIGATOR_SPEC),
        )
        names = ("learned", "learned")
    else:
        agent, names = TwoLevelAgent("routes", None, None), ("rule", "routes")
    pipelines = [
        Pipeline(
            None,
            ObjectTracker(),
            MissionTracker(Mission(tuple(int(g) for g in world.legs[i, : world.num_legs[i]]), 999.0)),
            make_planner(names[0]),
            make_navigator(names[1]),
        )
        for i in range(DRONES)
    ]
    alive, frames, alike = np.ones(DRONES, bool), 0, 0
    for tick in range(TICKS):
        action = agent.act(world)
        for i in np.flatnonzero(alive):
            step = pipelines[i].step_detections(detections_of(world, i), state_of(world, i))
            same = step.status.index == world.index[i]
            same &= (step.status.phase is MissionPhase.RETURNING) == bool(world.returning[i])
            for name in VIEWS:
                same &= np.allclose(getattr(step.features, name), getattr(world, name)[i], atol=1e-4)
            same &= skill_of(step.option.kind) == agent.skill[i]
            if step.option.kind is OptionKind.GO_TO:
                same &= step.option.goal == agent.target[i]
            c = step.command
            flown = np.array([c.vx, c.vy, c.vz, c.yaw_rate])
            same &= np.allclose(flown, action[i] * ACTION_SCALE, atol=1e-3)
            if tick > 0 and world.skill[i] <= GO_TO + 3:
                seen = scale_observation(NAVIGATOR_SPEC, raw_observation(world, i, step)[None])
                same &= np.allclose(seen, world.observation()[i], atol=1e-3)
            frames, alike = frames + 1, alike + bool(same)
        world.declare_absent(agent.absent)
        world.set_options(np.asarray(agent.skill), np.asarray(agent.target))
        _, _, terminated, truncated, _ = world.step(action)
        alive &= ~(terminated | truncated)
    assert frames > TICKS
    return alike / frames


@pytest.mark.parametrize("task", ["MC-3", "XA"])
def test_the_rule_and_the_pilot_fly_as_in_the_batched_world(task: str) -> None:
    assert compare(task, "routes") == 1.0


def test_the_learned_levels_fly_as_in_the_batched_world() -> None:
    assert compare("MC-3", "learned") > 0.99

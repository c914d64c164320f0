"""What the policies saw and did in training is what they see and do in flight."""

from __future__ import annotations

import numpy as np
import pytest

pytest.importorskip("numba")

from reprohrl.contracts.detection import Detection, Detections
from reprohrl.contracts.mission import Mission, MissionPhase, MissionStatus, Option, OptionKind
from reprohrl.contracts.state import DroneState
from reprohrl.perception.tracker import ObjectTracker
from reprohrl.policies.navigator import OnnxNavigator
from reprohrl.policies.observation import ACTION_SCALE, NAVIGATOR_SPEC, SELECTOR_SPEC, selector_observation
from reprohrl.policies.onnx_policy import OnnxPolicy
from reprohrl.policies.paths import model_path
from reprohrl.policies.selector import OnnxSelector, option_of
from sim.envs.config import NavigationConfig
from sim.envs.navigation import BatchNavigation

DRONES, TICKS = 3, 60


def state_of(env: BatchNavigation, i: int) -> DroneState:
    return DroneState(
        float(env.time_s[i]),
        position=tuple(map(float, env.position[i])),
        velocity=tuple(map(float, env.velocity[i])),
        attitude=tuple(map(float, env.attitude[i])),
        yaw_rate=float(env.yaw_rate[i]),
        height=float(env.position[i, 2]),
        ranges=tuple(map(float, env.ranges[i])),
        flying=True,
    )


def detections_of(env: BatchNavigation, i: int) -> Detections:
    rows = env.detections[i]
    items = tuple(Detection(int(r[0]), *map(float, r[1:])) for r in rows if r[0] >= 0)
    return Detections(float(env.time_s[i]), items)


def test_the_training_environment_and_the_flight_stages_compute_the_same() -> None:
    navigate = OnnxPolicy.load(model_path("navigator"), expect=NAVIGATOR_SPEC)
    select = OnnxPolicy.load(model_path("selector"), expect=SELECTOR_SPEC)
    env = BatchNavigation(DRONES, NavigationConfig(tasks={"MC-3": 1.0}, scenes=9), seed=5)
    env.reset()
    env.step(np.zeros((DRONES, 4), np.float32))
    trackers = [ObjectTracker() for _ in range(DRONES)]
    navigators, selector = [OnnxNavigator() for _ in range(DRONES)], OnnxSelector()
    alive = np.ones(DRONES, bool)
    compared = 0
    for _ in range(TICKS):
        action = navigate(env.observe_as(env.goal, env.go_to)) / ACTION_SCALE
        logits = select(
            selector_observation(
                env.values, env.looked, env.goal, env.num_legs - env.index, env.leg_s, env.ranges
            )
        )
        for i in np.flatnonzero(alive):
            features = trackers[i].update(detections_of(env, i), state_of(env, i))
            np.testing.assert_allclose(features.values, env.values[i], atol=1e-5)
            np.testing.assert_allclose(features.sectors, env.sectors[i], atol=1e-5)
            np.testing.assert_allclose(features.looked, env.looked[i], atol=1e-5)
            goal = int(env.goal[i])
            kind = OptionKind.GO_TO if env.go_to[i] else OptionKind.SEARCH
            command = navigators[i].act(features, Option(kind, goal))
            flown = np.array([command.vx, command.vy, command.vz, command.yaw_rate])
            np.testing.assert_allclose(flown, action[i] * ACTION_SCALE, atol=1e-4)
            legs = tuple(int(g) for g in env.legs[i, : env.num_legs[i]])
            status = MissionStatus(
                Mission(legs), int(env.index[i]), MissionPhase.ACTIVE, 0.0, leg_elapsed_s=float(env.leg_s[i])
            )
            top = np.sort(logits[i])[-2:]
            if top[1] - top[0] > 1e-3:
                chosen = selector.decide(features, status)
                wanted = option_of(int(logits[i].argmax()), goal, 0.0)
                assert (chosen.kind, chosen.goal) == (wanted.kind, wanted.goal)
            compared += 1
        _, _, terminated, truncated, _ = env.step(action.astype(np.float32))
        alive &= ~(terminated | truncated)
    assert compared > TICKS

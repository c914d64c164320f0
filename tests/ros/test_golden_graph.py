"""Same frames in, same commands out: the node graph computes what the in-process pipeline computes."""

from __future__ import annotations

import json
import math
from collections.abc import Iterator
from dataclasses import astuple
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from reprohrl.contracts.detection import Detections
from reprohrl.contracts.drone import Frame
from reprohrl.contracts.errors import ModelError
from reprohrl.contracts.mission import Mission, MissionPhase, OptionKind
from reprohrl.contracts.rates import TICK_S
from reprohrl.contracts.state import DroneState
from reprohrl.flight.pipeline import Pipeline, Step
from reprohrl.language.plain import mission_from_plain
from reprohrl.mission.tracker import MissionTracker
from reprohrl.perception.tracker import ObjectTracker
from reprohrl.policies.paths import model_path
from reprohrl.policies.registry import make_navigator, make_planner
from reprohrl_msgs import msg as m
from reprohrl_msgs.action import FlyMission
from ros_nodes import convert, qos
from ros_nodes.stamps import key, settled
from sim.render.camera import RayCamera
from sim.tasks import make_scene
from tests.ros.fake_drone import FakeDrone
from tests.ros.graph_under_test import Graph
from tests.ros.probe import Probe

pytestmark = pytest.mark.ros
STAGES = ("detector", "mission", "goal_selector", "navigator")
TICKS = 40


def has_models() -> bool:
    try:
        return all(model_path(name).is_file() for name in ("detector", "selector", "navigator"))
    except ModelError:
        return False


def recording(
    *, pixels: bool, ticks: int = TICKS, wall_m: float | None = None
) -> list[tuple[Frame, Detections, DroneState]]:
    """A tour through a test room: turning at the start, then forward. Odd numbers, nothing rounded.

    `wall_m`: what the range sensors say all around, as in a closet.
    """
    scene = make_scene("MC-3", 11)
    camera = RayCamera(scene, grey=True, seed=11)
    x, y, z = scene.start.position
    yaw, tour = scene.start.yaw, []
    for i in range(ticks):
        yaw += 0.13
        x, y = x + 0.005 * math.cos(yaw), y + 0.005 * math.sin(yaw)
        attitude = (0.01 * math.sin(i / 3), 0.02 * math.cos(i / 5), math.remainder(yaw, math.tau))
        seen = camera.render((x, y, z), attitude)
        stamp = settled(3.7 + i * TICK_S)
        ranges = (1.1 + i / 77, 0.9, 1.3, 1.7, 1.6) if wall_m is None else (*4 * (wall_m,), 1.6)
        state = DroneState(
            stamp, (x, y, z), (0.05, 1 / 3 * 0.01, -0.001), attitude, 1.3, z, ranges, 3.9, flying=True
        )
        pixel = seen.pixels if pixels else np.zeros((1, 1), np.uint8)
        tour.append((Frame(pixel, stamp), Detections(stamp, seen.boxes), state))
    return tour


@pytest.fixture
def graph_of(ros: int, tmp_path: Path) -> Iterator:
    started: list[Graph] = []
    probe = Probe("golden")

    def start(**values: str) -> tuple[Probe, FakeDrone]:
        started.append(Graph(ros, tmp_path, STAGES, lasting=True, **values))
        drone = FakeDrone(probe)
        many = {"features": 4, "option": 3}  # with the probe's own
        for topic, count in many.items():
            probe.until(lambda t=topic, c=count: probe.node.count_subscribers(t) >= c, topic, 60.0)
        return probe, drone

    yield start
    for graph in started:
        graph.close()
    probe.close()


def answers(message: Any, command: m.Command) -> bool:
    """Whether `message` belongs to the frame that `command` answers; topics arrive in any order."""
    return message is not None and key(message.header.stamp) == key(command.header.stamp)


@pytest.mark.parametrize("policies", ["scripted", "learned"])
def test_the_graph_computes_what_the_pipeline_computes(graph_of, policies: str) -> None:  # type: ignore[no-untyped-def]
    learned = policies == "learned"
    if learned and not has_models():
        pytest.skip("no trained models in models/")
    ticks = recording(pixels=learned)
    detector = None
    if learned:
        from reprohrl.perception.detector import OnnxDetector

        detector = OnnxDetector()
    mission = Mission.parse("cone,sphere,cube")
    pipeline = Pipeline(
        detector, ObjectTracker(), MissionTracker(mission), make_planner(policies), make_navigator(policies)
    )
    pipeline.reset(seed=0)
    probe, drone = graph_of(planner=policies, navigator=policies, detector="onnx" if learned else "truth")
    probe.node.create_publisher(m.SupervisorStatus, "supervisor_status", qos.LATCHED).publish(
        m.SupervisorStatus()
    )
    handle = probe.send_mission(*mission.names)
    assert handle.accepted
    drone.take_off(ticks[0][0] if learned else None)
    for frame, detections, state in ticks:
        wanted: Step
        if learned:
            wanted = pipeline.step(frame, state)
            got = drone.show(state, None, frame)
        else:
            wanted = pipeline.step_detections(detections, state)
            got = drone.show(state, detections)
        assert astuple(convert.command_from_msg(got)) == astuple(wanted.command)
        for topic in ("features", "option", "mission_status"):
            probe.until(lambda t=topic, c=got: answers(probe.newest(t), c), f"{topic} of this frame")
        features = convert.features_from_msg(probe.newest("features"))
        np.testing.assert_array_equal(features.values, wanted.features.values)
        np.testing.assert_array_equal(features.sectors, wanted.features.sectors)
        np.testing.assert_array_equal(features.looked, wanted.features.looked)
        np.testing.assert_array_equal(features.routes, wanted.features.routes)
        assert convert.option_from_msg(probe.newest("option")) == wanted.option
        assert convert.status_from_msg(probe.newest("mission_status")) == wanted.status
    assert wanted.features.values[:, 6].min() < 60.0, "the recording shows no goal at all"
    handle.cancel_goal_async()
    drone.rest(9.0)
    probe.until(lambda: drone.phase == m.DroneState.GROUND, "the landing")
    drone.rest(9.1)


def test_groups_and_what_is_to_be_avoided_are_computed_alike(graph_of) -> None:  # type: ignore[no-untyped-def]
    plain = {"steps": [["cone", "sphere"], "return"], "avoid": {"cube": 2.5, "obstacle": 1.5}}
    mission = mission_from_plain(plain)
    pipeline = Pipeline(
        None, ObjectTracker(), MissionTracker(mission), make_planner("rule"), make_navigator("routes")
    )
    pipeline.reset(seed=0)
    probe, drone = graph_of(planner="rule", navigator="routes", detector="truth")
    probe.node.create_publisher(m.SupervisorStatus, "supervisor_status", qos.LATCHED).publish(
        m.SupervisorStatus()
    )
    probe.until(probe.action.server_is_ready, "the action server", 40.0)
    sent = probe.action.send_goal_async(FlyMission.Goal(mission=json.dumps(plain)))
    probe.until(sent.done, "the goal's answer")
    assert sent.result().accepted
    drone.take_off()
    kept_away = 0
    for _, detections, state in recording(pixels=False):
        wanted = pipeline.step_detections(detections, state)
        got = drone.show(state, detections)
        probe.until(lambda c=got: answers(probe.newest("mission_status"), c), "the status of this frame")
        assert convert.status_from_msg(probe.newest("mission_status")) == wanted.status
        assert astuple(convert.command_from_msg(got)) == astuple(wanted.command)
        free = pipeline.navigator.act(wanted.features, wanted.option)
        kept_away += (free.vx, free.vy) != (wanted.command.vx, wanted.command.vy)
    assert kept_away, "nothing was ever kept away from: the test says nothing"
    sent.result().cancel_goal_async()
    drone.rest(9.0)
    probe.until(lambda: drone.phase == m.DroneState.GROUND, "the landing")
    drone.rest(9.1)


def test_a_goal_that_is_nowhere_is_given_up_and_the_mission_ends_at_home(graph_of) -> None:  # type: ignore[no-untyped-def]
    ticks = recording(pixels=False, ticks=340, wall_m=0.9)  # a goal is looked for 28 s before that
    mission = Mission.parse("torus")
    pipeline = Pipeline(
        None, ObjectTracker(), MissionTracker(mission), make_planner("rule"), make_navigator("routes")
    )
    pipeline.reset(seed=0)
    probe, drone = graph_of(planner="rule", navigator="routes", detector="truth")
    probe.node.create_publisher(m.SupervisorStatus, "supervisor_status", qos.LATCHED).publish(
        m.SupervisorStatus()
    )
    handle = probe.send_mission(*mission.names)
    drone.take_off()
    returned = False
    for _, detections, state in ticks:
        wanted = pipeline.step_detections(detections, state)
        got = drone.show(state, detections)
        probe.until(lambda c=got: answers(probe.newest("mission_status"), c), "the status of this frame")
        assert convert.status_from_msg(probe.newest("mission_status")) == wanted.status
        assert astuple(convert.command_from_msg(got)) == astuple(wanted.command)
        returned |= wanted.option.kind is OptionKind.RETURN
        if wanted.status.phase is MissionPhase.FAILED:
            break
    assert returned and wanted.status.reason == "torus is not here; back home"
    probe.until(lambda: drone.phase == m.DroneState.GROUND, "the landing")
    drone.rest(15.0)
    result = probe.result(handle).result
    assert not result.success and result.reason == "torus is not here; back home"

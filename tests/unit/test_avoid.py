"""Keeping away: a limiter that never brings the drone nearer, changes nothing else, and lets it get round."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reprohrl.contracts.camera_model import AI_DECK
from reprohrl.contracts.command import MAX_VX_MPS, MAX_VY_MPS, VelocityCommand
from reprohrl.contracts.detection import Detection, Detections
from reprohrl.contracts.features import MAX_AGE_S, NUM_FEATURES, NUM_HEADINGS, NUM_SECTORS, F, ObjectFeatures
from reprohrl.contracts.orders import Avoid
from reprohrl.contracts.state import DroneState
from reprohrl.contracts.vocabulary import NUM_GOALS, OBSTACLE_ID
from reprohrl.mission.avoid import GAIN_PER_S, MARGIN_M, keep_away
from reprohrl.mission.keeper import Keeper
from reprohrl.mission.reach import DRONE_RADIUS_M, NOMINAL_RADIUS_M
from reprohrl.mission.seen_solids import REMEMBER_S, SeenSolids

CUBE = 1
angles = st.floats(-math.pi, math.pi)
commands = st.builds(
    VelocityCommand, st.floats(-MAX_VX_MPS, MAX_VX_MPS), st.floats(-MAX_VY_MPS, MAX_VY_MPS),
    st.floats(-0.3, 0.3), st.floats(-1.5, 1.5), st.just(7.0),
)  # fmt: skip
things = st.lists(st.tuples(st.integers(0, NUM_GOALS - 1), angles, st.floats(0.0, 6.0)), max_size=6)
sectors = st.lists(st.floats(0.0, 2.0), min_size=NUM_SECTORS, max_size=NUM_SECTORS)


def features(known: list[tuple[int, float, float]], around: list[float] | None = None) -> ObjectFeatures:
    """Goal classes with bearing [rad] and range [m] of their centres."""
    values = np.zeros((NUM_GOALS, NUM_FEATURES), np.float32)
    values[:, F.AGE] = MAX_AGE_S
    for goal, bearing, distance in known:
        values[goal, F.AGE], values[goal, F.BEARING], values[goal, F.RANGE] = 1.0, bearing, distance
    free = np.array(around if around is not None else [2.0] * NUM_SECTORS, np.float32)
    return ObjectFeatures(values, free, np.zeros(NUM_HEADINGS, np.float32), DroneState(7.0), 7.0)


def spare(seen: ObjectFeatures, avoid: Avoid) -> float:
    row = seen.values[avoid.what]
    return float(row[F.RANGE] - NOMINAL_RADIUS_M[avoid.what]) - DRONE_RADIUS_M - avoid.distance_m - MARGIN_M


@settings(max_examples=300, deadline=None)
@given(commands, things, sectors, st.floats(0.2, 3.0))
def test_no_speed_toward_a_thing_is_more_than_its_distance_leaves(
    command: VelocityCommand, known: list[tuple[int, float, float]], around: list[float], distance: float
) -> None:
    seen = features(known, around)
    avoid = [Avoid(k, distance) for k in range(NUM_GOALS)]
    out = keep_away(command, seen, avoid)
    assert (out.vz, out.yaw_rate, out.stamp) == (command.vz, command.yaw_rate, command.stamp)
    assert abs(out.vx) <= MAX_VX_MPS + 1e-9 and abs(out.vy) <= MAX_VY_MPS + 1e-9
    for a in avoid:
        if seen.values[a.what, F.AGE] < MAX_AGE_S:
            bearing = float(seen.values[a.what, F.BEARING])
            toward = out.vx * math.cos(bearing) + out.vy * math.sin(bearing)
            assert toward <= max(GAIN_PER_S * spare(seen, a), 0.0) + 1e-5


@settings(max_examples=200, deadline=None)
@given(commands, angles, st.floats(0.0, 5.0))
def test_it_never_flies_faster_than_asked_but_to_back_off(
    command: VelocityCommand, bearing: float, away: float
) -> None:
    seen, avoid = features([(CUBE, bearing, away)]), Avoid(CUBE, 0.8)
    out = keep_away(command, seen, [avoid])
    if spare(seen, avoid) >= 0.0:
        assert math.hypot(out.vx, out.vy) <= math.hypot(command.vx, command.vy) + 1e-6
    elif command.vx == command.vy == 0.0 and spare(seen, avoid) < -0.05:
        assert out.vx * math.cos(bearing) + out.vy * math.sin(bearing) < -0.02


@given(commands, things)
def test_without_anything_to_avoid_or_far_from_it_the_command_stays_as_it_is(
    command: VelocityCommand, known: list[tuple[int, float, float]]
) -> None:
    assert keep_away(command, features(known), ()) is command
    assert Keeper().limit(command, features(known), Detections(7.0, ()), ()) is command
    assert keep_away(command, features([]), [Avoid(CUBE)]) is command
    assert keep_away(command, features([(CUBE, 0.3, 5.0)]), [Avoid(CUBE)]) == command


def test_what_is_not_a_number_is_left_to_the_supervisor() -> None:
    bad = VelocityCommand(math.nan, 0.0, 0.0, 0.0, 7.0)
    assert keep_away(bad, features([(CUBE, 0.0, 0.5)]), [Avoid(CUBE)]) is bad


@pytest.mark.parametrize("offset", [0.0, 0.15, -0.4])
@pytest.mark.parametrize("lag_s", [0.0, 0.3])
def test_a_drone_that_flies_at_a_goal_behind_it_gets_round_and_keeps_the_distance(
    offset: float, lag_s: float
) -> None:
    """A point with a velocity lag and 0.2 s of delay; the goal is 4 m ahead, the cube half way."""
    avoid, cube, goal = Avoid(CUBE, 0.6), np.array([2.0, offset]), np.array([4.0, 0.0])
    at, v, nearest = np.zeros(2), np.zeros(2), math.inf
    waiting = [np.zeros(2), np.zeros(2)]
    for _ in range(500):
        to_cube, to_goal = cube - at, goal - at
        seen = features([(CUBE, math.atan2(to_cube[1], to_cube[0]), float(np.hypot(*to_cube)))])
        wish = 0.3 * to_goal / max(float(np.hypot(*to_goal)), 0.3)
        out = keep_away(VelocityCommand(float(wish[0]), float(wish[1])), seen, [avoid])
        waiting.append(np.array([out.vx, out.vy]))
        v = v + (waiting.pop(0) - v) * (0.1 / lag_s if lag_s else 1.0)
        at = at + 0.1 * v
        gap = float(np.hypot(*(cube - at))) - float(NOMINAL_RADIUS_M[CUBE]) - DRONE_RADIUS_M
        nearest = min(nearest, gap)
    assert nearest >= 0.6
    assert np.hypot(*(goal - at)) < 0.3


def test_an_obstacle_seen_is_remembered_for_a_while_and_walls_are_none() -> None:
    """A box standing on the floor 2 m ahead, from 0.8 m up."""
    solids, v = SeenSolids(), 0.5 + (0.8 / 2.0) / (2 * AI_DECK.tan_half_v)
    box = Detection(OBSTACLE_ID, 0.9, 0.5, v - 0.2, 0.1, 0.4)
    state = DroneState(0.0, position=(1.0, 0.0, 0.8), height=0.8)
    [(bearing, distance)] = solids.update(Detections(0.0, (box,)), state)
    assert bearing == pytest.approx(0.0, abs=0.01) and distance == pytest.approx(2.0, abs=0.05)
    moved = DroneState(1.0, position=(2.0, 0.0, 0.8), attitude=(0.0, 0.0, math.pi / 2), height=0.8)
    [(bearing, distance)] = solids.update(Detections(1.0, ()), moved)
    assert bearing == pytest.approx(-math.pi / 2, abs=0.01) and distance == pytest.approx(1.0, abs=0.05)
    assert solids.update(Detections(REMEMBER_S + 1.0, ()), moved) == []
    near = DroneState(9.0, ranges=(0.3, 0.3, 0.3, 0.3, 4.0))
    assert solids.update(Detections(9.0, ()), near) == []


def test_people_are_kept_away_from_as_obstacles_are() -> None:
    keeper = Keeper()
    seen = features([])
    box = Detection(OBSTACLE_ID, 0.9, 0.5, 0.7, 0.2, 0.4)  # stands 1.5 m away
    frame = Detections(7.0, (box,))
    state = DroneState(7.0, height=0.8)
    seen = ObjectFeatures(seen.values, seen.sectors, seen.looked, state, 7.0)
    out = keeper.limit(VelocityCommand(vx=0.4), seen, frame, [Avoid(OBSTACLE_ID, 1.5)])
    assert out.vx <= 0.0

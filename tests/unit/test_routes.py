"""The floor map and the ways over it, in rooms whose walls are known to the test alone."""

from __future__ import annotations

import math

import numpy as np
import pytest

from reprohrl.contracts.features import HOME_ROUTE, MAX_ROUTE_M, PASS_ROUTE, SEARCH_ROUTE, ObjectFeatures, R
from reprohrl.contracts.rates import SELECTOR_EVERY
from reprohrl.mission.reach import HOME_M
from tests.unit.rooms import Room

SPHERE = 0
HALL = (-0.8, -0.8, 3.2, 0.8)


def follow(room: Room, route: int, *, until_m: float = 0.3, steps: int = 200) -> ObjectFeatures:
    """Fly from waypoint to waypoint, 5 cm a frame, until the way is short."""
    features = room.look()
    for _ in range(steps):
        bearing, ahead, length, _ = (float(v) for v in features.routes[route])
        if length < until_m:
            break
        heading = room.yaw + bearing
        step = min(0.05, ahead)
        features = room.go(room.x + step * math.cos(heading), room.y + step * math.sin(heading))
    return features


def test_before_anything_is_known_there_is_no_way_but_home() -> None:
    routes = Room(HALL).look().routes
    assert (routes[:SEARCH_ROUTE, R.LENGTH] == MAX_ROUTE_M).all()
    assert routes[HOME_ROUTE, R.LENGTH] < 0.3


def test_what_is_seen_through_becomes_floor_to_look_at_and_looking_uses_it_up() -> None:
    room = Room((-1.0, -1.0, 1.0, 1.0))
    first = room.turn(math.radians(60)).routes[SEARCH_ROUTE]
    assert first[R.AREA] > 0.3 and first[R.LENGTH] < MAX_ROUTE_M
    turns = [room.turn(room.yaw + math.radians(5)).routes for _ in range(3 * 72)]
    finished = [(r[[SEARCH_ROUTE, PASS_ROUTE], R.LENGTH] == MAX_ROUTE_M).all() for r in turns]
    assert any(finished), "there is nowhere else to look"
    over = finished.index(True)
    assert turns[over][SEARCH_ROUTE, R.AREA] == 0.0
    heard = finished[over:].index(False)
    assert heard >= SELECTOR_EVERY, "long enough for a planner to hear of it"
    assert turns[over + heard][SEARCH_ROUTE, R.AREA] > 0.3, "what was missed once is looked for again"


def test_the_search_leads_behind_a_wall_that_hides_part_of_the_room() -> None:
    room = Room((-1.0, -1.5, 3.0, 1.5), pillars=((1.0, -1.5, 1.2, 0.5),))
    room.turn()
    features = room.go(0.0, 1.0)
    features = room.turn()
    onward = features.routes[[SEARCH_ROUTE, PASS_ROUTE]]
    reachable = onward[onward[:, R.LENGTH] < MAX_ROUTE_M]
    assert len(reachable) and (reachable[:, R.AREA] > 0).any()


def test_home_is_as_far_as_was_flown() -> None:
    room = Room(HALL)
    room.turn()
    features = room.go(2.0, 0.0)
    assert features.routes[HOME_ROUTE, R.LENGTH] == pytest.approx(2.0, abs=0.4)
    assert abs(features.routes[HOME_ROUTE, R.BEARING]) == pytest.approx(math.pi, abs=0.3)


def test_the_way_home_leads_round_a_corner_and_never_through_the_wall() -> None:
    wall = (0.9, -1.5, 1.1, 0.6)
    room = Room((-1.0, -1.5, 3.0, 1.5), pillars=(wall,))
    room.turn()
    room.go(0.0, 1.05)
    room.go(2.0, 1.05)
    room.turn()
    features = room.go(2.0, -0.6)
    assert features.routes[HOME_ROUTE, R.LENGTH] > 3.0, "the straight line would be 2.1 m"
    follow(room, HOME_ROUTE, until_m=0.15)
    assert math.hypot(room.x, room.y) < HOME_M


def test_the_way_to_a_remembered_goal_goes_round_a_wall() -> None:
    wall = (0.9, -1.5, 1.1, 0.6)
    room = Room((-1.0, -1.5, 3.0, 1.5), pillars=(wall,), sphere=(2.3, -0.8))
    room.turn()
    room.go(0.0, 1.05)
    room.go(2.0, 1.05)
    room.turn(-math.pi / 2)
    for _ in range(10):
        room.look()
    room.go(0.0, 1.05)
    features = room.go(0.0, -0.6)
    straight = math.hypot(2.3, -0.2)
    assert features.routes[SPHERE, R.LENGTH] > straight + 0.8
    toward = math.atan2(-0.2, 2.3) - room.yaw
    assert math.cos(features.routes[SPHERE, R.BEARING] - toward) < 0.8


def test_far_from_where_the_map_is_there_are_no_ways_and_no_harm() -> None:
    room = Room((-1e4, -1e4, 1e4, 1e4))
    room.look()
    for x in (7.9, 8.1, 50.0, 1e3):
        room.x = x
        room.stamp += 1.0
        features = room.look()
        assert np.isfinite(features.routes).all()
    assert (features.routes[:, R.LENGTH] == MAX_ROUTE_M).all()

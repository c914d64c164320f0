"""The tracker: boxes become positions that survive turning away, and false boxes do not move them."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reprohrl.contracts.camera_model import AI_DECK
from reprohrl.contracts.detection import Detection, Detections
from reprohrl.contracts.features import MAX_AGE_S, MAX_ROUTE_M, MAX_SECTOR_M, F, R
from reprohrl.contracts.state import DroneState
from reprohrl.contracts.vocabulary import OBSTACLE_ID
from reprohrl.perception.tracker import ObjectTracker, track

SPHERE = 0


def sphere_ahead(distance_m: float, stamp: float, left_m: float = 0.0) -> Detections:
    """The box of a 0.3 m sphere at `distance_m` along the optical axis."""
    h = 0.30 / (distance_m * 2 * AI_DECK.tan_half_v)
    w = 0.30 / (distance_m * 2 * AI_DECK.tan_half_h)
    cx = 0.5 - left_m / distance_m / (2 * AI_DECK.tan_half_h)
    return Detections(stamp, (Detection(SPHERE, 0.9, cx, 0.5, w, h),))


def state(
    stamp: float, yaw: float = 0.0, position: tuple[float, float, float] = (0.0, 0.0, 1.0), **kw: object
) -> DroneState:
    return DroneState(stamp, position=position, attitude=(0.0, 0.0, yaw), height=position[2], **kw)  # type: ignore[arg-type]


def seen_thrice(tracker: ObjectTracker, distance_m: float) -> None:
    """Establish a memory at time 0."""
    for stamp in (-0.2, -0.1, 0.0):
        tracker.update(sphere_ahead(distance_m, stamp), state(stamp))


def test_one_box_alone_makes_no_memory() -> None:
    row = ObjectTracker().update(sphere_ahead(2.0, 0.0), state(0.0)).values[SPHERE]
    assert row[F.VISIBLE] == 0 and row[F.AGE] == MAX_AGE_S


def test_half_an_object_at_the_border_makes_no_memory_but_refreshes_one() -> None:
    tracker = ObjectTracker()
    for _ in range(5):
        row = tracker.update(Detections(0.0, (Detection(SPHERE, 0.9, 0.97, 0.5, 0.06, 0.2),)), state(0.0))
    assert row.values[SPHERE, F.AGE] == MAX_AGE_S
    seen_thrice(tracker, 2.0)
    away = math.radians(-38.0)
    cut = Detections(1.0, (Detection(SPHERE, 0.9, 0.06, 0.5, 0.11, 0.2),))
    assert tracker.update(cut, state(1.0, yaw=away)).values[SPHERE, F.AGE] == 0.0


def test_a_box_gives_bearing_and_range() -> None:
    tracker = ObjectTracker()
    for stamp in (-0.2, -0.1):
        tracker.update(sphere_ahead(2.0, stamp, left_m=0.5), state(stamp))
    row = tracker.update(sphere_ahead(2.0, 0.0, left_m=0.5), state(0.0)).values[SPHERE]
    assert row[F.VISIBLE] == 1
    assert row[F.RANGE] == pytest.approx(math.hypot(2.03, 0.5), abs=0.02)
    assert row[F.BEARING] == pytest.approx(math.atan2(0.5, 2.03), abs=0.01)
    assert row[F.DZ] == pytest.approx(0.0, abs=0.01)


def test_memory_turns_with_the_drone_and_ages() -> None:
    tracker = ObjectTracker()
    seen_thrice(tracker, 2.0)
    row = tracker.update(Detections(1.5, ()), state(1.5, yaw=math.pi / 2)).values[SPHERE]
    assert row[F.VISIBLE] == 0 and row[F.CX] == 0 and row[F.W] == 0
    assert row[F.BEARING] == pytest.approx(-math.pi / 2, abs=0.01)
    assert row[F.RANGE] == pytest.approx(2.03, abs=0.02)
    assert row[F.AGE] == pytest.approx(1.5)


def test_pitch_does_not_lift_the_object() -> None:
    pitch = 0.1  # nose down, REP-103
    box = sphere_ahead(2.0, 0.0).items[0]
    up = math.tan(pitch) / (2 * AI_DECK.tan_half_v)
    seen = Detections(0.0, (Detection(SPHERE, 0.9, box.cx, 0.5 - up, box.w, box.h),))
    tilted = DroneState(0.0, position=(0, 0, 1.0), attitude=(0.0, pitch, 0.0), height=1.0)
    tracker = ObjectTracker()
    for _ in range(2):
        tracker.update(seen, tilted)
    assert tracker.update(seen, tilted).values[SPHERE, F.DZ] == pytest.approx(0.0, abs=0.03)


def test_one_false_box_does_not_move_a_well_established_memory() -> None:
    tracker = ObjectTracker()
    for i in range(5):
        tracker.update(sphere_ahead(2.0, 0.1 * i), state(0.1 * i))
    row = tracker.update(sphere_ahead(0.5, 0.5), state(0.5)).values[SPHERE]
    assert row[F.VISIBLE] == 0
    assert row[F.RANGE] == pytest.approx(2.03, abs=0.05)


def test_repeated_boxes_elsewhere_win_in_the_end() -> None:
    tracker = ObjectTracker()
    for i in range(6):
        tracker.update(sphere_ahead(3.0, 0.1 * i), state(0.1 * i))
    for i in range(8):
        row = tracker.update(sphere_ahead(1.0, 1 + 0.1 * i), state(1 + 0.1 * i)).values[SPHERE]
    assert row[F.RANGE] == pytest.approx(1.03, abs=0.05)


def test_ranges_and_obstacle_boxes_fill_the_sectors() -> None:
    tracker = ObjectTracker()
    features = tracker.update(Detections(0.0, ()), state(0.0, ranges=(4.0, 4.0, 0.7, 4.0, 1.5)))
    assert features.sectors[4] == pytest.approx(0.7, abs=0.01)
    assert features.sectors[0] == MAX_SECTOR_M
    pillar = Detections(0.1, (Detection(OBSTACLE_ID, 0.9, 0.5, 0.45, 0.15, 0.9),))
    features = tracker.update(pillar, state(0.1))
    floor_hit = 1.0 / (0.4 * 2 * AI_DECK.tan_half_v)
    assert features.sectors[0] == pytest.approx(floor_hit, abs=0.1)


def test_looked_at_headings_follow_the_camera_and_fade() -> None:
    tracker = ObjectTracker()
    features = tracker.update(Detections(0.0, ()), state(0.0))
    assert features.looked[0] == 1 and features.looked[6] == 0
    features = tracker.update(Detections(15.0, ()), state(15.0, yaw=math.pi))
    assert features.looked[0] == 1 and 0.3 < features.looked[6] < 0.4


def test_reset_forgets() -> None:
    tracker = ObjectTracker()
    seen_thrice(tracker, 2.0)
    tracker.reset()
    assert tracker.update(Detections(0.1, ()), state(0.1)).values[SPHERE, F.AGE] == MAX_AGE_S


WILD = st.floats(-1e6, 1e6)
BOXES = st.lists(st.tuples(st.integers(0, 6), *(5 * [st.floats(0, 1)])), max_size=8)
RANGES = st.tuples(*(5 * [st.floats(0, 4)]))


@given(
    st.lists(st.tuples(BOXES, RANGES, st.tuples(WILD, WILD, WILD), st.tuples(*(3 * [st.floats(-7, 7)]))),
             min_size=1, max_size=6),
    st.floats(0.01, 100.0),
)  # fmt: skip
@settings(max_examples=150, deadline=None)
def test_nothing_that_a_frame_may_hold_breaks_the_features(frames: list[Any], dt: float) -> None:
    tracker = ObjectTracker()
    for k, (boxes, ranges, position, attitude) in enumerate(frames):
        stamp = 1.0 + k * dt
        seen = Detections(stamp, tuple(Detection(*box) for box in boxes))
        at = DroneState(stamp, position=position, attitude=attitude, height=position[2], ranges=ranges)
        f = tracker.update(seen, at)
        for part in (f.values, f.sectors, f.looked, f.routes):
            assert np.isfinite(part).all()
        assert (f.values[:, F.AGE] >= 0).all() and (f.values[:, F.AGE] <= MAX_AGE_S).all()
        assert (f.sectors >= 0).all() and (f.sectors <= MAX_SECTOR_M).all()
        assert (f.looked >= 0).all() and (f.looked <= 1).all()
        assert (f.routes[:, R.LENGTH] >= 0).all() and (f.routes[:, R.LENGTH] <= MAX_ROUTE_M).all()


def test_nothing_is_left_to_compile_in_flight() -> None:
    tracker = ObjectTracker()
    compiled = len(track.signatures)  # type: ignore[attr-defined]
    whole_numbers = DroneState(1, position=(0, 0, 1), attitude=(0, 0, 0), height=1, ranges=(4, 4, 4, 4, 4))
    tracker.update(sphere_ahead(2.0, 1.0), whole_numbers)
    tracker.update(sphere_ahead(2.0, 1.1), state(np.float64(1.1), ranges=tuple(np.full(5, 2.0))))
    assert len(track.signatures) == compiled  # type: ignore[attr-defined]

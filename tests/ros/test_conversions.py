"""Contracts survive the way through messages bit for bit."""

from __future__ import annotations

import math
from dataclasses import fields

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from rclpy.serialization import deserialize_message, serialize_message

from reprohrl.contracts.command import VelocityCommand
from reprohrl.contracts.detection import Detection, Detections
from reprohrl.contracts.drone import Frame
from reprohrl.contracts.features import NUM_FEATURES, NUM_ROUTES, ObjectFeatures
from reprohrl.contracts.mission import Mission, MissionPhase, MissionStatus, Option, OptionKind
from reprohrl.contracts.orders import Avoid, Condition, Ending, Quantity, Step, StepKind
from reprohrl.contracts.state import DroneState
from reprohrl.contracts.vocabulary import NUM_GOALS
from reprohrl.planners.trace import Step as TraceStep
from reprohrl.planners.trace import Trace
from reprohrl_msgs import msg as m
from ros_nodes import convert
from ros_nodes.stamps import key, settled, to_seconds, to_time

pytestmark = pytest.mark.ros

doubles = st.floats(-1e6, 1e6)
stamps = st.floats(0, 2e9).map(settled)
triples = st.tuples(doubles, doubles, doubles)
STATES = st.builds(
    DroneState, doubles, triples, triples, triples, doubles, doubles,
    st.tuples(doubles, doubles, doubles, doubles, doubles), doubles, doubles, st.booleans(),
)  # fmt: skip
rng = np.random.default_rng(3)


def over_the_wire(message: object) -> object:
    return deserialize_message(serialize_message(message), type(message))


@given(st.floats(0, 4e9))
def test_a_stamp_settles_after_one_pass(seconds: float) -> None:
    once = settled(seconds)
    assert settled(once) == once
    assert abs(once - seconds) <= max(1e-9, math.ulp(seconds))
    assert key(to_time(once)) == key(to_time(settled(once)))


@pytest.mark.parametrize("bad", [-0.1, math.nan, math.inf])
def test_a_time_that_is_none_is_refused(bad: float) -> None:
    with pytest.raises(ValueError, match="not a time"):
        to_time(bad)


def test_wall_clock_stamps_keep_their_double() -> None:
    assert to_seconds(to_time(1_700_000_000.123456789)) == 1_700_000_000.123456789


@given(STATES)
def test_states_keep_every_bit(state: DroneState) -> None:
    message = over_the_wire(convert.state_to_msg(state, flight=7, stamp=12.3))
    assert convert.state_from_msg(message) == state
    assert message.flight == 7 and key(message.header.stamp) == 12_300_000_000


@given(
    stamps, st.lists(st.tuples(st.integers(0, 6), doubles, doubles, doubles, doubles, doubles), max_size=16)
)
def test_detections_keep_every_bit(
    stamp: float, rows: list[tuple[int, float, float, float, float, float]]
) -> None:
    detections = Detections(stamp, tuple(Detection(*row) for row in rows))
    assert convert.detections_from_msg(over_the_wire(convert.detections_to_msg(detections))) == detections


def test_features_keep_their_float32_bits() -> None:
    state = DroneState(0.1 + 0.2, (0.1, 1 / 3, 0.7))
    values = rng.standard_normal((6, NUM_FEATURES)).astype(np.float32)
    sent = ObjectFeatures(
        values, rng.random(16).astype(np.float32), rng.random(12).astype(np.float32), state, 0.4,
        rng.standard_normal((NUM_ROUTES, 4)).astype(np.float32),
    )  # fmt: skip
    message = convert.features_to_msg(sent, state=convert.state_to_msg(state, flight=1))
    got = convert.features_from_msg(over_the_wire(message))
    assert got.state == state and got.stamp == 0.4
    for name in ("values", "sectors", "looked", "routes"):
        assert getattr(got, name).dtype == np.float32
        np.testing.assert_array_equal(getattr(got, name), getattr(sent, name))


@given(stamps, st.sampled_from(OptionKind), st.integers(-1, 5), st.lists(doubles, max_size=8))
def test_options_keep_the_stamp_of_their_decision(
    stamp: float, kind: OptionKind, goal: int, scores: list[float]
) -> None:
    option = Option(kind, goal, stamp, tuple(scores))
    message = convert.option_to_msg(option, stamp=to_time(stamp + 0.4), mission_id=3)
    assert convert.option_from_msg(over_the_wire(message)) == option


@st.composite
def missions(draw: st.DrawFn) -> Mission:
    """Any mission that the contracts allow: groups, other steps, things to avoid, conditions, rounds."""
    steps: list[Step] = []
    for kind in draw(st.lists(st.sampled_from(StepKind), max_size=5)):
        count = draw(st.integers(1, 3)) if kind is StepKind.VISIT else 1
        steps.append(Step(kind, count, draw(st.floats(0.5, 300.0)) if kind is StepKind.HOLD else 0.0))
    many = sum(s.count for s in steps if s.kind is StepKind.VISIT)
    size = (many, many) if steps else (0, 4)
    goals = tuple(draw(st.lists(st.integers(0, NUM_GOALS - 1), min_size=size[0], max_size=size[1])))
    others = st.sampled_from([k for k in range(NUM_GOALS + 1) if k not in goals])
    avoid = tuple(
        Avoid(k, draw(st.floats(0.2, 3.0))) for k in draw(st.lists(others, unique=True, max_size=2))
    )
    conditions = []
    for quantity in draw(st.lists(st.sampled_from(Quantity), unique=True)):
        by = draw(st.booleans())
        ending = Ending.RETURN if by else draw(st.sampled_from(Ending))
        value = draw(st.floats(0.0, 95.0, exclude_min=True, exclude_max=True))
        conditions.append(Condition(quantity, value, ending, by))
    repeat = draw(st.integers(0 if conditions else 1, 50))
    return Mission(goals, draw(st.floats(0.1, 1e4)), tuple(steps), avoid, tuple(conditions), repeat)


@given(
    stamps, missions(), st.sampled_from(MissionPhase), st.sampled_from(StepKind),
    st.lists(st.integers(0, NUM_GOALS - 1), max_size=3), st.booleans(), st.integers(0, 200),
)  # fmt: skip
def test_mission_status_keeps_every_bit(
    stamp: float, mission: Mission, phase: MissionPhase, step: StepKind, others: list[int], absent: bool,
    index: int,
) -> None:  # fmt: skip
    status = MissionStatus(
        mission, index, phase, stamp, 1.1, 0.7, math.inf, "why", step, tuple(others), absent
    )
    message = convert.status_to_msg(status, mission_id=2, stamp=to_time(stamp))
    assert convert.status_from_msg(over_the_wire(message)) == status


def test_every_field_of_a_mission_and_of_its_status_is_carried() -> None:
    """A field that is added to the contracts has to be added to the message, too."""
    sent = set(m.MissionStatus.get_fields_and_field_types())
    assert {f.name for f in fields(Mission)} | {f.name for f in fields(MissionStatus)} - {
        "mission",
        "stamp",
    } <= sent
    for kind, message in ((Step, m.MissionStep), (Avoid, m.MissionAvoid), (Condition, m.MissionCondition)):
        assert {f.name for f in fields(kind)} == set(message.get_fields_and_field_types())


words = st.text(st.characters(exclude_categories=("Cs",), exclude_characters="\0"), max_size=20)
TRACE_STEPS = st.builds(
    TraceStep, words, words, st.lists(words, max_size=3).map(tuple), words, doubles, st.integers(0, 10**6),
    doubles,
)  # fmt: skip


@given(
    st.builds(
        Trace,
        words,
        doubles,
        doubles,
        doubles,
        words,
        words,
        st.lists(TRACE_STEPS, max_size=3).map(tuple),
        words,
    )
)
def test_traces_keep_every_word(trace: Trace) -> None:
    message = convert.trace_to_msg(trace, stamp=to_time(1.0), mission_id=1, model="rules")
    assert convert.trace_from_msg(over_the_wire(message)) == trace


@given(stamps, doubles, doubles, doubles, doubles)
def test_commands_keep_every_bit(stamp: float, vx: float, vy: float, vz: float, rate: float) -> None:
    command = VelocityCommand(vx, vy, vz, rate, stamp)
    message = convert.command_to_msg(command, stamp=to_time(stamp))
    assert convert.command_from_msg(over_the_wire(message)) == command


@pytest.mark.parametrize("shape", [(244, 324), (244, 324, 3)])
def test_frames_keep_their_pixels(shape: tuple[int, ...]) -> None:
    pixels = rng.integers(0, 256, shape).astype(np.uint8)
    got = convert.frame_from_msg(over_the_wire(convert.frame_to_msg(Frame(pixels, 1.5))))
    assert got.stamp == 1.5
    np.testing.assert_array_equal(got.pixels, pixels)


def test_garbage_is_refused_in_words() -> None:
    with pytest.raises(ValueError, match="rows of 0"):
        convert.features_from_msg(m.ObjectFeatures())
    with pytest.raises(ValueError, match="7 route values"):
        convert.features_from_msg(
            m.ObjectFeatures(values=[0.0] * NUM_FEATURES, columns=NUM_FEATURES, routes=[0.0] * 7)
        )
    with pytest.raises(ValueError, match="200"):
        convert.option_from_msg(m.Option(kind=200))
    for bad in ({"phase": "dreaming"}, {"step": "dance"}, {"repeat": 0}, {"repeat": 200}):
        with pytest.raises(ValueError, match=r"dreaming|dance|never ends|200 rounds"):
            convert.status_from_msg(m.MissionStatus(**{"phase": "idle", "step": "visit", "repeat": 1, **bad}))
    with pytest.raises(ValueError, match="encoding ''"):
        convert.frame_from_msg(convert.Image())
    with pytest.raises(ValueError, match="0 bytes"):
        convert.frame_from_msg(convert.Image(encoding="mono8", width=4, height=4))

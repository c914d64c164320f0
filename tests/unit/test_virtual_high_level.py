"""The planner of the virtual Crazyflie plans what the firmware's does. Lockstep."""

from __future__ import annotations

import errno
import json
import math
import struct
import warnings
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from firmware_bridge.virtual.body import BodyState
from firmware_bridge.virtual.crtp import Packet, Port
from firmware_bridge.virtual.high_level import Definition, HighLevelCommander
from firmware_bridge.virtual.setpoint import Mode
from firmware_bridge.virtual.supervisor import Info
from firmware_bridge.virtual.trajectory import (
    PIECE_BYTES,
    Piece,
    Point,
    Trajectory,
    compressed_pieces,
    smooth_piece,
    stored_pieces,
)
from tests.fakes.lockstep_flight import LAND, TAKE_OFF, Flight, high_level, hovering

FINITE = st.floats(-5.0, 5.0)


def go_to(
    x: float, y: float, z: float, yaw: float = 0.0, *, relative: bool = False, linear: bool = False
) -> Packet:
    return high_level(12, "BBBfffff", 0, relative, linear, x, y, z, yaw, 2.0)


def upload(flight: Flight, data: bytes, address: int = 0) -> None:
    for start in range(0, len(data), 24):
        head = struct.pack("<BI", 1, address + start)
        reply = flight.send(Packet(Port.MEMORY, 2, head + data[start : start + 24]))
        assert reply == [head + b"\0"]


def piece(duration: float, **axes: list[float]) -> bytes:
    """A stored piece: coefficients by axis, lowest power first."""
    rows = [(axes.get(axis, []) + 8 * [0.0])[:8] for axis in ("x", "y", "z", "yaw")]
    return struct.pack("<33f", *rows[0], *rows[1], *rows[2], *rows[3], duration)


@settings(max_examples=60, deadline=None)
@given(
    st.lists(FINITE, min_size=4, max_size=4), st.lists(FINITE, min_size=4, max_size=4), st.floats(0.1, 20.0)
)
def test_a_planned_piece_joins_its_ends_smoothly(a: list[float], b: list[float], duration: float) -> None:
    start = Point(np.array(a), np.array(b), np.array([0.3, -0.2, 0.1, 0.0]))
    end = Point(np.array(b))
    planned = smooth_piece(start, end, duration)
    for t, point in ((0.0, start), (duration, end)):
        at = planned.at(t)
        assert at.value == pytest.approx(point.value, abs=1e-6)
        assert at.slope == pytest.approx(point.slope, abs=1e-5)
        assert at.bend == pytest.approx(point.bend, abs=1e-3)


def test_a_reversed_trajectory_ends_where_it_would_have_begun() -> None:
    pieces = (Piece(np.vstack([[0, 0, 1, 0], [1, 0, 0, 0], np.zeros((6, 4))]), 1.0),)
    there, back = Trajectory(pieces, 10.0, 2.0), Trajectory(pieces, 10.0, 2.0, reverse=True)
    assert there.duration == 2.0
    assert there.at(11.0).value[0] == pytest.approx(0.5)
    assert there.at(11.0).slope[0] == pytest.approx(0.5)
    assert back.at(10.5).value[0] == pytest.approx(0.75)
    assert back.at(10.5).slope[0] == pytest.approx(-0.5)
    assert back.at(99.0).value == pytest.approx([0, 0, 1, 0])
    assert back.at(99.0).slope == pytest.approx([0, 0, 0, 0])


def test_compressed_control_points_make_the_curves_they_stand_for() -> None:
    data = struct.pack("<4h", 100, 0, 500, 900) + struct.pack("<BH", 0b00_01_10_01, 2000)
    data += struct.pack("<h", 1100) + struct.pack("<3h", 0, 1000, 1000) + struct.pack("<h", 1500)
    data += struct.pack("<BH", 0, 0)
    (only,) = compressed_pieces(data, 0)
    assert only.duration == 2.0
    assert only.at(0.0).value == pytest.approx([0.1, 0.0, 0.5, math.pi / 2])
    assert only.at(1.0).value == pytest.approx([0.6, 0.5, 1.0, math.pi / 2])
    assert only.at(2.0).value == pytest.approx([1.1, 1.0, 1.5, math.pi / 2])


@settings(max_examples=100, deadline=None)
@given(st.binary(max_size=200), st.integers(0, 250))
def test_any_bytes_are_a_compressed_trajectory_or_an_error(data: bytes, offset: int) -> None:
    try:
        pieces = compressed_pieces(data, offset)
    except ValueError:
        return
    assert 1 <= len(pieces) <= 200 // 3 + 1


def test_pieces_outside_the_memory_are_an_error() -> None:
    with pytest.raises(ValueError, match="do not lie"):
        stored_pieces(bytes(4096), 4096 - PIECE_BYTES + 1, 1)


def test_take_off_in_the_air_and_a_second_landing_are_refused_with_one() -> None:
    flight = hovering()
    assert flight.send(TAKE_OFF)[0][3] == 1
    assert flight.send(LAND)[0][3] == 0
    flight.wait(0.5)
    assert flight.send(LAND)[0][3] == 1


def test_a_reply_repeats_the_first_three_bytes_of_the_command() -> None:
    flight = Flight()
    assert flight.send(TAKE_OFF) == [TAKE_OFF.data[:3] + b"\0"]
    assert flight.send(high_level(99, "BB", 1, 2)) == [bytes([99, 1, 2, errno.ENOEXEC])]
    assert flight.send(high_level(7, "B", 0))[0][3] == errno.ENOEXEC


def test_go_to_is_absolute_or_relative_and_may_be_linear() -> None:
    flight = hovering()
    flight.send(go_to(0.5, -0.4, 0.6, math.pi / 2))
    flight.wait(3.0)
    assert flight.body.position == pytest.approx([0.5, -0.4, 0.6], abs=0.05)
    assert flight.body.yaw == pytest.approx(math.pi / 2, abs=0.1)
    flight.send(go_to(0.2, 0.2, 0.1, relative=True, linear=True))
    flight.wait(1.0)
    assert flight.firmware.commander.setpoint.velocity[0] == pytest.approx(0.1)
    flight.wait(2.0)
    assert flight.body.position == pytest.approx([0.7, -0.2, 0.7], abs=0.05)


def test_yaw_goes_the_shorter_way_round() -> None:
    flight = hovering()
    flight.send(go_to(0.0, 0.0, 0.8, math.radians(170)))
    flight.wait(3.0)
    flight.send(go_to(0.0, 0.0, 0.8, math.radians(-170)))
    flight.wait(1.0)
    assert abs(flight.body.yaw) > math.radians(165)


def test_a_spiral_of_a_quarter_turn_ends_on_its_arc() -> None:
    flight = hovering()
    flight.send(high_level(11, "BBBfffff", 0, 0, 0, math.pi / 2, 0.5, 0.5, 0.2, 3.0))
    flight.wait(1.5)
    x, y, _ = flight.firmware.commander.setpoint.position
    assert math.hypot(x, y - 0.5) == pytest.approx(0.5, abs=0.03)  # the centre is to the left
    flight.wait(2.5)
    assert flight.body.position == pytest.approx([0.5, 0.5, 1.0], abs=0.08)
    assert flight.body.yaw == pytest.approx(math.pi / 2, abs=0.15)


def test_an_uploaded_trajectory_is_read_back_and_flown_scaled_and_shifted() -> None:
    flight = hovering()
    data = piece(1.0, x=[0.0, 0.4], z=[0.5]) + piece(1.0, x=[0.4], y=[0.0, 0.3], z=[0.5])
    upload(flight, data, 200)
    ask = struct.pack("<BIB", 1, 200, 20)
    assert flight.send(Packet(Port.MEMORY, 1, ask)) == [ask[:5] + b"\0" + data[:20]]
    assert flight.send(high_level(6, "BBBIB", 3, 1, 0, 200, 2)) == [bytes([6, 3, 1, 0])]
    flight.send(high_level(13, "BBBBBf", 0, 1, 0, 0, 3, 2.0))
    flight.wait(3.9)
    assert not flight.info & Info.HL_FINISHED
    flight.wait(1.0)
    assert flight.info & Info.HL_FINISHED
    assert flight.body.position == pytest.approx([0.4, 0.3, 0.8], abs=0.06)


def test_the_first_take_off_goes_straight_up_from_wherever_it_stands() -> None:
    flight = Flight()
    flight.body.position[:2] = [1.0, -2.0]
    flight.firmware.power_cycle()
    flight.send(TAKE_OFF)
    flight.wait(2.0)
    assert flight.body.position == pytest.approx([1.0, -2.0, 0.8], abs=0.05)


def test_a_trajectory_that_was_never_defined_changes_nothing() -> None:
    flight = hovering()
    assert flight.send(high_level(13, "BBBBBf", 0, 0, 0, 0, 9, 1.0))[0][3] == 0
    flight.wait(1.0)
    assert flight.body.position[2] == pytest.approx(0.8, abs=0.05)
    assert flight.send(high_level(6, "BBBIB", 31, 1, 0, 0, 1))[0][3] == errno.ENOEXEC


def test_compressed_trajectories_fly_at_their_own_pace_only() -> None:
    flight = hovering()
    upload(flight, struct.pack("<4hBHhBH", 0, 0, 800, 0, 1, 1000, 300, 0, 0))
    flight.send(high_level(6, "BBBIB", 0, 1, 1, 0, 2))
    assert flight.send(high_level(13, "BBBBBf", 0, 1, 0, 0, 0, 0.5))[0][3] == errno.ENOEXEC
    assert flight.send(high_level(13, "BBBBBf", 0, 1, 0, 1, 0, 1.0))[0][3] == errno.ENOEXEC
    assert flight.send(high_level(13, "BBBBBf", 0, 1, 0, 0, 0, 1.0))[0][3] == 0
    flight.wait(2.0)
    assert flight.body.position[0] == pytest.approx(0.3, abs=0.05)


def test_commands_for_other_groups_are_not_followed() -> None:
    flight = Flight()
    flight.set("hlCommander.groupmask", 0b10)
    for_others = Packet(Port.HIGH_LEVEL, 0, TAKE_OFF.data[:1] + b"\x01" + TAKE_OFF.data[2:])
    assert flight.send(for_others)[0][3] == 0
    flight.wait(1.0)
    assert flight.body.position[2] == 0.0
    flight.send(high_level(0, "B", 0b01))
    flight.send(for_others)
    flight.wait(2.0)
    assert flight.body.position[2] > 0.5


def test_take_off_and_landing_by_speed_take_as_long_as_they_need() -> None:
    flight = Flight()
    flight.send(high_level(9, "Bf?f?f", 0, 0.6, True, 0.0, True, 0.0))  # hlCommander.vtoff: 0.5 m/s
    flight.wait(1.0)
    assert 0.2 < flight.body.position[2] < 0.6
    flight.wait(1.5)
    assert flight.body.position[2] == pytest.approx(0.6, abs=0.05)
    flight.send(high_level(10, "Bf?f?f", 0, 0.6, True, 0.0, True, 0.6))
    flight.wait(2.5)
    assert not flight.body.motors


def test_stop_in_the_air_drops_it() -> None:
    flight = hovering()
    flight.send(high_level(3, "B", 0))
    flight.wait(0.06)
    assert not flight.body.motors


@pytest.mark.parametrize("value", [math.nan, math.inf, 3e38, 1e-40, -1.0])
def test_absurd_numbers_break_nothing(value: float) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        for command in range(16):
            flight = Flight()
            upload(flight, piece(value, x=[value, value]))
            flight.send(high_level(6, "BBBIB", 0, 1, 0, 0, 1))
            flight.send(Packet(Port.HIGH_LEVEL, 0, bytes([command, 0, 0, 0]) + struct.pack("<f", value) * 6))
            flight.send(Packet(Port.HIGH_LEVEL, 0, bytes([command, 0]) + struct.pack("<f", value) * 7))
            flight.wait(0.2)
            flight.send(high_level(13, "BBBBBf", 0, 0, 0, 0, 0, value))
            flight.wait(0.2)
            assert all(math.isfinite(v) for v in flight.body.position)


GOLDEN = json.loads((Path(__file__).parents[1] / "golden" / "firmware_planner.json").read_text())


def carry_out(planner: HighLevelCommander, do: str, args: list[Any]) -> int:
    """Give a command of the golden file."""
    if do == "take_off":
        return planner.take_off(*args)
    if do == "land":
        return planner.land(*args)
    if do == "go_to":
        target, yaw, duration, relative, linear = args
        return planner.go_to(tuple(target), yaw, duration, relative=relative, linear=linear)
    if do == "spiral":
        angle, radius, ascent, duration, sideways, clockwise = args
        return planner.spiral(angle, tuple(radius), ascent, duration, sideways=sideways, clockwise=clockwise)
    data = bytes.fromhex(args[0])
    planner.memory[: len(data)] = data
    if do == "compressed":
        planner.define(0, Definition(True, 0, 2))
        return planner.start(0, timescale=1.0, reverse=False, relative=args[1], relative_yaw=False)
    _, pieces, timescale, reverse, relative, relative_yaw = args
    planner.define(0, Definition(False, 0, pieces))
    return planner.start(
        0, timescale=timescale, reverse=reverse, relative=relative, relative_yaw=relative_yaw
    )


@pytest.mark.parametrize("case", GOLDEN["cases"], ids=lambda c: f"{c['start'][0]:g}")
def test_it_plans_what_the_firmwares_own_planner_returns(case: dict[str, Any]) -> None:
    now = [0.0]
    planner = HighLevelCommander(lambda: now[0])
    x, y, z, yaw = case["start"]
    body = BodyState((x, y, z), attitude=(0.0, 0.0, yaw))
    planner.setpoint(body)
    for step in case["steps"]:
        now[0] = step["at"]
        planner.setpoint(body)
        assert carry_out(planner, step["do"], step["args"]) == 0
        for t, *expected in step["points"]:
            now[0] = t
            setpoint = planner.setpoint(body)
            assert setpoint is not None
            if setpoint.mode is Mode.OFF:  # landed
                continue
            assert setpoint.position == pytest.approx(expected[:3], abs=1e-3), step["do"]
            assert abs(math.remainder(setpoint.yaw - expected[3], 2 * math.pi)) < 1e-3, step["do"]
            assert setpoint.velocity == pytest.approx(expected[4:], abs=3e-3), step["do"]

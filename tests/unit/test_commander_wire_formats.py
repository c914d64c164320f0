"""The virtual firmware reads what stock cflib writes, in the firmware's units and signs."""

from __future__ import annotations

import math
import struct
from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from firmware_bridge.virtual import quaternion
from firmware_bridge.virtual.commander_types import FlightMode, WrongLengthError, decode_generic, decode_rpyt
from firmware_bridge.virtual.setpoint import OFF, Mode, Setpoint

cflib = pytest.importorskip("cflib.crazyflie.commander")


def sent(method: str, *values: Any) -> bytes:
    """What cflib's `Commander.method(*values)` puts on the wire, without the header."""
    packets: list[Any] = []
    cf = SimpleNamespace(
        send_packet=packets.append, platform=SimpleNamespace(get_protocol_version=lambda: 12)
    )
    getattr(cflib.Commander(cf), method)(*values)
    return bytes(packets[0].data)


def read(method: str, *values: Any) -> Setpoint:
    data = sent(method, *values)
    return decode_generic(data[0], data[1:])


def test_hover_is_body_velocity_with_degrees_per_second_and_an_absolute_height() -> None:
    s = read("send_hover_setpoint", 0.3, -0.2, 90.0, 0.75)
    assert (s.mode, s.body_frame, s.hold_z) == (Mode.VELOCITY, True, True)
    assert s.velocity == pytest.approx((0.3, -0.2, 0.0))
    assert s.position[2] == pytest.approx(0.75)
    assert s.yaw_rate == pytest.approx(math.pi / 2)


def test_velocity_is_in_the_world_frame() -> None:
    s = read("send_velocity_world_setpoint", 0.1, 0.2, 0.3, -45.0)
    assert (s.mode, s.body_frame, s.hold_z) == (Mode.VELOCITY, False, False)
    assert s.velocity == pytest.approx((0.1, 0.2, 0.3))
    assert s.yaw_rate == pytest.approx(-math.pi / 4)


def test_position_has_its_yaw_in_degrees() -> None:
    s = read("send_position_setpoint", 1.0, 2.0, 0.5, 180.0)
    assert s.mode is Mode.POSITION
    assert s.position == pytest.approx((1.0, 2.0, 0.5))
    assert s.yaw == pytest.approx(math.pi)


def test_full_state_is_in_millimetres_with_a_packed_quaternion() -> None:
    q = quaternion.from_rpy(0.0, 0.0, 1.0)
    s = read("send_full_state_setpoint", (1.0, -2.0, 0.5), (0, 0, 0), (0, 0, 0), q, 0, 0, 0)
    assert s.position == pytest.approx((1.0, -2.0, 0.5))
    assert s.yaw == pytest.approx(1.0, abs=0.01)


def test_forward_pitch_of_cflib_is_nose_down() -> None:
    s = decode_rpyt(sent("send_setpoint", 5.0, 10.0, 0.0, 40000))
    assert s.pitch == pytest.approx(math.radians(10.0))
    assert s.roll == pytest.approx(math.radians(5.0))
    assert s.thrust == 40000


@pytest.mark.parametrize(("thrust", "understood"), [(0, 0), (999, 0), (1000, 1000), (65535, 60000)])
def test_thrust_below_1000_is_none_and_above_60000_clipped(thrust: int, understood: int) -> None:
    assert decode_rpyt(sent("send_setpoint", 0.0, 0.0, 0.0, thrust)).thrust == understood


@pytest.mark.parametrize("kind", [1, 2, 3, 4, 5, 6, 8, 9, 10, 11])
def test_a_known_type_of_wrong_length_is_an_error(kind: int) -> None:
    with pytest.raises(WrongLengthError):
        decode_generic(kind, bytes(29))


@pytest.mark.parametrize("kind", [0, 12, 200])
def test_stop_and_unknown_types_are_motors_off_whatever_follows(kind: int) -> None:
    assert decode_generic(kind, bytes(29)) is OFF
    assert decode_generic(kind, b"") is OFF


def test_a_position_is_read_without_a_look_at_its_length() -> None:
    assert decode_generic(7, struct.pack("<fff", 1.0, 2.0, 0.5)).position == pytest.approx((1.0, 2.0, 0.5))


def test_alt_hold_has_a_climb_rate() -> None:
    s = decode_generic(4, struct.pack("<ffff", 0.0, 0.0, 90.0, 0.3))
    assert (s.mode, s.climb, s.yaw_rate) == (Mode.ATTITUDE, pytest.approx(0.3), pytest.approx(math.pi / 2))


def test_emulated_channels_are_sticks_of_50_degrees_and_full_thrust() -> None:
    s = decode_generic(3, struct.pack("<BHHHH", 0, 2000, 1500, 1500, 2000))
    assert s.roll == pytest.approx(-math.radians(50.0))
    assert (s.pitch, s.thrust) == (0.0, 65535)
    acro = decode_generic(3, struct.pack("<BHHHHH", 1, 2000, 1500, 1500, 2000, 1000))
    assert acro.roll == 0.0


@pytest.mark.parametrize(
    ("method", "legacy"),
    [("send_velocity_world_setpoint", 1), ("send_zdistance_setpoint", 2), ("send_hover_setpoint", 5)],
)
def test_old_hosts_turn_the_other_way(method: str, legacy: int) -> None:
    data = sent(method, 0.1, 0.2, 30.0, 0.4)
    new, old = decode_generic(data[0], data[1:]), decode_generic(legacy, data[1:])
    assert new.yaw_rate != 0.0
    assert replace(old, yaw_rate=-old.yaw_rate) == new or method == "send_velocity_world_setpoint"


@pytest.mark.parametrize(
    ("mode", "thrust", "expected"),
    [
        (FlightMode(alt_hold=True), 49150, Setpoint(Mode.ATTITUDE, thrust=49150, climb=0.5)),
        (FlightMode(alt_hold=True, pos_hold=True), 32767, Setpoint(Mode.VELOCITY)),
        (FlightMode(pos_set=True), 800, Setpoint(Mode.POSITION, position=(0.0, 0.0, 0.8), yaw=0.0)),
    ],
)
def test_flight_modes_change_what_the_sticks_mean(mode: FlightMode, thrust: int, expected: Setpoint) -> None:
    read_as = decode_rpyt(sent("send_setpoint", 0.0, 0.0, 0.0, thrust), mode)
    assert read_as.mode is expected.mode
    assert read_as.position == pytest.approx(expected.position)
    assert read_as.climb == (None if expected.climb is None else pytest.approx(expected.climb, abs=1e-3))


def test_a_stale_setpoint_is_levelled_and_keeps_what_it_asked_of_the_height() -> None:
    assert read("send_hover_setpoint", 0.3, 0.0, 90.0, 0.75).levelled() == Setpoint(
        Mode.ATTITUDE, velocity=(pytest.approx(0.3), 0.0, 0.0), body_frame=True, hold_z=True,
        position=(0.0, 0.0, 0.75), climb=0.0,
    )  # fmt: skip
    assert read("send_velocity_world_setpoint", 0.0, 0.0, 0.5, 0.0).levelled().climb == 0.5
    thrust = decode_rpyt(sent("send_setpoint", 5.0, 0.0, 0.0, 40000)).levelled()
    assert (thrust.roll, thrust.thrust) == (0.0, 40000)


def test_the_packed_quaternion_is_that_of_cflib() -> None:
    from cflib.utils.encoding import compress_quaternion, decompress_quaternion

    rng = np.random.default_rng(1)
    for _ in range(50):
        q = rng.normal(size=4)
        q /= np.linalg.norm(q)
        ours = (float(q[0]), float(q[1]), float(q[2]), float(q[3]))
        unpacked = np.array(quaternion.decompress(compress_quaternion(q)))
        assert abs(float(np.dot(unpacked, q))) > 0.9999
        assert abs(float(np.dot(decompress_quaternion(quaternion.compress(ours)), q))) > 0.9999

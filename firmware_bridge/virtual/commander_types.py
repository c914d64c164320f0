"""Wire formats of the setpoints on ports 3 and 7, as crtp_commander_generic.c of the firmware reads them."""

from __future__ import annotations

import math
import struct
from collections.abc import Callable

from firmware_bridge.virtual.quaternion import decompress, yaw_of
from firmware_bridge.virtual.setpoint import OFF, Mode, Setpoint

RPYT = struct.Struct("<fffH")
_VECTOR = struct.Struct("<ffff")
_FULL_STATE = struct.Struct("<hhhhhhhhhIhhh")
_MANUAL = struct.Struct("<fffHB")
MIN_THRUST, MAX_THRUST = 1000, 60000


class WrongLengthError(Exception):
    """A setpoint of a known type with the wrong length; the firmware asserts and reboots."""


def decode_rpyt(data: bytes) -> Setpoint:
    """Read roll, legacy pitch [deg], yaw rate [deg/s, clockwise] and thrust; below 1000 counts as 0."""
    roll, pitch, yaw_rate, thrust = RPYT.unpack(data)
    return Setpoint(
        Mode.ATTITUDE, roll=math.radians(roll), pitch=-math.radians(pitch), yaw_rate=-math.radians(yaw_rate),
        thrust=0 if thrust < MIN_THRUST else min(thrust, MAX_THRUST),
    )  # fmt: skip


def decode_generic(kind: int, body: bytes) -> Setpoint | None:
    """Read a setpoint of port 7; None for an unknown type.

    Raises `WrongLengthError` for a known type of the wrong length. Non-finite numbers are let through to
    the caller's check, as a struct cannot refuse them.
    """
    entry = _DECODERS.get(kind)
    if entry is None:
        return None
    size, reader = entry
    if len(body) != size:
        raise WrongLengthError(f"setpoint type {kind} with {len(body)} bytes instead of {size}")
    return reader(body)


def _stop(body: bytes) -> Setpoint:
    return OFF


def _velocity_world(body: bytes, sign: float = 1.0) -> Setpoint:
    vx, vy, vz, rate = _VECTOR.unpack(body)
    return Setpoint(Mode.VELOCITY, velocity=(vx, vy, vz), yaw_rate=sign * math.radians(rate))


def _z_distance(body: bytes, sign: float = 1.0) -> Setpoint:
    roll, pitch, rate, z = _VECTOR.unpack(body)
    return Setpoint(
        Mode.ATTITUDE, roll=math.radians(roll), pitch=-math.radians(pitch), hold_z=True,
        position=(0.0, 0.0, z), yaw_rate=sign * math.radians(rate),
    )  # fmt: skip


def _hover(body: bytes, sign: float = 1.0) -> Setpoint:
    vx, vy, rate, z = _VECTOR.unpack(body)
    return Setpoint(
        Mode.VELOCITY, velocity=(vx, vy, 0.0), body_frame=True, hold_z=True, position=(0.0, 0.0, z),
        yaw_rate=sign * math.radians(rate),
    )  # fmt: skip


def _position(body: bytes) -> Setpoint:
    x, y, z, yaw = _VECTOR.unpack(body)
    return Setpoint(Mode.POSITION, position=(x, y, z), yaw=math.radians(yaw))


def _full_state(body: bytes) -> Setpoint:
    x, y, z, vx, vy, vz, _ax, _ay, _az, quat, _rr, _pr, yaw_rate = _FULL_STATE.unpack(body)
    return Setpoint(
        Mode.POSITION, position=(x / 1000, y / 1000, z / 1000), velocity=(vx / 1000, vy / 1000, vz / 1000),
        yaw=yaw_of(decompress(quat)), yaw_rate=yaw_rate / 1000,
    )  # fmt: skip


def _manual(body: bytes) -> Setpoint:
    roll, pitch, rate, thrust, is_rate = _MANUAL.unpack(body)
    if is_rate:  # the body's inner loop takes angles; the firmware's acrobatic mode is not modelled
        roll = pitch = 0.0
    return Setpoint(
        Mode.ATTITUDE, roll=math.radians(roll), pitch=-math.radians(pitch), yaw_rate=math.radians(rate),
        thrust=0 if thrust < MIN_THRUST else min(thrust, MAX_THRUST),
    )  # fmt: skip


_DECODERS: dict[int, tuple[int, Callable[[bytes], Setpoint]]] = {
    0: (0, _stop),
    1: (_VECTOR.size, lambda b: _velocity_world(b, -1.0)),
    2: (_VECTOR.size, lambda b: _z_distance(b, -1.0)),
    5: (_VECTOR.size, lambda b: _hover(b, -1.0)),
    6: (_FULL_STATE.size, _full_state),
    7: (_VECTOR.size, _position),
    8: (_VECTOR.size, _velocity_world),
    9: (_VECTOR.size, _z_distance),
    10: (_VECTOR.size, _hover),
    11: (_MANUAL.size, _manual),
}


def is_finite(setpoint: Setpoint) -> bool:
    numbers = (*setpoint.velocity, *setpoint.position, setpoint.roll, setpoint.pitch, setpoint.yaw_rate)
    return all(math.isfinite(v) for v in numbers) and (setpoint.yaw is None or math.isfinite(setpoint.yaw))

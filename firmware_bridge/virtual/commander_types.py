"""Wire formats of the setpoints on ports 3 and 7, as crtp_commander_generic.c of the firmware reads them."""

from __future__ import annotations

import math
import struct
from collections.abc import Callable
from dataclasses import dataclass

from firmware_bridge.virtual.quaternion import decompress, yaw_of
from firmware_bridge.virtual.setpoint import OFF, Mode, Setpoint

RPYT = struct.Struct("<fffH")
_VECTOR = struct.Struct("<ffff")
_FULL_STATE = struct.Struct("<hhhhhhhhhIhhh")
_MANUAL = struct.Struct("<fffHB")
_CPPM = struct.Struct("<BHHHH")
MIN_THRUST, MAX_THRUST = 1000, 60000
_CPPM_TILT_DEG, _CPPM_YAW_DPS = 50.0, 400.0  # defaults of cppm.angRoll, angPitch, rateYaw


class WrongLengthError(Exception):
    """A setpoint of a known type with the wrong length; the firmware asserts and reboots."""


@dataclass(frozen=True, slots=True)
class FlightMode:
    """flightmode.* parameters: what the numbers of a roll-pitch-yaw-thrust setpoint mean."""

    alt_hold: bool = False
    pos_hold: bool = False
    pos_set: bool = False


def decode_rpyt(data: bytes, mode: FlightMode | None = None) -> Setpoint:
    """Read roll, legacy pitch [deg], yaw rate [deg/s, clockwise] and thrust; below 1000 counts as 0."""
    mode = mode or FlightMode()
    roll, pitch, yaw, thrust = RPYT.unpack(data)
    climb = (thrust - 32767.0) / 32767.0
    if mode.pos_hold and (mode.alt_hold or thrust >= MIN_THRUST):
        return Setpoint(
            Mode.VELOCITY, velocity=(pitch / 30.0, roll / 30.0, climb if mode.alt_hold else 0.0),
            yaw_rate=-math.radians(yaw),
        )  # fmt: skip
    if mode.pos_set and thrust:
        return Setpoint(Mode.POSITION, position=(-pitch, roll, thrust / 1000.0), yaw=math.radians(yaw))
    return Setpoint(
        Mode.ATTITUDE, roll=math.radians(roll), pitch=-math.radians(pitch), yaw_rate=-math.radians(yaw),
        climb=climb if mode.alt_hold else None,
        thrust=0 if thrust < MIN_THRUST else min(thrust, MAX_THRUST),
    )  # fmt: skip


def thrust_of_rpyt(data: bytes) -> int:
    """The raw thrust: a zero unlocks."""
    return int(RPYT.unpack(data)[3])


def decode_generic(kind: int, body: bytes) -> Setpoint:
    """Read a setpoint of port 7; an unknown type is motors off, as in the firmware.

    Raises `WrongLengthError` for a known type of the wrong length, where the firmware checks it: it does not
    for `stop` and `position`. Numbers that are not finite are let through, as the firmware does.
    """
    if kind == _CPPM_EMULATION:
        return _cppm(body)
    if kind == _POSITION:
        return _position(body)
    entry = _DECODERS.get(kind)
    if entry is None:
        return OFF
    size, reader = entry
    if len(body) != size:
        raise WrongLengthError(f"setpoint type {kind} with {len(body)} bytes instead of {size}")
    return reader(body)


def _velocity_world(body: bytes, sign: float = 1.0) -> Setpoint:
    vx, vy, vz, rate = _VECTOR.unpack(body)
    return Setpoint(Mode.VELOCITY, velocity=(vx, vy, vz), yaw_rate=sign * math.radians(rate))


def _z_distance(body: bytes, sign: float = 1.0) -> Setpoint:
    roll, pitch, rate, z = _VECTOR.unpack(body)
    return Setpoint(
        Mode.ATTITUDE, roll=math.radians(roll), pitch=-math.radians(pitch), hold_z=True,
        position=(0.0, 0.0, z), yaw_rate=sign * math.radians(rate),
    )  # fmt: skip


def _alt_hold(body: bytes) -> Setpoint:
    roll, pitch, rate, climb = _VECTOR.unpack(body)
    return Setpoint(
        Mode.ATTITUDE, roll=math.radians(roll), pitch=-math.radians(pitch), yaw_rate=math.radians(rate),
        climb=climb,
    )  # fmt: skip


def _hover(body: bytes, sign: float = 1.0) -> Setpoint:
    vx, vy, rate, z = _VECTOR.unpack(body)
    return Setpoint(
        Mode.VELOCITY, velocity=(vx, vy, 0.0), body_frame=True, hold_z=True, position=(0.0, 0.0, z),
        yaw_rate=sign * math.radians(rate),
    )  # fmt: skip


def _position(body: bytes) -> Setpoint:
    x, y, z, yaw = _VECTOR.unpack(body[: _VECTOR.size].ljust(_VECTOR.size, b"\0"))
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
        thrust=thrust,
    )  # fmt: skip


def _cppm(body: bytes) -> Setpoint:
    """Emulated channels of a remote control, 1000 to 2000 each; the auxiliary ones level or not."""
    if len(body) < _CPPM.size or len(body) != _CPPM.size + 2 * (body[0] & 0x0F):
        raise WrongLengthError(f"setpoint type {_CPPM_EMULATION} with {len(body)} bytes")
    _, roll, pitch, yaw, thrust = _CPPM.unpack_from(body)
    levels = len(body) < _CPPM.size + 2 or struct.unpack_from("<H", body, _CPPM.size)[0] >= 1500
    tilt = math.radians(_CPPM_TILT_DEG) if levels else 0.0
    return Setpoint(
        Mode.ATTITUDE, roll=-(roll - 1500) / 500 * tilt, pitch=(pitch - 1500) / 500 * tilt,
        yaw_rate=-(yaw - 1500) / 500 * math.radians(_CPPM_YAW_DPS),
        thrust=min(max(int((thrust - 1000) / 1000 * 65535), 0), 65535),
    )  # fmt: skip


_CPPM_EMULATION, _POSITION = 3, 7
_DECODERS: dict[int, tuple[int, Callable[[bytes], Setpoint]]] = {
    1: (_VECTOR.size, lambda b: _velocity_world(b, -1.0)),
    2: (_VECTOR.size, lambda b: _z_distance(b, -1.0)),
    4: (_VECTOR.size, _alt_hold),
    5: (_VECTOR.size, lambda b: _hover(b, -1.0)),
    6: (_FULL_STATE.size, _full_state),
    8: (_VECTOR.size, _velocity_world),
    9: (_VECTOR.size, _z_distance),
    10: (_VECTOR.size, _hover),
    11: (_MANUAL.size, _manual),
}

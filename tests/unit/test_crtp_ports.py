"""CRTP packets and port handlers: what goes in comes out, limits hold, and garbage changes nothing."""

from __future__ import annotations

import errno
import math
import struct

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from firmware_bridge.virtual import ports, quaternion
from firmware_bridge.virtual.clockwork import TICK_S
from firmware_bridge.virtual.crtp import MAX_DATA, Packet, Port, decode
from firmware_bridge.virtual.firmware import Firmware
from firmware_bridge.virtual.ports import console
from firmware_bridge.virtual.toc import checksum
from firmware_bridge.virtual.wire_types import LOG_TYPES, convert, size_of
from tests.fakes.kinematic_body import KinematicBody
from tests.fakes.lockstep_flight import Flight

_PORTS = st.integers(0, 15)
_CHANNELS = st.integers(0, 3)


def make_firmware() -> Firmware:
    return Firmware(KinematicBody(), console=lambda _text: None, send_log=lambda _data: None)


def log_id(flight: Flight, name: str) -> int:
    return [v.name for v in flight.firmware.variables].index(name)


def block(flight: Flight, ident: int, *names: str, kind: str | None = None) -> int:
    """Create a log block of variables as they are stored, or all as `kind`; return the errno."""
    items = b""
    for name in names:
        variable = flight.firmware.variables[log_id(flight, name)]
        items += struct.pack("<BH", LOG_TYPES[kind or variable.kind], log_id(flight, name))
    return flight.send(Packet(Port.LOG, 1, bytes([6, ident]) + items))[0][2]


def start(flight: Flight, ident: int, period_10ms: int) -> int:
    return flight.send(Packet(Port.LOG, 1, bytes([3, ident, period_10ms])))[0][2]


def param(flight: Flight, channel: int, *parts: bytes) -> list[bytes]:
    return flight.send(Packet(Port.PARAM, channel, b"".join(parts)))


@given(_PORTS, _CHANNELS, st.binary(max_size=MAX_DATA))
def test_a_packet_survives_the_wire(port: int, channel: int, data: bytes) -> None:
    assert decode(Packet(port, channel, data).encode()) == Packet(port, channel, data)


def test_a_packet_of_31_data_bytes_is_refused() -> None:
    with pytest.raises(ValueError, match="30 fit"):
        Packet(1, 0, bytes(31)).encode()
    assert decode(bytes(32)) is None
    assert decode(b"") is None


@settings(max_examples=150, deadline=None)
@given(st.lists(st.tuples(_PORTS, _CHANNELS, st.binary(max_size=MAX_DATA)), max_size=12))
def test_garbage_on_any_port_is_answered_with_packets_that_fit_or_not_at_all(
    garbage: list[tuple[int, int, bytes]],
) -> None:
    firmware = make_firmware()
    for port, channel, data in garbage:
        for reply in ports.handle(firmware, Packet(port, channel, data)):
            assert 1 <= len(reply.encode()) <= 31
        firmware.step(TICK_S)
    echo = Packet(Port.LINK, 0, b"\0ping")
    assert ports.handle(firmware, echo) == [echo]


@given(st.text(max_size=80))
def test_console_packets_hold_whole_characters(text: str) -> None:
    text = text.encode("utf-8", errors="replace").decode()
    assert "".join(p.data.decode("utf-8", errors="strict") for p in console.packets(text)) == text


def test_the_greeting_is_what_cflib_looks_for() -> None:
    (reply,) = ports.handle(make_firmware(), Packet(Port.LINK, 1, b"\0"))
    assert len(reply.data) == 30
    assert reply.data[:18] == b"Bitcraze Crazyflie"


def test_the_platform_says_protocol_12_and_its_firmware() -> None:
    flight = Flight()
    assert flight.send(Packet(Port.PLATFORM, 1, b"\0")) == [b"\0\x0c\0\0\0"]
    assert flight.send(Packet(Port.PLATFORM, 1, b"\x01"))[0].startswith(b"\x012026.08")
    assert flight.send(Packet(Port.PLATFORM, 1, b"\x02"))[0].startswith(b"\x02Crazyflie 2.1")
    assert flight.send(Packet(Port.PLATFORM, 0, b"\x01\x01")) == [b"\x01\x01\x01"]
    assert flight.send(Packet(Port.PLATFORM, 2, b"app")) == []


NAMES = [
    "acc.z", "baro.asl", "ctrltarget.vx", "ctrltarget.yaw", "ctrltarget.z", "gyro.x", "kalman.stateX",
    "kalman.varPX", "kalman.varX", "locSrv.qw", "motor.m1", "pm.batteryLevel", "pm.state", "pm.vbat",
    "pm.vbatMV", "radio.isConnected", "radio.rssi", "range.front", "range.zrange", "stabilizer.roll",
    "stabilizer.thrust", "stabilizer.yaw", "stateEstimate.pitch", "stateEstimate.qx", "stateEstimate.vx",
    "stateEstimate.x", "stateEstimateZ.quat", "stateEstimateZ.x", "supervisor.info", "sys.canfly",
    "sys.isFlying", "sys.isTumbled",
]  # fmt: skip
PARAMETERS = [
    "colAv.enable", "commander.enHighLevel", "deck.bcAI", "deck.bcFlow2", "deck.bcLighthouse4",
    "deck.bcMultiranger", "flightmode.stabModeYaw", "hlCommander.vland", "kalman.initialX",
    "kalman.resetEstimation", "led.bitmask", "locSrv.extPosStdDev", "motion.disable", "pid_rate.roll_kp",
    "pm.lowVoltage", "posCtlPid.xVelMax", "ring.effect", "stabilizer.controller", "stabilizer.estimator",
    "stabilizer.stop", "supervisor.prefltTimeout", "system.selftestPassed",
]  # fmt: skip


def test_the_tables_have_what_users_ask_for_and_change_their_checksum_with_their_content() -> None:
    firmware = make_firmware()
    logs, parameters = {v.name for v in firmware.variables}, {p.name for p in firmware.parameters.entries}
    assert not set(NAMES) - logs
    assert not set(PARAMETERS) - parameters
    assert len(logs) == len(firmware.variables) >= 60
    assert len(parameters) == len(firmware.parameters.entries) >= 40
    assert checksum(firmware.variables) != checksum(firmware.variables[1:])


def test_the_log_table_tells_its_limits_and_every_entry_fits() -> None:
    flight = Flight()
    (info,) = flight.send(Packet(Port.LOG, 0, b"\x03"))
    command, count, _, blocks, variables = struct.unpack("<BHIBB", info)
    assert (command, count, blocks, variables) == (3, len(flight.firmware.variables), 16, 128)
    for ident in range(count):
        (item,) = flight.send(Packet(Port.LOG, 0, b"\x02" + struct.pack("<H", ident)))
        assert len(item) <= MAX_DATA
        group, name, _ = item[4:].split(b"\0")
        assert b".".join((group, name)).decode() == flight.firmware.variables[ident].name
    assert flight.send(Packet(Port.LOG, 0, b"\x02\xff\xff")) == [b"\x02"]


def test_log_data_carry_block_milliseconds_and_values_at_their_period() -> None:
    flight = Flight()
    flight.body.battery_v = 3.9
    assert block(flight, 7, "pm.vbatMV", "stateEstimate.z", "pm.state") == 0
    assert start(flight, 7, 5) == 0
    flight.wait(1.0)
    assert len(flight.logged) == pytest.approx(20, abs=1)
    stamps = [int.from_bytes(data[1:4], "little") for data in flight.logged]
    assert stamps[-1] - stamps[0] == pytest.approx(50 * (len(stamps) - 1), abs=10)
    ident, volts, z, state = flight.logged[-1][0], *struct.unpack("<Hfb", flight.logged[-1][4:])
    assert (ident, volts, z, state) == (7, 3900, 0.0, 0)
    flight.send(Packet(Port.LOG, 1, b"\x04\x07"))
    flight.logged.clear()
    flight.wait(0.2)
    assert flight.logged == []


def test_periods_in_milliseconds_and_single_packets() -> None:
    flight = Flight()
    block(flight, 1, "pm.vbat")
    flight.send(Packet(Port.LOG, 1, b"\x08\x01" + struct.pack("<H", 500)))
    flight.wait(1.4)
    assert len(flight.logged) == 2
    start(flight, 1, 0)
    flight.wait(1.0)
    assert len(flight.logged) == 3


def test_the_log_keeps_the_firmwares_limits() -> None:
    flight = Flight()
    floats = [f"stateEstimate.{axis}" for axis in ("x", "y", "z", "vx", "vy", "vz", "ax")]
    assert block(flight, 0, *floats) == errno.E2BIG  # 28 bytes
    assert block(flight, 0, "pm.vbat") == errno.EEXIST
    assert block(flight, 1, *floats[:6], "pm.vbatMV") == 0  # 26 bytes
    for ident in range(2, 16):
        assert block(flight, ident, "pm.vbat") == 0
    assert block(flight, 16, "pm.vbat") == errno.ENOMEM
    assert start(flight, 99, 10) == errno.ENOENT
    assert flight.send(Packet(Port.LOG, 1, b"\x02\x63")) == [bytes([2, 0x63, errno.ENOENT])]
    assert flight.send(Packet(Port.LOG, 1, b"\x05")) == [b"\x05\0\0"]
    assert block(flight, 16, "pm.vbat") == 0
    assert flight.send(Packet(Port.LOG, 1, b"\x06\x11\x07\xff\xff"))[0][2] == errno.ENOENT


def test_more_than_128_variables_are_refused() -> None:
    flight = Flight()
    results = [block(flight, i, *["pm.batteryLevel"] * 9) for i in range(15)]
    assert results == [0] * 14 + [errno.ENOMEM]


@pytest.mark.parametrize(
    ("stored", "fetched", "value", "expected"),
    [
        ("u16", "u8", 300, b"\x2c"),
        ("float", "i16", -2.9, struct.pack("<h", -2)),
        ("u8", "float", 7, struct.pack("<f", 7.0)),
        ("float", "fp16", 0.5, struct.pack("<e", 0.5)),
        ("i8", "u32", -1, b"\xff\xff\xff\xff"),
        ("float", "u8", math.nan, b"\0"),
    ],
)
def test_a_variable_is_fetched_as_any_type(stored: str, fetched: str, value: float, expected: bytes) -> None:
    assert convert(stored, fetched, value) == expected


def test_a_read_only_parameter_does_not_answer_a_write() -> None:
    flight = Flight()
    ident = flight.firmware.parameters.ident("deck.bcAI")
    assert param(flight, 2, struct.pack("<HB", ident, 0)) == []
    assert flight.firmware.parameters.get("deck.bcAI") == 1


def test_parameters_are_read_written_and_unknown_ones_are_enoent() -> None:
    flight = Flight()
    ident = struct.pack("<H", flight.firmware.parameters.ident("posCtlPid.xKp"))
    assert param(flight, 1, ident) == [ident + b"\0" + struct.pack("<f", 2.0)]
    write = ident + struct.pack("<f", 1.5)
    assert param(flight, 2, write) == [write]
    assert param(flight, 1, ident) == [ident + b"\0" + struct.pack("<f", 1.5)]
    for channel in (1, 2):
        assert param(flight, channel, b"\xff\xff") == [bytes([0xFF, 0xFF, errno.ENOENT])]


def test_a_parameter_is_set_by_name_and_type() -> None:
    flight = Flight()
    head = b"\0ring\0effect\0"
    assert param(flight, 3, head, b"\x08\x05") == [head + b"\0"]
    assert flight.firmware.parameters.get("ring.effect") == 5
    assert param(flight, 3, head, b"\x09\x05\x00") == [head + bytes([errno.EINVAL])]
    assert param(flight, 3, b"\0deck\0bcAI\0", b"\x08\x05") == [b"\0deck\0bcAI\0" + bytes([errno.EACCES])]
    assert param(flight, 3, b"\0no\0pe\0", b"\x08\x05") == [b"\0no\0pe\0" + bytes([errno.ENOENT])]


def test_extended_types_defaults_and_persistence_answer_as_protocol_11_does() -> None:
    flight = Flight()
    idents = {
        name: struct.pack("<H", flight.firmware.parameters.ident(name))
        for name in ("pm.lowVoltage", "stabilizer.stop", "deck.bcAI")
    }
    low, stop, deck = idents.values()
    default = struct.pack("<f", 3.2)
    assert param(flight, 3, b"\x07", low) == [b"\x07" + low + b"\0\x01"]
    assert param(flight, 3, b"\x02", low) == [b"\x02" + low + b"\x01"]
    assert param(flight, 3, b"\x07", stop) == [b"\x07" + stop + bytes([errno.ENOENT])]
    assert param(flight, 3, b"\x08", low) == [b"\x08" + low + b"\0" + default]
    assert param(flight, 3, b"\x06", low) == [b"\x06" + low + default]
    assert param(flight, 3, b"\x08", deck) == [b"\x08" + deck + bytes([errno.ENOENT])]
    assert param(flight, 3, b"\x03", stop) == [b"\x03" + stop + bytes([errno.ENOENT])]
    assert param(flight, 3, b"\x04", low) == [b"\x04" + low + b"\0" + default]
    flight.set("pm.lowVoltage", 3.4)
    assert param(flight, 3, b"\x03", low) == [b"\x03" + low + b"\0"]
    assert param(flight, 3, b"\x04", low) == [b"\x04" + low + b"\x01" + default + struct.pack("<f", 3.4)]
    assert param(flight, 3, b"\x05", low) == [b"\x05" + low + b"\0"]
    assert param(flight, 3, b"\x05", low) == [b"\x05" + low + bytes([errno.ENOENT])]


def test_memories_are_listed_with_sizes_and_read_past_the_end_is_eio() -> None:
    flight = Flight()
    assert flight.send(Packet(Port.MEMORY, 0, b"\x01")) == [b"\x01\x02"]
    listed = [flight.send(Packet(Port.MEMORY, 0, bytes([2, i])))[0] for i in (0, 1)]
    assert [struct.unpack("<BBBI8s", item)[2:4] for item in listed] == [(0x15, 0x1000), (0x12, 4096)]
    past = struct.pack("<BIB", 1, 4090, 24)
    assert flight.send(Packet(Port.MEMORY, 1, past)) == [past[:5] + bytes([errno.EIO])]
    assert flight.send(Packet(Port.MEMORY, 2, past[:5] + bytes(24))) == [past[:5] + bytes([errno.EIO])]


def test_the_memory_tester_counts_wrong_bytes() -> None:
    flight = Flight()
    flight.send(Packet(Port.MEMORY, 2, struct.pack("<BI", 0, 10) + bytes(range(10, 30))))
    assert flight.firmware.tester.errors == 0
    flight.send(Packet(Port.MEMORY, 2, struct.pack("<BI", 0, 10) + bytes(20)))
    assert flight.firmware.tester.errors == 1
    flight.set("memTst.resetW", 1)
    flight.send(Packet(Port.MEMORY, 2, struct.pack("<BI", 0, 10) + bytes(range(10, 30))))
    assert flight.firmware.tester.errors == 0


def test_each_bit_of_the_supervisor_can_be_asked_for_by_itself() -> None:
    flight = Flight()
    (all_bits,) = flight.send(Packet(Port.SUPERVISOR, 0, b"\x0c"))
    (bits,) = struct.unpack("<H", all_bits[1:])
    assert all_bits[0] == 0x8C
    for bit in range(11):
        assert flight.send(Packet(Port.SUPERVISOR, 0, bytes([bit + 1]))) == [
            bytes([0x80 | bit + 1, bits >> bit & 1])
        ]
    assert flight.send(Packet(Port.SUPERVISOR, 0, b"\x0d")) == []


def test_positions_and_poses_from_outside_are_taken_down_by_address() -> None:
    flight = Flight()
    estimator = flight.firmware.estimator
    flight.send(Packet(Port.LOCALIZATION, 0, struct.pack("<fff", 1.0, 2.0, 3.0)))
    assert estimator.ext_position == (1.0, 2.0, 3.0)
    flight.send(Packet(Port.LOCALIZATION, 1, b"\x08" + struct.pack("<7f", 4, 5, 6, 0, 0, 1, 0)))
    assert (estimator.ext_position, estimator.ext_quaternion) == ((4.0, 5.0, 6.0), (0.0, 0.0, 1.0, 0.0))
    packed = struct.pack("<BhhhBhhh", 0x11, 9, 9, 9, 0xE7, 100, 200, 300)
    flight.send(Packet(Port.LOCALIZATION, 2, packed))
    assert estimator.ext_position == pytest.approx((0.1, 0.2, 0.3))
    turned = quaternion.from_rpy(0.0, 0.0, 1.0)
    pose = struct.pack("<BBhhhI", 9, 0xE7, 400, 500, 600, quaternion.compress(turned))
    flight.send(Packet(Port.LOCALIZATION, 1, pose))
    assert estimator.ext_quaternion == pytest.approx(turned, abs=2e-3)
    assert flight.send(Packet(Port.LOCALIZATION, 1, b"\x02\x05data")) == [b"\x02\x05\0"]


def test_the_accelerometer_feels_gravity_in_the_body_frame() -> None:
    tilted = quaternion.from_rpy(math.pi / 2, 0.0, 0.3)
    assert quaternion.to_body(tilted, (0.0, 0.0, 1.0)) == pytest.approx((0.0, 1.0, 0.0), abs=1e-9)


def test_the_same_packets_at_the_same_times_give_the_same_bytes() -> None:
    def flown() -> tuple[list[bytes], list[str]]:
        flight = Flight()
        block(flight, 1, "stateEstimate.x", "stateEstimate.z", "supervisor.info")
        start(flight, 1, 1)
        flight.send(Packet(Port.HIGH_LEVEL, 0, struct.pack("<BBff?f", 7, 0, 0.8, 0.0, True, 1.5)))
        flight.wait(2.0)
        flight.fly(1.0, vx=0.3)
        flight.wait(3.0)
        return flight.logged, flight.said

    assert flown() == flown()


def test_sizes_of_types() -> None:
    assert [size_of(kind) for kind in ("u8", "i16", "u32", "float", "fp16")] == [1, 2, 4, 4, 2]

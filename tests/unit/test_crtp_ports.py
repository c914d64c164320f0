"""CRTP packets and port handlers: what goes in comes out, and garbage changes nothing."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from firmware_bridge.virtual import ports
from firmware_bridge.virtual.clockwork import TICK_S
from firmware_bridge.virtual.crtp import MAX_DATA, Packet, Port, decode
from firmware_bridge.virtual.firmware import Firmware
from firmware_bridge.virtual.ports import console
from firmware_bridge.virtual.toc import checksum
from tests.fakes.kinematic_body import KinematicBody

_PORTS = st.integers(0, 15)
_CHANNELS = st.integers(0, 3)


def make_firmware() -> Firmware:
    return Firmware(KinematicBody(), console=lambda _text: None, send_log=lambda _data: None)


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


def test_the_tables_are_of_the_size_of_a_small_crazyflie_and_change_their_checksum_with_their_content() -> (
    None
):
    firmware = make_firmware()
    assert len(firmware.parameters.entries) >= 40
    assert len(firmware.variables) >= 60
    assert checksum(firmware.variables) != checksum(firmware.variables[1:])


def test_a_read_only_parameter_does_not_answer_a_write() -> None:
    firmware = make_firmware()
    ident = [p.name for p in firmware.parameters.entries].index("deck.bcAI")
    assert ports.handle(firmware, Packet(Port.PARAM, 2, bytes([ident, 0, 0]))) == []
    assert firmware.parameters.get("deck.bcAI") == 1


def test_a_log_block_over_26_bytes_is_refused_with_e2big() -> None:
    firmware = make_firmware()
    seven_floats = b"".join(bytes([7, i, 0]) for i in range(7))
    (reply,) = ports.handle(firmware, Packet(Port.LOG, 1, bytes([6, 1]) + seven_floats))
    assert reply.data == bytes([6, 1, 7])

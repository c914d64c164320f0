"""Port 3: the legacy roll, pitch, yaw rate, thrust setpoint."""

from __future__ import annotations

from firmware_bridge.virtual.commander_types import RPYT, decode_rpyt, is_finite
from firmware_bridge.virtual.crtp import Packet
from firmware_bridge.virtual.firmware import Firmware


def handle(firmware: Firmware, packet: Packet) -> list[Packet]:
    if packet.channel == 0 and len(packet.data) == RPYT.size:
        setpoint = decode_rpyt(packet.data)
        if is_finite(setpoint):
            firmware.commander.offer_thrust(setpoint)
    return []

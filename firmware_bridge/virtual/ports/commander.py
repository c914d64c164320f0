"""Port 3: the legacy roll, pitch, yaw rate, thrust setpoint."""

from __future__ import annotations

from firmware_bridge.virtual.commander_types import RPYT, FlightMode, decode_rpyt, thrust_of_rpyt
from firmware_bridge.virtual.crtp import Packet
from firmware_bridge.virtual.firmware import Firmware
from firmware_bridge.virtual.setpoint import OFF, Priority


def handle(firmware: Firmware, packet: Packet) -> list[Packet]:
    if packet.channel != 0 or len(packet.data) < RPYT.size:
        return []
    data = packet.data[: RPYT.size]
    unlocked = firmware.commander.unlock_thrust(thrust_of_rpyt(data))
    get = firmware.parameters.get
    mode = FlightMode(
        bool(get("flightmode.althold")), bool(get("flightmode.poshold")), bool(get("flightmode.posSet"))
    )
    firmware.commander.offer(decode_rpyt(data, mode) if unlocked else OFF, Priority.CRTP)
    return []

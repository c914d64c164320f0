"""One file per CRTP port: each answers a packet with the packets the firmware would send."""

from __future__ import annotations

from collections.abc import Callable

from firmware_bridge.virtual.crtp import Packet, Port
from firmware_bridge.virtual.firmware import Firmware
from firmware_bridge.virtual.ports import (
    commander,
    commander_generic,
    high_level,
    link,
    localization,
    log,
    memory,
    param,
    platform,
    supervisor,
)

Handler = Callable[[Firmware, Packet], list[Packet]]

HANDLERS: dict[int, Handler] = {
    Port.PARAM: param.handle,
    Port.COMMANDER: commander.handle,
    Port.MEMORY: memory.handle,
    Port.LOG: log.handle,
    Port.LOCALIZATION: localization.handle,
    Port.COMMANDER_GENERIC: commander_generic.handle,
    Port.HIGH_LEVEL: high_level.handle,
    Port.SUPERVISOR: supervisor.handle,
    Port.PLATFORM: platform.handle,
    Port.LINK: link.handle,
}


def handle(firmware: Firmware, packet: Packet) -> list[Packet]:
    """Answer any packet; ports without a handler are silent."""
    handler = HANDLERS.get(packet.port)
    return handler(firmware, packet) if handler is not None else []

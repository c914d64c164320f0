"""`ShadowDrone`: a drone that somebody else flies or holds, watched as if we flew it."""

from __future__ import annotations

from dataclasses import replace

from firmware_bridge.observer import CrazyflieObserver
from reprohrl.contracts.state import DroneState


class ShadowDrone(CrazyflieObserver):
    """An observer whose states say that it flies: a held drone is judged as one that does."""

    def state(self) -> DroneState:
        return replace(super().state(), flying=True)

    def state_at(self, stamp: float) -> DroneState:
        return replace(super().state_at(stamp), flying=True)

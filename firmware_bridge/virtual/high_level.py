"""The high-level commander: take-off, land, go-to and stop, planned on board (planner.c of the firmware)."""

from __future__ import annotations

import math
from collections.abc import Callable
from enum import Enum

import numpy as np

from firmware_bridge.virtual.body import BodyState
from firmware_bridge.virtual.setpoint import OFF, Mode, Setpoint
from firmware_bridge.virtual.trajectory import Segment, segment


class PlannerState(Enum):
    STOPPED = "stopped"
    FLYING = "flying"
    LANDING = "landing"


class HighLevelCommander:
    """Plans from where the drone is, or from its own setpoint when it is already in charge."""

    def __init__(self, now: Callable[[], float]) -> None:
        self._now = now
        self.state = PlannerState.STOPPED
        self._segment: Segment | None = None

    def stop(self) -> None:
        """Forget the plan; the next setpoint is motors off."""
        self.state = PlannerState.STOPPED
        self._segment = None

    @property
    def finished(self) -> bool:
        return self._segment is None or self._segment.finished(self._now())

    def take_off(self, body: BodyState, height: float, yaw: float | None, duration: float) -> bool:
        """Climb to an absolute height [m]. False when already flying a plan."""
        if self.state is not PlannerState.STOPPED:
            return False
        self._plan(body, (body.position[0], body.position[1], height), yaw, duration)
        self.state = PlannerState.FLYING
        return True

    def land(self, body: BodyState, height: float, yaw: float | None, duration: float) -> bool:
        """Descend to an absolute height [m], then stop the motors. False when landing already."""
        if self.state is PlannerState.LANDING:
            return False
        self._plan(body, (None, None, height), yaw, duration)
        self.state = PlannerState.LANDING
        return True

    def go_to(
        self,
        body: BodyState,
        target: tuple[float, float, float],
        yaw: float,
        duration: float,
        *,
        relative: bool,
        linear: bool,
    ) -> bool:
        """Fly to a position [m] and yaw [rad], relative to the present setpoint if asked."""
        start, _ = self._here(body)
        base = start if relative else np.zeros(4)
        self._plan(
            body, (base[0] + target[0], base[1] + target[1], base[2] + target[2]), base[3] + yaw, duration,
            linear=linear,
        )  # fmt: skip
        self.state = PlannerState.FLYING
        return True

    def setpoint(self) -> Setpoint:
        """Return the setpoint of this moment; motors off when stopped or landed."""
        if self.state is PlannerState.LANDING and self.finished:
            self.stop()
        if self._segment is None:
            return OFF
        value, _ = self._segment.at(self._now())
        return Setpoint(
            Mode.POSITION, position=(float(value[0]), float(value[1]), float(value[2])),
            yaw=float(value[3]),
        )  # fmt: skip

    def _here(self, body: BodyState) -> tuple[np.ndarray, np.ndarray]:
        """Start of a new plan: value and slope (4,)."""
        if self._segment is not None:
            return self._segment.at(self._now())
        return np.array([*body.position, body.attitude[2]]), np.array([*body.velocity, 0.0])

    def _plan(
        self,
        body: BodyState,
        target: tuple[float | None, float | None, float],
        yaw: float | None,
        duration: float,
        *,
        linear: bool = False,
    ) -> None:
        start, slope = self._here(body)
        end = start.copy()
        for i, wanted in enumerate(target):
            if wanted is not None:
                end[i] = wanted
        if yaw is not None:
            end[3] = start[3] + math.remainder(yaw - start[3], 2 * math.pi)
        self._segment = segment(start, slope, end, duration=duration, now=self._now(), linear=linear)

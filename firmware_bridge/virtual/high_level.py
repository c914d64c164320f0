"""The high-level commander: take-off, land, go-to, spirals and trajectories, planned on board (planner.c)."""

from __future__ import annotations

import errno
import math
from collections.abc import Callable
from dataclasses import dataclass, replace
from enum import IntEnum

import numpy as np

from firmware_bridge.virtual.body import BodyState
from firmware_bridge.virtual.setpoint import OFF, Mode, Setpoint
from firmware_bridge.virtual.trajectory import (
    Point,
    Trajectory,
    compressed_pieces,
    smooth_piece,
    stored_pieces,
)

MEMORY_BYTES = 4096
DEFINITIONS = 31
GRAVITY = 9.81
_REFUSED = 1
"""What the planner answers to a take-off in the air and to landing twice: not an errno."""


class PlannerState(IntEnum):
    """Numbered as in the firmware."""

    STOPPED = 0
    FLYING = 1
    LANDING = 3
    DISABLED = 4


@dataclass(frozen=True, slots=True)
class Definition:
    """A trajectory that was uploaded: where its data are, compressed or `pieces` of them."""

    compressed: bool
    offset: int
    pieces: int


class HighLevelCommander:
    """Plans from its own setpoint, or from where the drone is when it has none.

    Commands return 0 or what the firmware answers: an errno, or 1 from the planner. While the supervisor
    forbids flying it is `blocked` and answers `EBUSY`.
    """

    def __init__(self, now: Callable[[], float]) -> None:
        self._now = now
        self.state = PlannerState.STOPPED
        self.memory = bytearray(MEMORY_BYTES)
        self.group_mask = 0
        self.take_off_mps = 0.5
        self.landing_mps = 0.5
        self.blocked = False
        self._definitions: dict[int, Definition] = {}
        self._trajectory: Trajectory | None = None
        self._last = Point(np.zeros(4))

    @property
    def finished(self) -> bool:
        """True when the newest trajectory has come to its end, or there was none."""
        return self._trajectory is None or self._trajectory.finished(self._now())

    @property
    def idle(self) -> bool:
        return self.state in (PlannerState.STOPPED, PlannerState.DISABLED)

    def in_group(self, mask: int) -> bool:
        """True when a command for the groups of `mask` is for this drone; 0 means all."""
        return mask == 0 or bool(mask & self.group_mask)

    def block(self, blocked: bool) -> None:
        """Refuse commands, forgetting the plan; or take them again."""
        if blocked and not self.blocked:
            self.stop()
        self.blocked = blocked

    def tell(self, body: BodyState) -> None:
        """Have the next plan start from the state of the drone."""
        self._last = Point(np.array([*body.position, body.attitude[2]]), np.array([*body.velocity, 0.0]))

    def stop(self) -> int:
        """Forget the plan; the next setpoint is motors off."""
        self.state = PlannerState.STOPPED
        return 0

    def take_off(self, height: float, yaw: float | None, duration: float) -> int:
        """Climb to an absolute height [m]; yaw [rad], None keeps it."""
        if self.blocked:
            return errno.EBUSY
        if self.state is not PlannerState.STOPPED:
            return _REFUSED
        return self._vertical(height, yaw, duration, PlannerState.FLYING)

    def land(self, height: float, yaw: float | None, duration: float) -> int:
        """Descend to an absolute height [m], then stop the motors."""
        if self.blocked:
            return errno.EBUSY
        if self.state is PlannerState.LANDING:
            return _REFUSED
        return self._vertical(height, yaw, duration, PlannerState.LANDING)

    def at_velocity(
        self, height: float, velocity: float, *, relative: bool, landing: bool
    ) -> tuple[float, float]:
        """Return absolute height [m] and duration [s] of a take-off or landing at a speed [m/s]."""
        z = float(self._last.value[2])
        if relative:
            height = z - height if landing else z + height
        speed = velocity if velocity > 0 else self.landing_mps if landing else self.take_off_mps
        return height, abs(height - z) / speed if speed else 0.0

    @np.errstate(all="ignore")
    def go_to(
        self, target: tuple[float, float, float], yaw: float, duration: float, *, relative: bool, linear: bool
    ) -> int:
        """Fly to a position [m] and yaw [rad], both relative to the present setpoint if asked."""
        if self.blocked:
            return errno.EBUSY
        start = self._start()
        end = np.array([*target, yaw]) + (start.value if relative else 0.0)
        end[3] = start.value[3] + _turn(start.value[3], end[3])
        begin, goal = start, Point(end)
        if linear:
            speed = (end - start.value) / duration if duration else np.zeros(4)
            begin, goal = Point(start.value, speed), Point(end, speed)
        return self._plan(begin, goal, duration, PlannerState.FLYING)

    @np.errstate(all="ignore")
    def spiral(
        self, angle: float, radius: tuple[float, float], ascent: float, duration: float, *,
        sideways: bool, clockwise: bool,
    ) -> int:  # fmt: skip
        """Fly an arc of `angle` [rad] from one `radius` to the other [m], climbing `ascent` [m]."""
        if self.blocked:
            return errno.EBUSY
        start = self._last
        angle = min(max(angle, -2 * math.pi), 2 * math.pi)
        r0, r1 = max(radius[0], 0.0), max(radius[1], 0.0)
        sense = 1.0 if clockwise else -1.0
        spin, growth = -sense * angle / duration, (r1 - r0) / duration
        arm = -sense if sideways else sense * 1j
        heading = float(start.value[3])

        def on_arc(r: float, phi: float) -> tuple[complex, complex, complex]:
            """Place relative to the centre, its velocity and its acceleration, in the complex plane."""
            u = arm * complex(math.cos(phi), math.sin(phi))
            return r * u, (growth + 1j * r * spin) * u, (2j * growth * spin - r * spin**2) * u

        p0, v0, a0 = on_arc(r0, heading)
        p1, v1, a1 = on_arc(r1, heading - sense * angle)
        x, y, z, _ = start.value
        ends = complex(x, y) - p0 + p1
        climb = ascent / duration
        return self._plan(
            Point(start.value, _flat(v0, climb, spin), _flat(a0, 0.0, 0.0)),
            Point(
                _flat(ends, z + ascent, heading - sense * angle), _flat(v1, climb, spin), _flat(a1, 0.0, 0.0)
            ),
            duration,
            PlannerState.FLYING,
        )

    def define(self, ident: int, definition: Definition) -> int:
        """Name a trajectory that lies in `memory`."""
        if ident >= DEFINITIONS:
            return errno.ENOEXEC
        self._definitions[ident] = definition
        return 0

    @np.errstate(all="ignore")
    def start(
        self, ident: int, *, timescale: float, reverse: bool, relative: bool, relative_yaw: bool
    ) -> int:
        """Fly a defined trajectory; an undefined one is silently not flown, as in the firmware."""
        if self.blocked:
            return errno.EBUSY
        definition = self._definitions.get(ident)
        if definition is None:
            return 0
        if definition.compressed and (timescale != 1.0 or reverse):
            return errno.ENOEXEC
        try:
            if definition.compressed:
                pieces = compressed_pieces(bytes(self.memory), definition.offset)
            else:
                pieces = stored_pieces(bytes(self.memory), definition.offset, definition.pieces)
        except ValueError:
            return errno.ENOEXEC
        if not timescale > 0:
            return errno.ENOEXEC
        trajectory = Trajectory(pieces, self._now(), timescale, reverse)
        if relative:
            first = trajectory.at(self._now()).value
            turns = relative_yaw and not definition.compressed and not reverse  # the firmware turns no other
            turn = _turn(first[3], self._last.value[3]) if turns else 0.0
            trajectory = replace(trajectory, shift=self._last.value[:3] - first[:3], turn=turn)
        self._trajectory, self.state = trajectory, PlannerState.FLYING
        return 0

    def setpoint(self, body: BodyState) -> Setpoint | None:
        """Return the setpoint of this moment: motors off when stopped or landed, None when disabled."""
        trajectory = self._trajectory
        if self.state is PlannerState.LANDING and self.finished:
            self.stop()
        if self.idle or trajectory is None:
            self.tell(body)
            return None if self.state is PlannerState.DISABLED else OFF
        point = trajectory.at(self._now())
        if not np.isfinite(point.value[:3]).all():
            self.state = PlannerState.DISABLED
            return None
        self._last = point
        x, y, z, yaw = (float(v) for v in point.value)
        vx, vy, vz, _ = (float(v) for v in point.slope)
        return Setpoint(Mode.POSITION, position=(x, y, z), velocity=(vx, vy, vz), yaw=yaw)

    def _start(self) -> Point:
        """Where a go-to begins: on the present trajectory, or where the drone is."""
        if self.idle or self._trajectory is None:
            return Point(self._last.value, self._last.slope)
        here = self._trajectory.at(self._now())
        lift = here.bend[:3] + np.array(
            [0.0, 0.0, GRAVITY]
        )  # yaw's rate is that about the tilted drone's axis
        upright = lift[2] / np.linalg.norm(lift)
        return replace(here, slope=here.slope * (1.0, 1.0, 1.0, upright))

    def _vertical(self, height: float, yaw: float | None, duration: float, state: PlannerState) -> int:
        here = self._last.value
        end = np.array([here[0], here[1], height, here[3]])
        if yaw is not None:
            end[3] += _turn(here[3], yaw)
        return self._plan(Point(here), Point(end), duration, state)

    def _plan(self, start: Point, end: Point, duration: float, state: PlannerState) -> int:
        self._trajectory = Trajectory((smooth_piece(start, end, duration),), self._now())
        self.state = state
        return 0


def _turn(present: float, wanted: float) -> float:
    """The shorter way round [rad]; what is not finite stays so."""
    return math.remainder(wanted - present, 2 * math.pi) if math.isfinite(wanted) else math.nan


def _flat(plane: complex, z: float, yaw: float) -> np.ndarray:
    return np.array([plane.real, plane.imag, z, yaw])

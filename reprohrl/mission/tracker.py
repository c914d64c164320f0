"""`MissionTracker`: which goal is next, and how the mission stands."""

from __future__ import annotations

import math

from reprohrl.contracts.features import F, ObjectFeatures
from reprohrl.contracts.mission import Mission, MissionPhase, MissionStatus
from reprohrl.contracts.orders import Condition, Ending, Step, StepKind
from reprohrl.contracts.state import Range
from reprohrl.contracts.vocabulary import GOAL_CLASSES
from reprohrl.mission.conditions import Conditions
from reprohrl.mission.course import Course
from reprohrl.mission.doorway import Doorway
from reprohrl.mission.legs import RETURN_LIMIT_S, known, nearest
from reprohrl.mission.reach import HOLD_S, HOME_M, compile_reach, goal_distance, is_near

PASS_LIMIT_S = 40.0
"""Time after which a narrow place that was passed is taken for the doorway, although no new floor showed."""

_TIE_S = 1e-6
_TIMED = {StepKind.PASS: "no doorway was passed", StepKind.FIND: "nothing new was found"}


class MissionTracker:
    """Advances through a mission as goals are reached; it sees only what the drone sees.

    A goal is reached after `HOLD_S` near it without a break. A leg that outlasts the mission's time
    limit per goal fails the mission. A pause stops both clocks. A goal declared absent fails the mission
    too, once the drone is back where the flight began. A condition that comes true turns it home, or ends it.
    """

    def __init__(self, mission: Mission) -> None:
        self.mission = mission
        compile_reach()
        self.reset()

    def reset(self) -> None:
        self._phase = MissionPhase.ACTIVE
        self._course = Course(self.mission)
        self._conditions = Conditions(self.mission.conditions)
        self._doorway = Doorway()
        self._reason = ""
        self._elapsed_s = 0.0
        self._leg_s = 0.0
        self._near_s: float | None = None
        self._last_stamp: float | None = None
        self._home: tuple[float, float] | None = None
        self._entered = False  # the current step has been looked at
        self._chosen = False  # the planner said which of the open goals comes next
        self._known: frozenset[int] = frozenset()
        self._absent = self._turned = False

    def pause(self, paused: bool) -> None:
        """Pause or resume an active mission; anything else is left as it is."""
        if paused and self._phase is MissionPhase.ACTIVE:
            self._phase = MissionPhase.PAUSED
        elif not paused and self._phase is MissionPhase.PAUSED:
            self._phase = MissionPhase.ACTIVE

    def cancel(self, reason: str = "cancelled by the operator") -> None:
        self._end(MissionPhase.CANCELLED, reason)

    def choose(self, goal: int) -> None:
        """Make another open goal the current one, as the planner says; anything else is left as it is."""
        if self._phase is MissionPhase.ACTIVE and goal in self._course.open:
            self._chosen = True
            self._go_for(goal)

    def declare_absent(self) -> None:
        """Give up the current goal of an active mission: it is not here. Next comes the way home."""
        if self._phase is MissionPhase.ACTIVE and self._kind() is StepKind.VISIT:
            self._phase, self._absent = MissionPhase.RETURNING, True
            self._reason = f"{GOAL_CLASSES[self._course.goal]} is not here"
            self._leg_s, self._near_s = 0.0, None

    def fail(self, reason: str) -> None:
        self._end(MissionPhase.FAILED, reason)

    @property
    def done(self) -> bool:
        return self._phase in (MissionPhase.SUCCEEDED, MissionPhase.FAILED, MissionPhase.CANCELLED)

    def update(self, features: ObjectFeatures) -> MissionStatus:
        """Take one frame's features into account and return the status, stamped like them."""
        dt = 0.0 if self._last_stamp is None else max(0.0, features.stamp - self._last_stamp)
        self._last_stamp = features.stamp
        distance = float("inf")
        if not self.done:
            away = self._from_home(features)
            if self._phase in (MissionPhase.ACTIVE, MissionPhase.RETURNING):
                self._elapsed_s += dt
                self._leg_s += dt
                self._heed_conditions(features, away, dt)
            if self._phase is MissionPhase.ACTIVE:
                self._begin_step(features)
            goal = self._course.goal
            if goal >= 0:
                distance = goal_distance(features.values, features.state.ranges, goal)
            if self._phase is MissionPhase.ACTIVE:
                self._work(features, dt)
            if self._phase is MissionPhase.RETURNING:
                self._come_home(away)
        visiting = self._phase is MissionPhase.ACTIVE and self._kind() is StepKind.VISIT
        return MissionStatus(
            self._course.mission,
            self._course.index,
            self._phase,
            features.stamp,
            self._elapsed_s,
            self._leg_s,
            distance,
            self._reason,
            self._kind(),
            self._course.open[1:] if visiting else (),
            self._absent,
        )

    def _kind(self) -> StepKind:
        """Return what is being done: RETURN after a condition came true, VISIT when all is done."""
        if self._turned:
            return StepKind.RETURN
        step = self._course.step
        return StepKind.VISIT if step is None else step.kind

    def _from_home(self, features: ObjectFeatures) -> float:
        """Return the horizontal distance [m] to where the first frame was taken."""
        x, y, _ = features.state.position
        if self._home is None:
            self._home = (x, y)
        return math.hypot(x - self._home[0], y - self._home[1])

    def _heed_conditions(self, features: ObjectFeatures, away: float, dt: float) -> None:
        found = self._conditions.update(features, away, self._elapsed_s, dt)
        if found is not None and not self._turned and not self._absent:
            self._obey(*found)

    def _obey(self, condition: Condition, reason: str) -> None:
        """End early as the condition asks; an endless mission ends well that way."""
        if condition.ending is Ending.LAND:
            self._end(self._early(), reason)
            return
        if self._phase is MissionPhase.RETURNING and self._last_step():
            return  # under way home as it is
        self._phase, self._turned = MissionPhase.RETURNING, True
        self._reason, self._leg_s, self._near_s = reason, 0.0, None

    def _early(self) -> MissionPhase:
        endless = self.mission.repeat == 0 and self._course.index > 0
        return MissionPhase.SUCCEEDED if endless else MissionPhase.FAILED

    def _last_step(self) -> bool:
        return self.mission.repeat != 0 and self._course.is_last

    def _begin_step(self, features: ObjectFeatures) -> None:
        """Look at a step when it becomes the current one."""
        step = self._course.step
        if self._entered or step is None:
            return
        self._entered, self._chosen = True, False
        if step.kind is StepKind.PASS:
            self._doorway = Doorway()
        if step.kind is StepKind.PASS or (step.kind is StepKind.FIND and not self._after_doorway()):
            self._known = frozenset(known(features))
        if step.kind is StepKind.RETURN:
            self._phase = MissionPhase.RETURNING
            self._reason = "all goals reached" if self._last_step() else "home in between"

    def _after_doorway(self) -> bool:
        return self._course.before() is StepKind.PASS

    def _work(self, features: ObjectFeatures, dt: float) -> None:
        """Judge one frame of an active mission."""
        step = self._course.step
        if step is None:
            self._end(MissionPhase.SUCCEEDED, "all goals reached")
        elif step.kind is StepKind.VISIT:
            self._visit(features, step, dt)
        elif self._is_over(step, features):
            self._next_step()
        elif step.kind is StepKind.FIND and (found := self._found(features)) is not None:
            self._course.find(found)
            self._leg_s, self._chosen = 0.0, False
        elif step.kind is StepKind.PASS and self._leg_s > PASS_LIMIT_S and self._doorway.maybe:
            self._next_step()  # likely enough: better than giving the mission up
        elif step.kind in _TIMED and self._leg_s > self.mission.time_limit_per_goal_s:
            self._end(
                MissionPhase.FAILED,
                f"{_TIMED[step.kind]} within {self.mission.time_limit_per_goal_s:g} s",
            )

    def _is_over(self, step: Step, features: ObjectFeatures) -> bool:
        """Return whether a step that visits nothing has done what it asks for."""
        if step.kind is StepKind.HOLD:
            return self._leg_s >= step.seconds - _TIE_S
        return step.kind is StepKind.PASS and self._doorway.update(features)

    def _found(self, features: ObjectFeatures) -> int | None:
        """Return the goal class seen now that was not known when the step (or its doorway) began."""
        banned = {a.what for a in self.mission.avoid}
        for k in known(features):
            if k not in self._known and k not in banned and features.values[k, F.VISIBLE]:
                return k
        return None

    def _visit(self, features: ObjectFeatures, step: Step, dt: float) -> None:
        front = float(features.state.ranges[Range.FRONT])
        open_goals = self._course.open
        near = [g for g in open_goals if is_near(features.values[g], front, g)]
        if step.count > 1 and open_goals[0] not in near:
            if near:
                self._go_for(near[0])
            elif not self._chosen:
                self._go_for(nearest(features, open_goals))
        self._advance(bool(near), dt)

    def _go_for(self, goal: int) -> None:
        if self._course.choose(goal):
            self._near_s = None

    def _advance(self, near: bool, dt: float) -> None:
        self._near_s = ((self._near_s + dt) if self._near_s is not None else 0.0) if near else None
        if self._near_s is not None and self._near_s >= HOLD_S - _TIE_S:
            self._course.reached()
            self._after_step()
        elif self._leg_s > self.mission.time_limit_per_goal_s:
            name = GOAL_CLASSES[self._course.goal]
            self._end(
                MissionPhase.FAILED, f"{name} not reached within {self.mission.time_limit_per_goal_s:g} s"
            )

    def _next_step(self) -> None:
        self._course.finish_step()
        self._after_step()

    def _after_step(self) -> None:
        self._leg_s, self._near_s, self._entered, self._chosen = 0.0, None, False, False
        if self._course.step is None:
            self._end(MissionPhase.SUCCEEDED, "all goals reached")

    def _come_home(self, away: float) -> None:
        there, late = away < HOME_M, self._leg_s > RETURN_LIMIT_S
        if not there and not late:
            return
        if self._absent or self._turned or late:
            good = there and self._turned
            phase = self._early() if good else MissionPhase.FAILED
            self._end(phase, f"{self._reason}; {'back' if there else 'not'} home")
        elif self._last_step():
            self._end(MissionPhase.SUCCEEDED, f"{self._reason}; back home")
        else:
            self._phase, self._reason = MissionPhase.ACTIVE, ""
            self._next_step()

    def _end(self, phase: MissionPhase, reason: str) -> None:
        if not self.done:
            self._phase, self._reason = phase, reason

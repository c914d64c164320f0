"""`Course`: a mission's steps as they are flown; which goals are open, which come next."""

from __future__ import annotations

from dataclasses import replace

from reprohrl.contracts.mission import Mission
from reprohrl.contracts.orders import MAX_ROUNDS, Step, StepKind


class Course:
    """Walks through the steps of a mission, round by round.

    `mission` is the one asked for until something changes: then its `goals` are in the order in which they
    were and will be flown, and its rounds are written out.
    """

    def __init__(self, mission: Mission) -> None:
        self._round_goals, self._round_steps = mission.goals, mission.plan
        self._endless = mission.repeat == 0
        rounds = 1 if self._endless else mission.repeat
        self._goals = list(mission.goals) * rounds
        self._steps = list(mission.plan) * rounds
        self._rounds = rounds
        self.index = 0  # goals reached
        self._at = 0  # the current step
        self._in_step = 0  # goals of it that are reached
        self.mission = mission
        if mission.repeat != 1:
            self._write_out()

    @property
    def step(self) -> Step | None:
        """The current step; None when all are done."""
        return self._steps[self._at] if self._at < len(self._steps) else None

    @property
    def open(self) -> tuple[int, ...]:
        """Goals that may be visited now, the current one first."""
        step = self.step
        if step is None or step.kind is not StepKind.VISIT:
            return ()
        return tuple(self._goals[self.index : self.index + step.count - self._in_step])

    @property
    def goal(self) -> int:
        """The goal that is visited now, or the next one; -1 when none is left."""
        return self._goals[self.index] if self.index < len(self._goals) else -1

    @property
    def is_last(self) -> bool:
        """Whether no step follows the current one."""
        return self._at >= len(self._steps) - 1

    def before(self) -> StepKind | None:
        """Return the kind of the step before the current one."""
        return self._steps[self._at - 1].kind if self._at > 0 else None

    def choose(self, goal: int) -> bool:
        """Make another open goal the current one; return whether that changed anything."""
        if goal not in self.open[1:]:
            return False
        place = self.index + self.open.index(goal)
        self._goals.insert(self.index, self._goals.pop(place))
        self._write_out()
        return True

    def find(self, goal: int) -> None:
        """Put the goal that a FIND step found in its place: it is visited now."""
        self._steps[self._at] = Step(StepKind.VISIT)
        self._goals.insert(self.index, goal)
        self._write_out()

    def reached(self) -> None:
        """The current goal is reached."""
        step = self.step
        self.index += 1
        self._in_step += 1
        if step is None or self._in_step >= step.count:
            self.finish_step()

    def finish_step(self) -> None:
        """Go on to the next step; an endless mission begins its next round."""
        self._at, self._in_step = self._at + 1, 0
        if self._at == len(self._steps) and self._endless and self._rounds < MAX_ROUNDS:
            self._rounds += 1
            self._goals += self._round_goals
            self._steps += self._round_steps
            self._write_out()

    def _write_out(self) -> None:
        self.mission = replace(
            self.mission, goals=tuple(self._goals), steps=tuple(self._steps), repeat=0 if self._endless else 1
        )

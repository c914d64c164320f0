"""Goals, missions, options: the words of the high level."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum, StrEnum

from reprohrl.contracts.errors import UserError
from reprohrl.contracts.orders import Avoid, Condition, Step, StepKind, check_orders, default_steps
from reprohrl.contracts.vocabulary import GOAL_CLASSES, goal_class_id


class OptionKind(IntEnum):
    """What the low level is told to do."""

    GO_TO = 0  # fly to the goal
    SEARCH = 1  # look at floor of the known space that was not looked at yet
    HOLD = 2
    LAND = 3
    PASS = 4  # go on to where the map ends, through doorways
    RETURN = 5  # the goal is not here: fly home


@dataclass(frozen=True, slots=True)
class Option:
    """The active option. `goal` is a goal class id for GO_TO and SEARCH, -1 otherwise.

    `scores` holds the selector's probability of each of its actions, for people to look at.
    """

    kind: OptionKind
    goal: int = -1
    stamp: float = 0.0
    scores: tuple[float, ...] = ()

    def __str__(self) -> str:
        name = self.kind.name.lower()
        return f"{name} {GOAL_CLASSES[self.goal]}" if 0 <= self.goal < len(GOAL_CLASSES) else name


@dataclass(frozen=True, slots=True)
class Mission:
    """Goals to visit in this order, and the time each may take. That is the plain form; beyond it:

    steps       what is done in turn; () is: visit each goal in its place. A step that visits `count` goals
                takes the next `count` of `goals`, in whichever order
    avoid       what to keep away from
    conditions  what ends the mission early, on the way home or where it is
    repeat      rounds of all steps; 0: again and again, until a condition ends it

    In a `MissionStatus`, `goals` and `steps` are those of the flight so far and of what is to come: goals of
    a step in the order in which they were reached, rounds written out, found goals put in.
    """

    goals: tuple[int, ...]
    time_limit_per_goal_s: float = 60.0
    steps: tuple[Step, ...] = ()
    avoid: tuple[Avoid, ...] = ()
    conditions: tuple[Condition, ...] = ()
    repeat: int = 1

    def __post_init__(self) -> None:
        if self.steps or self.avoid or self.conditions or self.repeat != 1:
            check_orders(self.goals, self.steps, self.avoid, self.conditions, self.repeat)

    @staticmethod
    def parse(text: str, *, time_limit_per_goal_s: float = 60.0) -> Mission:
        """Read `"sphere,cone,cube"` (commas or blanks). Raises `UserError` for an empty or unknown goal."""
        names = [n for n in text.replace(",", " ").split() if n]
        if not names:
            raise UserError("the mission has no goals", fix='give at least one, e.g. goals:="sphere,cone"')
        return Mission(tuple(goal_class_id(n) for n in names), time_limit_per_goal_s)

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(GOAL_CLASSES[g] for g in self.goals)

    @property
    def plan(self) -> tuple[Step, ...]:
        """The steps of one round, also of the plain form."""
        return self.steps or default_steps(self.goals)

    @property
    def plain(self) -> bool:
        """Whether this is nothing but goals in order."""
        return not (self.steps or self.avoid or self.conditions) and self.repeat == 1


class MissionPhase(StrEnum):
    IDLE = "idle"
    ACTIVE = "active"
    PAUSED = "paused"
    RETURNING = "returning"  # on the way home: a goal was declared absent, or the mission says so
    SUCCEEDED = "succeeded"
    FAILED = "failed"
    CANCELLED = "cancelled"


@dataclass(frozen=True, slots=True)
class MissionStatus:
    """Progress of a mission as judged on board (never from simulator truth).

    step    what is being done; during the steps that visit nothing, the mission itself says which option
            to fly (`reprohrl.mission.ordered.ordered_option`)
    others  goals that may be visited now instead of the current one; a planner may choose one of them
    absent  the current goal was declared absent
    """

    mission: Mission
    index: int  # goals reached so far; also the index of the current goal
    phase: MissionPhase
    stamp: float
    elapsed_s: float = 0.0
    leg_elapsed_s: float = 0.0
    goal_range_m: float = float("inf")  # estimated distance from the drone to the current goal's surface
    reason: str = ""
    step: StepKind = StepKind.VISIT
    others: tuple[int, ...] = ()
    absent: bool = False

    @property
    def goal(self) -> int:
        """Class id of the current goal, -1 when all are reached."""
        return self.mission.goals[self.index] if self.index < len(self.mission.goals) else -1

    @property
    def open(self) -> tuple[int, ...]:
        """Class ids of the goals that may be visited now, the current one first."""
        visiting = self.step is StepKind.VISIT and self.goal >= 0
        return (self.goal, *self.others) if visiting else ()

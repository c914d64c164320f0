"""The options that the mission itself calls for; every planner asks here before it decides."""

from __future__ import annotations

from typing import Protocol

from reprohrl.contracts.features import MAX_AGE_S, MAX_ROUTE_M, PASS_ROUTE, SEARCH_ROUTE, F, ObjectFeatures, R
from reprohrl.contracts.mission import MissionPhase, MissionStatus, Option, OptionKind
from reprohrl.contracts.orders import StepKind
from reprohrl.contracts.vocabulary import NUM_GOALS

_ENDS = {
    MissionPhase.PAUSED: OptionKind.HOLD,
    MissionPhase.IDLE: OptionKind.HOLD,
    MissionPhase.RETURNING: OptionKind.RETURN,
}


class Progress(Protocol):
    """What of a mission's judge a planner's option can change."""

    def declare_absent(self) -> None: ...

    def choose(self, goal: int) -> None: ...


def report_option(mission: Progress, option: Option, status: MissionStatus) -> None:
    """Tell the mission what the planner's option says of its goals: one is not here, or another is next."""
    if option.kind is OptionKind.RETURN:
        mission.declare_absent()
    elif option.kind in (OptionKind.GO_TO, OptionKind.SEARCH) and option.goal in status.others:
        mission.choose(option.goal)


def end_option(status: MissionStatus, stamp: float) -> Option | None:
    """Return the option an inactive mission calls for: land when it ended, hold while paused, fly home
    while returning; None for an active one."""
    if status.phase is MissionPhase.ACTIVE:
        return None
    return Option(_ENDS.get(status.phase, OptionKind.LAND), -1, stamp)


def ordered_option(features: ObjectFeatures, status: MissionStatus) -> Option | None:
    """Return the option of an inactive mission, or of a step that visits nothing; None while a goal is
    to be visited."""
    stamp = features.stamp
    if status.phase is not MissionPhase.ACTIVE:
        return end_option(status, stamp)
    if status.step is StepKind.HOLD:
        return Option(OptionKind.HOLD, -1, stamp)
    if status.step in (StepKind.PASS, StepKind.FIND):
        return _onward(features, status.step, stamp)
    return None


def _onward(features: ObjectFeatures, step: StepKind, stamp: float) -> Option:
    """Go on where the map ends; to find something, look at the floor around first."""
    onward = features.routes[PASS_ROUTE, R.LENGTH] < MAX_ROUTE_M
    unseen = features.routes[SEARCH_ROUTE, R.AREA] > 0.0
    if onward and not (step is StepKind.FIND and unseen):
        return Option(OptionKind.PASS, -1, stamp)
    unknown = (k for k in range(NUM_GOALS) if features.values[k, F.AGE] >= MAX_AGE_S)
    return Option(OptionKind.SEARCH, next(unknown, 0), stamp)

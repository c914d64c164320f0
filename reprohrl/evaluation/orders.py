"""What a flight of a mission in words looks like in the simulator's truth: was all of it done, and kept?"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from reprohrl.contracts.mission import Mission, MissionPhase, MissionStatus
from reprohrl.contracts.orders import Avoid, StepKind
from reprohrl.contracts.vocabulary import NUM_GOALS
from reprohrl.evaluation.judge import HOME_M, MissionJudge, Outcome

TOO_NEAR_M = 0.1
"""What the drone may miss of a distance to be kept before that counts: its hull and memory are that wrong."""

_NO_LIMIT_S = 1e9


@dataclass(frozen=True, slots=True)
class Moment:
    """One tick: time [s], surface distances (K,) [m], what is touched, where [m], the drone's own word."""

    stamp: float
    distances: Sequence[float]
    contact: str
    position: tuple[float, float, float]
    status: MissionStatus | None


def judge_orders(moments: Sequence[Moment]) -> str:
    """Return "success", or what went wrong, in words.

    Success: the drone says so, and the truth agrees: every goal it counts was reached in that order, nothing
    was touched, what was to be avoided was kept away from, and it ended at home where that was asked for.
    Distances to people and other obstacles are not in the truth here.
    """
    last = next((m.status for m in reversed(moments) if m.status is not None), None)
    if last is None:
        return ""
    near = _came_too_near(moments, last.mission.avoid)
    judge = _judged(moments, last.mission.goals[: last.index])
    if judge not in (Outcome.SUCCESS, Outcome.UNFINISHED):
        return str(judge)
    if near:
        return near
    if last.phase is not MissionPhase.SUCCEEDED or judge is not Outcome.SUCCESS:
        return str(Outcome.UNFINISHED)
    if _ends_at_home(last.mission, last) and _from_home(moments) > HOME_M:
        return "did not come home"
    return str(Outcome.SUCCESS)


def _judged(moments: Sequence[Moment], reached: Sequence[int]) -> Outcome:
    """Judge the goals the drone counts; contacts count to the end of the flight."""
    touched = next((m.contact for m in moments if m.contact), "")
    if not reached:
        return Outcome.SUCCESS if not touched else MissionJudge((0,)).blame(touched)
    referee = MissionJudge(reached, _NO_LIMIT_S)
    outcome = Outcome.RUNNING
    for m in moments:
        outcome = referee.update(m.stamp, m.distances, m.contact or None, m.position)
    if outcome is Outcome.SUCCESS and touched:
        return referee.blame(touched)
    return referee.finish().outcome


def _came_too_near(moments: Sequence[Moment], avoid: Sequence[Avoid]) -> str:
    """Return what the drone came too near to, where the truth says how near it came."""
    for a in avoid:
        if a.what < NUM_GOALS:
            least = min((m.distances[a.what] for m in moments if m.distances), default=math.inf)
            if least < a.distance_m - TOO_NEAR_M:
                return f"came within {least:.2f} m of the {a.name}, {a.distance_m:g} m was asked for"
    return ""


def _ends_at_home(mission: Mission, last: MissionStatus) -> bool:
    return mission.plan[-1].kind is StepKind.RETURN or last.reason.endswith("back home")


def _from_home(moments: Sequence[Moment]) -> float:
    start = moments[0].position
    final = next(m for m in reversed(moments) if m.status is not None)
    return math.dist(start[:2], final.position[:2])

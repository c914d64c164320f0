"""What the steps of a mission take, and which of its goals are known."""

from __future__ import annotations

from reprohrl.contracts.features import MAX_AGE_S, MAX_ROUTE_M, F, ObjectFeatures, R
from reprohrl.contracts.mission import Mission
from reprohrl.contracts.orders import MAX_ROUNDS, StepKind
from reprohrl.contracts.vocabulary import NUM_GOALS

RETURN_LIMIT_S = 30.0
"""Longest flight home after a goal was declared absent; the drone lands where it is after that."""


def longest_s(mission: Mission) -> float:
    """Return the longest time [s] a mission may take by its own limits."""
    legs = 0.0
    for step in mission.plan:
        if step.kind is StepKind.HOLD:
            legs += step.seconds
        elif step.kind is StepKind.RETURN:
            legs += RETURN_LIMIT_S
        else:
            legs += step.count * mission.time_limit_per_goal_s
    early = RETURN_LIMIT_S if mission.conditions else 0.0
    return legs * (mission.repeat or MAX_ROUNDS) + early


def known(features: ObjectFeatures) -> list[int]:
    """Return the goal classes whose place is remembered."""
    return [k for k in range(NUM_GOALS) if features.values[k, F.AGE] < MAX_AGE_S]


def nearest(features: ObjectFeatures, goals: tuple[int, ...]) -> int:
    """Return the remembered goal with the shortest way; the current one, the first, where none is known."""
    seen = known(features)
    there = [g for g in goals if g in seen]
    if not there:
        return goals[0]

    def way(goal: int) -> float:
        length = float(features.routes[goal, R.LENGTH])
        return length if length < MAX_ROUTE_M else float(features.values[goal, F.RANGE])

    best = min(there, key=way)
    return goals[0] if goals[0] in there and way(goals[0]) < way(best) + 0.5 else best

"""The verdict on a logged flight, from the simulator truth in its rows."""

from __future__ import annotations

from reprohrl.contracts.mission import MissionPhase, OptionKind
from reprohrl.contracts.vocabulary import GOAL_CLASSES
from reprohrl.evaluation.judge import MissionJudge
from reprohrl.evaluation.orders import Moment, judge_orders
from reprohrl.flight.log import FlightLog


def judge(log: FlightLog) -> str:
    """Return the outcome by the benchmark's rule; "" for a flight without truth or without a mission."""
    flown = next((r.status.mission for r in log.rows if r.status is not None), None)
    if flown is not None and not flown.plain:
        return judge_orders(_moments(log))
    goals = [GOAL_CLASSES.index(name) for name in log.header.goals if name in GOAL_CLASSES]
    rows = [r for r in log.rows if r.truth is not None and r.truth.goal_distance_m]
    if not goals or not rows:
        return ""
    limit = next((r.status.mission.time_limit_per_goal_s for r in rows if r.status is not None), 60.0)
    referee = MissionJudge(goals, limit)
    for row in rows:
        if row.truth is not None:
            truth = row.truth
            returning = row.status is not None and row.status.phase is MissionPhase.RETURNING
            returning |= row.option is not None and row.option.kind is OptionKind.RETURN
            referee.update(
                row.stamp, truth.goal_distance_m, truth.contact or None, truth.position,
                declared_absent=returning,
            )  # fmt: skip
    return str(referee.finish().outcome)


def _moments(log: FlightLog) -> list[Moment]:
    return [
        Moment(r.stamp, r.truth.goal_distance_m, r.truth.contact, r.truth.position, r.status)
        for r in log.rows
        if r.truth is not None and r.truth.goal_distance_m
    ]

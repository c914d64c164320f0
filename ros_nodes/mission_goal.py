"""The mission of a FlyMission goal: names in order, or a whole mission as JSON."""

from __future__ import annotations

import json
from dataclasses import replace

from reprohrl.contracts.errors import UserError
from reprohrl.contracts.mission import Mission
from reprohrl.language.plain import mission_from_plain
from reprohrl_msgs.action import FlyMission

MOST_CHARACTERS = 20_000


def mission_of(goal: FlyMission.Goal, time_limit_per_goal_s: float) -> Mission:
    """Return the checked mission. Raises `UserError`; the limit is for a goal that names none."""
    limit = goal.time_limit_per_goal_s or time_limit_per_goal_s
    if not goal.mission:
        return Mission.parse(",".join(goal.goals), time_limit_per_goal_s=limit)
    if goal.goals:
        raise UserError("both goals and a mission are given", fix="leave out one of them")
    if len(goal.mission) > MOST_CHARACTERS:
        raise UserError(
            f"a mission of {len(goal.mission)} characters", why=f"{MOST_CHARACTERS} are the most"
        )
    try:
        plain = json.loads(goal.mission)
    except (ValueError, RecursionError) as error:
        raise UserError(
            f"the mission is no JSON: {error}", fix='write it like {"steps": ["cube", "return"]}'
        ) from error
    mission = mission_from_plain(plain)
    if "time_per_goal_s" in plain or limit == mission.time_limit_per_goal_s:
        return mission
    return replace(mission, time_limit_per_goal_s=limit)

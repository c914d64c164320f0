"""The plain rule over options: fly to the goal while it is known, else look where nothing was looked at."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from reprohrl.contracts.features import (
    HOME_ROUTE,
    MAX_AGE_S,
    MAX_ROUTE_M,
    PASS_ROUTE,
    SEARCH_ROUTE,
    F,
    ObjectFeatures,
    R,
)
from reprohrl.contracts.mission import MissionStatus, Option, OptionKind
from reprohrl.mission.ordered import ordered_option
from reprohrl.perception.compiled import compiling, kernel
from reprohrl.perception.tracker import nothing_seen
from reprohrl.policies.observation import GO_TO, PASS, RETURN, SEARCH, SKILLS
from reprohrl.policies.selector import GIVE_UP_AFTER_S, first_status

Array32 = NDArray[np.float32]

WORTH_M2 = 0.3
"""Floor not looked at that is worth a search before the map's end is."""

DETOUR_M = 1.0


@kernel
def rule_skill(goal: int, values: Array32, routes: Array32, forget_s: float) -> int:
    """Return the skill the rule asks for; `RETURN` means that there is nowhere left to look.

    values (K, F) and routes (NUM_ROUTES, 4) of one drone; a goal not seen for `forget_s` is searched for.
    """
    age = values[goal, F.AGE]
    if age < MAX_AGE_S and age < forget_s:
        return GO_TO
    search, onward = routes[SEARCH_ROUTE], routes[PASS_ROUTE]
    can_pass = onward[R.LENGTH] < MAX_ROUTE_M
    if search[R.AREA] > WORTH_M2 and (not can_pass or search[R.LENGTH] < onward[R.LENGTH] + DETOUR_M):
        return SEARCH
    if can_pass:
        return PASS
    mapped = routes[HOME_ROUTE, R.LENGTH] < MAX_ROUTE_M
    return RETURN if mapped and search[R.LENGTH] >= MAX_ROUTE_M else SEARCH


class RuleSelector:
    """The rule as a planner."""

    name = "rule"

    def __init__(self) -> None:
        with compiling("the rule"):
            self.decide(nothing_seen(), first_status())

    def reset(self, *, seed: int = 0) -> None:
        """Nothing is remembered between decisions."""

    def decide(self, features: ObjectFeatures, status: MissionStatus) -> Option:
        ordered = ordered_option(features, status)
        if ordered is not None:
            return ordered
        skill = rule_skill(status.goal, features.values, features.routes, MAX_AGE_S)
        if skill == RETURN and status.leg_elapsed_s < GIVE_UP_AFTER_S:
            skill = SEARCH
        kind = SKILLS[skill]
        return Option(kind, -1 if kind is OptionKind.RETURN else status.goal, features.stamp)

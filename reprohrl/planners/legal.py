"""What a planner that reads may choose from, and how its choice is flown between its decisions."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from reprohrl.contracts.features import MAX_AGE_S, MAX_ROUTE_M, PASS_ROUTE, F, ObjectFeatures, R, no_routes
from reprohrl.contracts.mission import MissionStatus, Option, OptionKind
from reprohrl.language.words import option_words
from reprohrl.policies.observation import GO_TO, PASS, RETURN
from reprohrl.policies.rule import rule_skill
from reprohrl.policies.selector import GIVE_UP_AFTER_S

TOWARDS = (OptionKind.GO_TO, OptionKind.SEARCH)


@dataclass(frozen=True, slots=True)
class Candidate:
    """A legal option and the words for it."""

    phrase: str
    option: Option


def legal(features: ObjectFeatures, status: MissionStatus) -> tuple[Candidate, ...]:
    """Return the legal options of an active mission, goals in the mission's order first.

    For each open goal: go there while it is remembered, else search for it. Then on through where the map
    ends, home once the leg took long enough to give the current goal up, and hold.
    """
    options = [
        Option(OptionKind.GO_TO if known(features, g) else OptionKind.SEARCH, g, features.stamp)
        for g in open_goals(status)
    ]
    if features.routes[PASS_ROUTE, R.LENGTH] < MAX_ROUTE_M:
        options.append(Option(OptionKind.PASS, status.goal, features.stamp))
    if status.leg_elapsed_s >= GIVE_UP_AFTER_S:
        options.append(Option(OptionKind.RETURN, -1, features.stamp))
    options.append(Option(OptionKind.HOLD, -1, features.stamp))
    return tuple(Candidate(option_words(o), o) for o in options)


def open_goals(status: MissionStatus) -> tuple[int, ...]:
    """Return the class ids that may be visited next, the current one among them."""
    return status.open or ((status.goal,) if status.goal >= 0 else ())


def is_legal(option: Option, features: ObjectFeatures, status: MissionStatus) -> bool:
    """Return whether the option may be flown now."""
    if option.kind in TOWARDS:
        return option.goal in open_goals(status) and (
            option.kind is OptionKind.SEARCH or known(features, option.goal)
        )
    if option.kind is OptionKind.PASS:
        return bool(features.routes[PASS_ROUTE, R.LENGTH] < MAX_ROUTE_M)
    if option.kind is OptionKind.RETURN:
        return status.leg_elapsed_s >= GIVE_UP_AFTER_S
    return option.kind is OptionKind.HOLD


def followed(option: Option, features: ObjectFeatures, status: MissionStatus) -> Option | None:
    """Return how to fly a choice now, None when it is over.

    A choice of a goal stays while the goal is open: the rule says whether to fly there, to look for it
    where it is still unseen, or to pass on. Giving it up is never the rule's business.
    """
    if option.kind in TOWARDS:
        if option.goal not in open_goals(status):
            return None
        skill = rule_skill(option.goal, features.values, features.routes, MAX_AGE_S)
        kind = {GO_TO: OptionKind.GO_TO, PASS: OptionKind.PASS, RETURN: OptionKind.SEARCH}.get(
            skill, OptionKind.SEARCH
        )
        return Option(kind, option.goal, features.stamp)
    return replace(option, stamp=features.stamp) if is_legal(option, features, status) else None


def sane(features: ObjectFeatures) -> ObjectFeatures:
    """Return features without what is not a number: such an object counts as never seen, such a way as none.

    A detector that answers nonsense boxes makes such rows.
    """
    values, routes = features.values, features.routes
    if np.isfinite(values).all() and np.isfinite(routes).all():
        return features
    values, routes = values.copy(), routes.copy()
    lost = ~np.isfinite(values).all(axis=1)
    values[lost] = 0.0
    values[lost, F.AGE] = MAX_AGE_S
    routes[~np.isfinite(routes).all(axis=1)] = no_routes()[0]
    return replace(features, values=values, routes=routes)


def known(features: ObjectFeatures, goal: int) -> bool:
    """Return whether it is remembered where the goal is."""
    return bool(features.values[goal, F.AGE] < MAX_AGE_S)

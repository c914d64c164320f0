"""Why the high level does what it does: each decision with what it replaced, since when, and the reason."""

from __future__ import annotations

from dataclasses import dataclass

from reprohrl.contracts.mission import MissionPhase, MissionStatus, Option, OptionKind
from reprohrl.contracts.vocabulary import GOAL_CLASSES
from reprohrl.policies.observation import SELECTOR_ACTIONS

OPTION_NAMES = SELECTOR_ACTIONS
"""Names of `Option.scores`, in order."""


@dataclass(frozen=True, slots=True)
class Decision:
    """One decision of the goal selector. `since` [s]: the stamp of the decision this option began with."""

    stamp: float
    option: Option
    previous: Option | None
    since: float
    switched: bool
    reason: str


class DecisionTrail:
    """Turns the stream of options into decisions: an option repeated between decisions is none."""

    def __init__(self) -> None:
        self.reset()

    def reset(self) -> None:
        self.last: Decision | None = None
        self._status: MissionStatus | None = None

    def update(self, option: Option, status: MissionStatus | None, *, visible: bool) -> Decision | None:
        """Return the decision this option is; None when it is the last one, repeated.

        `visible`: the mission's current goal was detected in the frame it was decided on.
        """
        last = self.last
        if last is not None and option.stamp == last.option.stamp and option == last.option:
            return None
        switched = last is None or (option.kind, option.goal) != (last.option.kind, last.option.goal)
        if switched:
            why = _why(option, status, self._status, visible=visible, first=last is None)
        else:
            why = f"{option} stays"
        decision = Decision(
            option.stamp, option, last.option if switched and last is not None else _before(last),
            option.stamp if switched or last is None else last.since, switched, why + _margin(option),
        )  # fmt: skip
        self.last, self._status = decision, status
        return decision


def _before(last: Decision | None) -> Option | None:
    return last.previous if last is not None else None


def _why(
    option: Option, status: MissionStatus | None, before: MissionStatus | None, *, visible: bool, first: bool
) -> str:
    """Return what changed in the world or in the mission, as far as it is known."""
    if status is None:
        return "no mission"
    if status.phase is not MissionPhase.ACTIVE:
        return f"the mission is {status.phase}" + (f": {status.reason}" if status.reason else "")
    goal = GOAL_CLASSES[status.goal] if status.goal >= 0 else "the goal"
    news = ""
    if before is not None and before.phase is MissionPhase.PAUSED:
        news = "the mission goes on; "
    elif before is not None and status.index > before.index:
        news = f"{before.mission.names[before.index]} reached; "
    elif first:
        news = "the mission begins; "
    return news + _cause(option, goal, status, visible)


def _cause(option: Option, goal: str, status: MissionStatus, visible: bool) -> str:
    near = f" at {status.goal_range_m:.1f} m" if status.goal_range_m < 20.0 else ""
    if option.kind is OptionKind.GO_TO:
        if option.goal != status.goal:
            return f"towards {GOAL_CLASSES[option.goal]} on the way to {goal}"
        return f"{goal} is in view{near}" if visible else f"{goal} is remembered{near}"
    if option.kind is OptionKind.SEARCH:
        return f"{goal} is not in view: look where nothing was looked at"
    if option.kind is OptionKind.PASS:
        return f"no {goal} here: on through where the map ends"
    if option.kind is OptionKind.RETURN:
        return f"no {goal} anywhere after {status.leg_elapsed_s:.0f} s: given up"
    return str(option)


def score_index(option: Option) -> int:
    """Return the index of an option into its scores, -1 when it is none of the selector's actions."""
    if option.kind is OptionKind.GO_TO:
        return option.goal
    name = option.kind.name.lower()
    return OPTION_NAMES.index(name) if name in OPTION_NAMES else -1


def _margin(option: Option) -> str:
    """Return " (0.83; next search 0.12)" where the selector gives probabilities."""
    index = score_index(option)
    if not 0 <= index < len(option.scores):
        return ""
    others = [(s, k) for k, s in enumerate(option.scores) if k != index]
    best, second = max(others)
    return f" ({option.scores[index]:.2f}; next: {OPTION_NAMES[second].replace('_', ' ')} {best:.2f})"


__all__ = ["OPTION_NAMES", "Decision", "DecisionTrail", "score_index"]

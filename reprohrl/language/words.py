"""Options and places in words: the same for every text agent."""

from __future__ import annotations

import math

from reprohrl.contracts.mission import Option, OptionKind
from reprohrl.contracts.vocabulary import GOAL_CLASSES

_OPTIONS = {
    OptionKind.HOLD: "hold",
    OptionKind.LAND: "land",
    OptionKind.PASS: "go on through the doorway",
    OptionKind.RETURN: "return home",
}
_SIDES = ("ahead", "ahead left", "left", "behind left", "behind", "behind right", "right", "ahead right")
_COARSE = ((0.6, "close"), (1.5, "near"), (3.0, "some way off"))


def option_words(option: Option) -> str:
    """Return an option in words: "go to the cube", "search for the cube", "return home"."""
    if 0 <= option.goal < len(GOAL_CLASSES):
        name = GOAL_CLASSES[option.goal]
        if option.kind is OptionKind.GO_TO:
            return f"go to the {name}"
        if option.kind is OptionKind.SEARCH:
            return f"search for the {name}"
    return _OPTIONS.get(option.kind, "search")


def side_words(bearing: float) -> str:
    """Return where a bearing [rad], left positive, points: one of eight words."""
    if not math.isfinite(bearing):
        return "somewhere"
    return _SIDES[round(bearing / (math.pi / 4)) % 8]


def distance_words(metres: float, *, coarse: bool = False) -> str:
    """Return a distance [m] as "1.2 m", or in one of four words."""
    if not math.isfinite(metres):
        return "unknown"
    if not coarse:
        return f"{metres:.1f} m"
    return next((word for limit, word in _COARSE if metres < limit), "far")


def listed(words: list[str] | tuple[str, ...]) -> str:
    """Return "a", "a and b", "a, b and c"."""
    return " and ".join([", ".join(words[:-1]), words[-1]]) if len(words) > 1 else "".join(words)

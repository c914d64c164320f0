"""The words the whole stack shares: goal classes, the obstacle class, and their order.

The order is part of every policy's contract: it fixes the rows of `ObjectFeatures`, the class
ids of the detector and the one-hot entries of the observations.
"""

from __future__ import annotations

import difflib

from reprohrl.contracts.errors import UserError

GOAL_CLASSES: tuple[str, ...] = ("sphere", "cube", "cone", "cylinder", "torus", "pyramid")
"""Goal classes in the order of their class ids; told apart by shape, never by colour alone."""

OBSTACLE_CLASS = "obstacle"
"""Whatever is solid and not a goal. Its class id follows the last goal class."""

DETECTOR_CLASSES: tuple[str, ...] = (*GOAL_CLASSES, OBSTACLE_CLASS)
NUM_GOALS = len(GOAL_CLASSES)
OBSTACLE_ID = NUM_GOALS
WALL_ID = NUM_GOALS + 1
"""Solids of a scene that no detector names: inner walls and lintels."""


def goal_class_id(name: str) -> int:
    """Return the class id of a goal class.

    Raises `UserError` with a suggestion when `name` is not a goal class.
    """
    cleaned = name.strip().lower()
    if cleaned in GOAL_CLASSES:
        return GOAL_CLASSES.index(cleaned)
    raise UserError(
        f"unknown goal class {name!r}",
        why=f"the detector knows these: {', '.join(GOAL_CLASSES)}",
        fix=did_you_mean(cleaned, GOAL_CLASSES) or "use one of them",
    )


def did_you_mean(word: str, known: tuple[str, ...] | list[str]) -> str | None:
    """Return `did you mean "x"?` for a near miss of `word` in `known`, else None."""
    close = difflib.get_close_matches(word, list(known), n=1, cutoff=0.5)
    return f'did you mean "{close[0]}"?' if close else None

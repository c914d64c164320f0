"""Named mixtures of tasks for training, with stages from easy to hard."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from reprohrl.contracts.errors import UserError
from reprohrl.contracts.vocabulary import did_you_mean
from sim.tasks.cells import TASKS


@dataclass(frozen=True, slots=True)
class Stage:
    """From the fraction `since` of the training on, draw tasks by these shares (they add up to 1)."""

    since: float
    tasks: Mapping[str, float]


CURRICULA: Mapping[str, tuple[Stage, ...]] = {
    "ours": (
        Stage(0.0, {"S1": 0.2, "C1": 0.4, "MC-2": 0.3, "X2R": 0.1}),
        Stage(0.2, {"C1": 0.15, "MC-2": 0.15, "MC-3": 0.3, "MC-4": 0.1, "X2R": 0.2, "XM": 0.1}),
        Stage(
            0.5,
            {"S1": 0.05, "C1": 0.1, "MC-3": 0.25, "MC-4": 0.2, "X2R": 0.2, "XM": 0.1, "XA": 0.1},
        ),
    ),
    "single": (Stage(0.0, {"S1": 1.0}), Stage(0.3, {"S1": 0.3, "C1": 0.7})),
    "multi": (
        Stage(0.0, {"S1": 0.3, "C1": 0.4, "MS-2": 0.3}),
        Stage(0.3, {"C1": 0.3, "MC-2": 0.3, "MC-3": 0.4}),
        Stage(0.6, {"C1": 0.1, "MC-2": 0.1, "MC-3": 0.5, "MC-4": 0.3}),
    ),
}
"""No stage holds XK: it measures more goals than were trained for."""


def mixture(name: str, done: float = 1.0) -> dict[str, float]:
    """Return task shares of a curriculum when the fraction `done` of the training is over.

    A task id names the mixture of that task alone. Raises `UserError` for an unknown name.
    """
    if name.strip().upper() in TASKS:
        return {name.strip().upper(): 1.0}
    stages = CURRICULA.get(name.strip().lower())
    if stages is None:
        known = (*CURRICULA, *TASKS)
        raise UserError(
            f"unknown curriculum {name!r}",
            why=f"there are {', '.join(CURRICULA)}, and every task id",
            fix=did_you_mean(name, known) or "use one of them",
        )
    return dict([s for s in stages if s.since <= max(done, 0.0)][-1].tasks)

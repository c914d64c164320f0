"""The benchmark's cells: what each task id stands for, and which seeds are whose.

Frozen: the order of `TASKS` and the order of draws in the generators are part of every random stream.
`tests/unit/test_tasks.py` pins hashes of each cell's first scenes, so a drift is a decision.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Literal

from reprohrl.contracts.errors import UserError
from reprohrl.contracts.vocabulary import did_you_mean

Split = Literal["train", "test"]
TASKS = (
    "S1", "C1", "MS-2", "MS-3", "MS-4", "MC-2", "MC-3", "MC-4", "X2R", "XA", "XM", "XK-5", "XK-6",
)  # fmt: skip

TEST_SEEDS = range(1000)
"""Of the split "test": what is reported, all of them at R0 and R1, the first hundred at R2."""

VALIDATION_SEEDS = range(1_000_000, 1_001_000)
"""Of either split: for choosing settings and checkpoints. Training pools count from 0 and stay below."""


@dataclass(frozen=True, slots=True)
class TaskSpec:
    """What a task id stands for.

    goals       how many are commanded
    obstacles   fewest and most; per room where there are two
    rooms       1, or 2 with a doorway between them
    decoys      goal objects that are there but not commanded
    absent      whether the commanded goal is not there
    moving      whether a person-sized obstacle walks about
    """

    goals: int
    obstacles: tuple[int, int]
    rooms: int = 1
    decoys: int = 0
    absent: bool = False
    moving: bool = False
    about: str = ""


_SIMPLE, _COMPLEX = (0, 0), (4, 6)
_SPECS = {
    "S1": TaskSpec(1, _SIMPLE, about="one goal, no obstacle"),
    "C1": TaskSpec(1, _COMPLEX, about="one goal among obstacles"),
    **{f"MS-{k}": TaskSpec(k, _SIMPLE, about=f"{k} goals in order, no obstacle") for k in (2, 3, 4)},
    **{f"MC-{k}": TaskSpec(k, _COMPLEX, about=f"{k} goals in order among obstacles") for k in (2, 3, 4)},
    "X2R": TaskSpec(3, (1, 2), rooms=2, about="3 goals in two rooms with a doorway"),
    "XA": TaskSpec(1, _COMPLEX, decoys=2, absent=True, about="the goal is not there: say so, come home"),
    "XM": TaskSpec(3, _COMPLEX, moving=True, about="MC-3 with an obstacle that walks at 0.5 m/s"),
    "XK-5": TaskSpec(5, _COMPLEX, about="5 goals in order among obstacles, more than in training"),
    "XK-6": TaskSpec(6, _COMPLEX, about="6 goals in order among obstacles, more than in training"),
}  # fmt: skip


@cache
def check_task(task: str) -> str:
    """Return the id in capitals. Raises `UserError` with a suggestion for an unknown one."""
    name = task.strip().upper()
    if name not in _SPECS:
        raise UserError(
            f"unknown task {task!r}",
            why=f"the tasks are {', '.join(TASKS)}",
            fix=did_you_mean(name, TASKS) or "use one of them",
        )
    return name


def parse_task(task: str) -> TaskSpec:
    """Return what a task id stands for. Raises `UserError` with a suggestion for an unknown one."""
    return _SPECS[check_task(task)]

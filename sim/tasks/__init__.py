"""Scene generators of the benchmark's tasks, with train and test scenes that cannot be the same."""

from sim.tasks.cells import (
    TASKS,
    TEST_SEEDS,
    VALIDATION_SEEDS,
    Split,
    TaskSpec,
    check_task,
    parse_task,
)
from sim.tasks.curriculum import CURRICULA, Stage, mixture
from sim.tasks.generate import make_scene
from sim.tasks.layout import MIN_GAP_M
from sim.tasks.rooms import ROOM_SIZE_M
from sim.tasks.solids import GOAL_HALF_M

__all__ = [
    "CURRICULA",
    "GOAL_HALF_M",
    "MIN_GAP_M",
    "ROOM_SIZE_M",
    "TASKS",
    "TEST_SEEDS",
    "VALIDATION_SEEDS",
    "Split",
    "Stage",
    "TaskSpec",
    "check_task",
    "make_scene",
    "mixture",
    "parse_task",
]

"""What the algorithms would learn in the maze if nothing were left to learn: exact, in tables.

The recorded walks are counted; the aims of each algorithm are solved cell by cell, its policy's return
is computed and not sampled. It tells what a trained network can reach from what it did not learn.
"""

from __future__ import annotations

from collections.abc import Sequence
from statistics import fmean

import numpy as np
import numpy.typing as npt
import pytest

from reprohrl.lmrl import trajectory
from reprohrl.lmrl.games.maze import FREE, GOAL, LIMIT, MOVES, STARTS, describe, moved
from reprohrl.lmrl.score import Scale
from reprohrl.lmrl.tasks import task
from reprohrl.lmrl.trajectory import Trajectory

Table = npt.NDArray[np.float64]  # (cells, moves)
MAZE = task("maze-fo")
NUMBER = {describe(cell, fully_observed=True): i for i, cell in enumerate(FREE)}
MOVE = {action: i for i, action in enumerate(MOVES)}
NEXT = np.array([[FREE.index(moved(cell, action)) for action in MOVES] for cell in FREE])
END = FREE.index(GOAL)
WORDS = 3  # of a move: "move", the direction, the line's end
GAMMA = 0.99


def visits(walks: Sequence[Trajectory]) -> tuple[Table, Table, Table]:
    """Return how often each move was made, how often it was the last, and its mean return."""
    count, last, total = (np.zeros((len(FREE), len(MOVES))) for _ in range(3))
    for walk in walks:
        returns = 0.0
        for i in reversed(range(len(walk.rewards))):
            returns = walk.rewards[i] + GAMMA**WORDS * returns
            at = NUMBER[walk.texts[2 * i]], MOVE[walk.texts[2 * i + 1]]
            count[at] += 1
            last[at] += i == len(walk.rewards) - 1
            total[at] += GAMMA * returns
    return count, last, total / np.maximum(count, 1)


def expectile(values: Table, weight: Table, tau: float) -> npt.NDArray[np.float64]:
    found = np.average(values, axis=1, weights=weight)
    for _ in range(8):
        found = np.average(values, axis=1, weights=weight * np.where(values > found[:, None], tau, 1.0 - tau))
    return found


def ilql(count: Table, last: Table, tau: float) -> Table:
    """Return the values of the directions at which ILQL rests: Q = gamma (r + gamma V), V its expectile."""
    goes_on = 1.0 - last / np.maximum(count, 1)
    weight, worth = np.maximum(count, 1e-9), np.zeros(len(FREE))
    for _ in range(300):
        values: Table = GAMMA * np.where(NEXT == END, 0.0, -1.0 + GAMMA * goes_on * worth[NEXT])
        worth = GAMMA * expectile(values, weight, tau)
        worth[END] = 0.0
    return values


def score(count: Table, values: Table | float = 0.0, beta: float = 0.0) -> float:
    """Return the mean return of the policy: the recorded chances, times exp(beta times the values)."""
    log_p = np.log(np.maximum(count, 1e-9)) + beta * np.asarray(values)
    chance = np.exp(log_p - log_p.max(axis=1, keepdims=True))
    chance /= chance.sum(axis=1, keepdims=True)
    worth = np.full(len(FREE), -1.0)  # of the answer to the move after the last
    for _ in range(LIMIT):
        worth = (chance * np.where(NEXT == END, 0.0, -1.0 + worth[NEXT])).sum(axis=1)
    return fmean(worth[FREE.index(cell)] for cell in STARTS)


@pytest.mark.parametrize("seed", [10, 11])
def test_the_order_of_the_algorithms_holds_where_nothing_is_left_to_learn(seed: int) -> None:
    walks = list(MAZE.record(seed=seed, episodes=MAZE.episodes))
    count, last, returns = visits(walks)
    filtered = visits(trajectory.best(walks, MAZE.keep))[0]
    found = [
        score(count),
        score(filtered),
        score(count, returns, 16.0),
        score(count, ilql(count, last, 0.95), 16.0),
    ]
    assert found == sorted(found)
    scale = Scale(MAZE.worst, fmean(walk.score for walk in walks), MAZE.best)
    bc, filtered_bc, mc, best = (scale.normalise(x) for x in found)
    assert 45 < bc < 55 and filtered_bc > bc + 15 and mc > filtered_bc + 1 and best > 99.5
    # A smaller beta is better for the returns of bad play, which are right on the whole only.
    assert scale.normalise(score(count, returns, 2.0)) > mc + 5

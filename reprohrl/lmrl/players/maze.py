"""Recorded maze walks: mostly random, sometimes one step right, sometimes one step wrong.

The paper's data set has 1.24 k episodes that score -83 on average; the program that made it was not
released. Ours keeps both numbers: each move is the right one with 15 %, its opposite with 25 %, and
otherwise any of the four.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from reprohrl.lmrl.games.maze import LIMIT, MOVES, Maze, distances, moved
from reprohrl.lmrl.trajectory import Trajectory

EPISODES = 1240
RIGHT, WRONG = 0.15, 0.25
OPPOSITE = {
    "move left\n": "move right\n",
    "move right\n": "move left\n",
    "move up\n": "move down\n",
    "move down\n": "move up\n",
}


def record(*, seed: int, episodes: int = EPISODES, fully_observed: bool = True) -> Iterator[Trajectory]:
    """Yield walks from random cells."""
    far = distances()
    right = {cell: min(MOVES, key=lambda a: far[moved(cell, a)]) for cell in far}
    rng = np.random.default_rng(seed)
    names = tuple(MOVES)
    game = Maze(fully_observed=fully_observed)
    for _ in range(episodes):
        start = int(rng.integers(2**31))
        texts, rewards = [game.reset(start)], []
        for _ in range(LIMIT + 1):
            luck = rng.random()
            action = names[int(rng.integers(len(names)))]
            if luck < RIGHT:
                action = right[game.cell]
            elif luck < RIGHT + WRONG:
                action = OPPOSITE[right[game.cell]]
            turn = game.step(action)
            texts += [action, turn.observation]
            rewards.append(turn.reward)
            if turn.done:
                break
        yield Trajectory(tuple(texts), tuple(rewards), True, start)

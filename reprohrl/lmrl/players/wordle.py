"""Recorded Wordle: with some chance a word that fits all answers so far, otherwise any word of the list.

This is the paper's mixture (RandomMixturePolicy in its repository).
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from reprohrl.lmrl.games.wordle import Wordle, possible, spelt
from reprohrl.lmrl.trajectory import Trajectory

SMART = 0.3


def record(*, seed: int, episodes: int, smart: float = SMART) -> Iterator[Trajectory]:
    """Yield games; `smart` is the chance of a guess that fits."""
    rng = np.random.default_rng(seed)
    game = Wordle()
    for _ in range(episodes):
        start = int(rng.integers(2**31))
        texts, rewards, done = [game.reset(start)], [], False
        while not done:
            choice = possible(game.known, game.words) if rng.random() < smart else game.words
            action = spelt(choice[int(rng.integers(len(choice)))])
            turn = game.step(action)
            texts += [action, turn.observation]
            rewards.append(turn.reward)
            done = turn.done
        yield Trajectory(tuple(texts), tuple(rewards), True, start)

"""Recorded missions: with some chance the rule's option, otherwise any legal one, now and then any words.

The rule flies to the current goal where it is remembered and searches for it where it is not.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from reprohrl.contracts.mission import Option, OptionKind
from reprohrl.contracts.vocabulary import GOAL_CLASSES
from reprohrl.language.words import option_words
from reprohrl.lmrl.games.drone_nav import DroneNav
from reprohrl.lmrl.trajectory import Trajectory

RIGHT, WILD = 0.3, 0.1


def phrases() -> list[str]:
    """Return the words of every option there is, legal or not."""
    towards = (OptionKind.GO_TO, OptionKind.SEARCH)
    found = [option_words(Option(kind, goal)) for kind in towards for goal in range(len(GOAL_CLASSES))]
    return found + [option_words(Option(k)) for k in (OptionKind.PASS, OptionKind.RETURN, OptionKind.HOLD)]


def record(*, seed: int, episodes: int, right: float = RIGHT, wild: float = WILD) -> Iterator[Trajectory]:
    """Yield missions in training scenes."""
    rng = np.random.default_rng(seed)
    game, every = DroneNav(), phrases()
    for _ in range(episodes):
        start = int(rng.integers(100_000))
        texts, rewards, done = [game.reset(start)], [], False
        while not done:
            luck, options = rng.random(), list(game.legal) or every
            action = options[int(rng.integers(len(options)))]
            if luck < right:
                action = options[0]
            elif luck < right + wild:
                action = every[int(rng.integers(len(every)))]
            turn = game.step(action + "\n")
            texts += [action + "\n", turn.observation]
            rewards.append(turn.reward)
            done = turn.done
        yield Trajectory(tuple(texts), tuple(rewards), True, start)

"""Recorded Text-Nav: walkers that know the way in half of the rooms and wander in the others.

As in the paper's repository: three episodes in four are played by a walker that knows office, bathroom,
garden and backyard, the fourth by one that knows kitchen, dining room, living room and bedroom. In a
room it knows, a walker follows the way with 40 % (10 % in the paper, where one walk in 200 wins: too few for
the thousand recorded here), and otherwise says any admissible command. So
no walker shows the whole way: it has to be put together from both.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from reprohrl.lmrl.games.text_nav import ROOMS, TextNav
from reprohrl.lmrl.trajectory import Trajectory

OUTER = ("office", "bathroom", "garden", "backyard")
INNER = ("kitchen", "dining room", "living room", "bedroom")
OUTER_SHARE, FOLLOWS = 0.75, 0.4
TAKE = "take stale food from table"
WAY: dict[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "bedroom": (("go west",), ("go west",)),
    "office": (("go north",), ("go north",)),
    "bathroom": (("go north",), ("go north",)),
    "living room": ((TAKE, "go west"), ("go west",)),
    "kitchen": (("go east",), ("open fridge", "insert stale food into fridge", "close fridge")),
    "dining room": (("go east",), ("go west",)),
    "garden": (("go south",), ("go south",)),
    "backyard": (("go east",), ("go east",)),
}
"""Commands of the way through each room: without the food, and with it."""


def record(*, seed: int, episodes: int, fully_observed: bool = True) -> Iterator[Trajectory]:
    """Yield walks from random rooms."""
    rng = np.random.default_rng(seed)
    games = {room: TextNav(fully_observed=fully_observed) for room in ROOMS}
    try:
        for number in range(episodes):
            room = ROOMS[int(rng.integers(len(ROOMS)))]
            yield _walk(games[room], room, rng, number)
    finally:
        for game in games.values():
            game.close()


def _walk(game: TextNav, room: str, rng: np.random.Generator, number: int) -> Trajectory:
    known = OUTER if rng.random() < OUTER_SHARE else INNER
    texts, rewards, done = [game.start(room)], [], False
    queue: list[str] = []
    carrying = False
    while not done:
        if not queue and rng.random() < FOLLOWS and game.room in known:
            queue = list(WAY[game.room][int(carrying)])
        command = queue.pop(0) if queue else game.admissible[int(rng.integers(len(game.admissible)))]
        carrying = carrying or command == TAKE
        turn = game.step(command)
        texts += [command + "\n", turn.observation]
        rewards.append(turn.reward)
        done = turn.done
    return Trajectory(tuple(texts), tuple(rewards), True, number)

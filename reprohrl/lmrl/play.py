"""Play many episodes side by side, so that one model answers all of them in one go."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from reprohrl.lmrl.game import Game, Player
from reprohrl.lmrl.trajectory import Trajectory


def play(
    make: Callable[[], Game], player: Player, seeds: Sequence[int], *, limit: int = 1000
) -> list[Trajectory]:
    """Return one finished episode for each seed. `limit` ends a game that has no limit of its own."""
    games = [make() for _ in seeds]
    texts = [[game.reset(seed)] for game, seed in zip(games, seeds, strict=True)]
    rewards: list[list[float]] = [[] for _ in seeds]
    done = [False] * len(games)
    player.reset(seeds)
    for _ in range(limit):
        open_ = [i for i in range(len(games)) if not done[i]]
        if not open_:
            break
        actions = player.act(open_, [tuple(texts[i]) for i in open_])
        for i, action in zip(open_, actions, strict=True):
            turn = games[i].step(action)
            texts[i] += [action, turn.observation]
            rewards[i].append(turn.reward)
            done[i] = turn.done
    return [
        Trajectory(tuple(t), tuple(r), d, s) for t, r, d, s in zip(texts, rewards, done, seeds, strict=True)
    ]

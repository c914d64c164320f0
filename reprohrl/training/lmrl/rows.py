"""Recorded episodes as rows of word numbers, and where in them the actions and the next states are."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt
import torch

from reprohrl.lmrl.trajectory import Trajectory
from reprohrl.lmrl.words import Words

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float32]

TERMINAL, FOLLOWS = -1, -2
"""What stands for the next state of an action's last word: none, or the row that follows."""


@dataclass(frozen=True, slots=True)
class Batch:
    """Rows of words, and for each of N action words what learning needs.

    Rows that read the same are held once, however often they were drawn; `weight` (N,) is how many
    recorded words an action word stands for.
    `words` (rows, positions) padded with 0; `row`, `at` (N,): the word `words[row, at]` was chosen in
    the state at `at - 1`; `reward` (N,); `returns` (N,) discounted from here on; `after` (N,): position
    of the next state in the same row, TERMINAL or FOLLOWS; `follower` (N,): for those that FOLLOWS
    stands for, the row of `following` (others, positions) that holds the next observation, and `end`
    (others,) the position of its last word.
    """

    words: torch.Tensor
    row: torch.Tensor
    at: torch.Tensor
    reward: torch.Tensor
    returns: torch.Tensor
    after: torch.Tensor
    follower: torch.Tensor
    following: torch.Tensor
    end: torch.Tensor
    weight: torch.Tensor

    @property
    def chosen(self) -> torch.Tensor:
        """The action words, (N,)."""
        return self.words[self.row, self.at]

    def mean(self, each: torch.Tensor) -> torch.Tensor:
        """Return the mean of `each` (N,) over the recorded words."""
        return (self.weight * each).sum() / self.weight.sum()


@dataclass(frozen=True, slots=True)
class Episode:
    """An episode as numbers: one array a text; rewards and discounted returns of each action."""

    texts: tuple[Ints, ...]
    rewards: Floats
    returns: Floats  # at the last word of each action

    @property
    def turns(self) -> int:
        return len(self.rewards)


def encode(trajectory: Trajectory, words: Words, gamma: float) -> Episode:
    """Return an episode as numbers; `gamma` discounts with each action word, as in the paper's code."""
    texts = tuple(np.asarray(words.encode(t), np.int64) for t in trajectory.texts)
    returns = np.zeros(len(trajectory.rewards), np.float32)
    total = 0.0
    for i in range(len(returns) - 1, -1, -1):
        following = len(texts[2 * i + 3]) if i + 1 < len(returns) else 0
        total = trajectory.rewards[i] + gamma**following * total
        returns[i] = total
    return Episode(texts, np.asarray(trajectory.rewards, np.float32), returns)


class Recorded:
    """Episodes to draw batches from. `turns` is how many turns a policy reads; 1: the last text only."""

    def __init__(self, trajectories: Sequence[Trajectory], words: Words, *, turns: int, gamma: float) -> None:
        self.words, self.turns, self.gamma = words, turns, gamma
        self.episodes = [encode(t, words, gamma) for t in trajectories if t.rewards]
        lengths = np.asarray([e.turns for e in self.episodes])
        starts = np.where((lengths > turns) & (turns > 1), lengths + turns - 1, 1 if turns > 1 else lengths)
        self._ends = np.cumsum(starts)

    def units(self) -> tuple[float, float]:
        """Return the mean and the spread of the returns."""
        returns = np.concatenate([e.returns for e in self.episodes])
        return float(returns.mean()), max(float(returns.std()), 1e-3)

    def draw(self, rng: np.random.Generator, rows: int) -> Batch:
        """Return random windows of at most `turns` turns; every turn is as likely as any other.

        Where no more than `rows` windows differ, all of them, each once: then nothing is left to luck.
        """
        if 0 < len(self._alike) <= rows:
            return self._whole
        picks = rng.integers(self._ends[-1], size=rows)
        which = np.searchsorted(self._ends, picks, side="right")
        begins = picks - np.where(which > 0, self._ends[which - 1], 0)
        return self._batch([self._window(int(e), int(b)) for e, b in zip(which, begins, strict=True)])

    def pieces(self, rows: int) -> list[Batch]:
        """Return everything in the order of play, each turn once, in batches of at most `rows` windows."""
        windows = [
            (e, first, min(first + self.turns, episode.turns))
            for e, episode in enumerate(self.episodes)
            for first in range(0, episode.turns, self.turns)
        ]
        return [self._batch(windows[i : i + rows]) for i in range(0, len(windows), rows)]

    @cached_property
    def _alike(self) -> dict[tuple[bytes, ...], list[tuple[int, int]]]:
        """Episode and turn of all turns, by what is read and what follows; longer windows: none."""
        found: dict[tuple[bytes, ...], list[tuple[int, int]]] = {}
        for number, episode in enumerate(self.episodes if self.turns == 1 else ()):
            ends = episode.turns - 1
            for turn, reward in enumerate(episode.rewards):
                texts = episode.texts[2 * turn : 2 * turn + (2 if turn == ends else 3)]
                key = (*(t.tobytes() for t in texts), reward.tobytes())
                found.setdefault(key, []).append((number, turn))
        return found

    @cached_property
    def _whole(self) -> Batch:
        """Return each turn once that was answered alike, with its count and its mean return.

        A squared error to the mean return has the gradient of the squared errors to all of them.
        """
        kinds = list(self._alike.values())
        returns = [float(np.mean([self.episodes[e].returns[i] for e, i in kind])) for kind in kinds]
        windows = [(e, i, i + 1) for (e, i), *_ in kinds]
        return self._batch(windows, counts=[len(kind) for kind in kinds], returns=returns)

    def _window(self, episode: int, begin: int) -> tuple[int, int, int]:
        turns = self.episodes[episode].turns
        if self.turns == 1:
            return episode, begin, begin + 1
        if turns <= self.turns:
            return episode, 0, turns
        first = begin - (self.turns - 1)
        return episode, max(first, 0), min(first + self.turns, turns)

    def _batch(
        self,
        windows: Sequence[tuple[int, int, int]],
        *,
        counts: Sequence[int] | None = None,
        returns: Sequence[float] | None = None,
    ) -> Batch:
        """Return windows as a batch; of one turn each, they can have counts and other returns."""
        rows, others = _Once(), _Once()
        where: list[tuple[int, int, float, float, int, int, float]] = []
        for i, (e, first, last) in enumerate(windows):
            episode = self.episodes[e]
            inside = self.turns > 1
            texts = episode.texts[2 * first : 2 * last + (1 if inside else 0)]
            number = rows.add(np.concatenate(texts))
            more = not inside and last < episode.turns
            follower = others.add(episode.texts[2 * last]) if more else 0
            at = 0
            for turn in range(first, last):
                at += len(texts[2 * (turn - first)])
                count = len(texts[2 * (turn - first) + 1])
                for left in range(count - 1, -1, -1):
                    reward = float(episode.rewards[turn]) if left == 0 else 0.0
                    after = at  # the word just chosen is the state in which the next one is chosen
                    if left == 0:
                        after = at + len(texts[2 * (turn - first) + 2]) if inside else FOLLOWS
                        after = TERMINAL if turn + 1 == episode.turns else after
                    total = self.gamma**left * float(returns[i] if returns else episode.returns[turn])
                    where.append((number, at, reward, total, after, follower, counts[i] if counts else 1))
                    at += 1
        row, place, reward_, returns_, after_, follower_, weight_ = zip(*where, strict=True)
        return Batch(
            rows.table(), torch.tensor(row), torch.tensor(place),
            torch.tensor(reward_, dtype=torch.float32), torch.tensor(returns_, dtype=torch.float32),
            torch.tensor(after_), torch.tensor(follower_), others.table(), others.ends(),
            torch.tensor(weight_, dtype=torch.float32),
        )  # fmt: skip


class _Once:
    """Rows, each held once."""

    def __init__(self) -> None:
        self._rows: list[Ints] = []
        self._number: dict[bytes, int] = {}

    def add(self, row: Ints) -> int:
        """Return the number of `row`."""
        key = row.tobytes()
        if key not in self._number:
            self._number[key] = len(self._rows)
            self._rows.append(row)
        return self._number[key]

    def table(self) -> torch.Tensor:
        return padded(self._rows) if self._rows else torch.zeros((1, 1), dtype=torch.int64)

    def ends(self) -> torch.Tensor:
        """Return the position of each row's last word."""
        return torch.tensor([len(r) - 1 for r in self._rows] or [0])


def padded(rows: Sequence[Ints]) -> torch.Tensor:
    """Return rows of different lengths as one (rows, positions) tensor, padded with 0 at the right."""
    table = np.zeros((len(rows), max(len(r) for r in rows)), np.int64)
    for i, row in enumerate(rows):
        table[i, : len(row)] = row
    return torch.from_numpy(table)

"""Speaks word by word: the cloned policy's log-probabilities, moved by beta times the learned values."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import torch

from reprohrl.lmrl.game import History
from reprohrl.lmrl.words import Words
from reprohrl.training.lmrl.model import Reader, Speaker, Valuer, supported
from reprohrl.training.lmrl.rows import padded


class _Stream:
    """One network reading texts of different lengths side by side, a word at a time after the first."""

    def __init__(self, reader: Reader, texts: torch.Tensor, lengths: torch.Tensor) -> None:
        self.reader = reader
        columns = torch.arange(texts.shape[1])
        self.open = columns[None, :] < lengths[:, None]  # (rows, positions) that may be looked at
        self.places = reader.places(texts)
        hidden, self.cache = reader.extend(texts, self.places, None, None)
        rows, ends = torch.arange(len(texts)), lengths - 1
        self.last = hidden[rows, ends]
        self.at = reader.follow(self.places[rows, ends], texts[rows, ends])

    def read(self, words: torch.Tensor) -> None:
        """Go on with one word a row."""
        self.open = torch.cat((self.open, torch.ones(len(words), 1, dtype=torch.bool)), dim=1)
        self.places = torch.cat((self.places, self.at[:, None]), dim=1)
        hidden, self.cache = self.reader.extend(
            words[:, None], self.places, self.open[:, None, None, :], self.cache
        )
        self.at = self.reader.follow(self.at, words)
        self.last = hidden[:, 0]


class Talker:
    """A policy over texts. Without a `valuer` it is the speaker alone."""

    def __init__(
        self,
        words: Words,
        speaker: Speaker,
        *,
        turns: int,
        most_words: int,
        valuer: Valuer | None = None,
        beta: float = 0.0,
        seed: int = 0,
        greedy: bool = False,
    ) -> None:
        self.words, self.speaker, self.valuer, self.beta = words, speaker, valuer, beta
        self.turns, self.most_words, self.greedy, self.seed = turns, most_words, greedy, seed
        self._luck: list[np.random.Generator] = []

    def reset(self, seeds: Sequence[int]) -> None:
        """Begin episodes: each has its own luck, whatever plays beside it."""
        self._luck = [np.random.default_rng((self.seed, s)) for s in seeds]

    def encode(self, history: History) -> list[int]:
        """Return the words of the last `turns` turns, the newest observation included."""
        texts = history[-(2 * self.turns - 1) :]
        numbers = [n for text in texts for n in self.words.encode(text)]
        return numbers[-(self.speaker.reader.shape.positions - self.most_words) :]

    @torch.no_grad()
    def act(self, games: Sequence[int], histories: Sequence[History]) -> list[str]:
        """Say an action in each game."""
        contexts = [np.asarray(self.encode(h), np.int64) for h in histories]
        lengths = torch.tensor([len(c) for c in contexts])
        texts = padded(contexts)
        streams = self._streams(texts, lengths)
        said: list[list[int]] = [[] for _ in histories]
        open_ = np.ones(len(histories), bool)
        for _ in range(self.most_words):
            chosen = self._choose(self._scores(streams), games, open_)
            for i in np.flatnonzero(open_):
                said[i].append(int(chosen[i]))
            open_ &= chosen != self.words.end
            if not open_.any():
                break
            for stream in streams:
                stream.read(torch.from_numpy(chosen))
        return [self.words.decode(s) for s in said]

    @torch.no_grad()
    def score(self, history: History, candidates: Sequence[str]) -> list[float]:
        """Return a score for each candidate: the sum over its words of log p as the policy says them."""
        context = np.asarray(self.encode(history), np.int64)
        phrases = [np.asarray(self.words.encode(self._line(c)), np.int64) for c in candidates]
        rows = padded([np.concatenate((context, p)) for p in phrases])[:, : self._positions]
        spoken = [(i, len(context) + k) for i, phrase in enumerate(phrases) for k in range(len(phrase))]
        row, at = torch.tensor([(i, place) for i, place in spoken if place < self._positions]).unbind(dim=1)
        log_p = self._log_p(rows, row, at)
        return [float(log_p[row == i].sum()) for i in range(len(candidates))]

    def _log_p(self, rows: torch.Tensor, row: torch.Tensor, at: torch.Tensor) -> torch.Tensor:
        """Return log p of the words `rows[row, at]`: the clone's own of those that it hardly ever says."""
        scores = self.speaker(rows)[row, at - 1]
        log_p = torch.log_softmax(scores, dim=1)
        if self.valuer is not None:
            likely = supported(scores)
            values = self.valuer.least(self.valuer.reader(rows)[row, at - 1])
            moved = torch.log_softmax(likely + self.beta * values, dim=1)
            log_p = torch.where(likely.isinf(), log_p, moved)
        return log_p.gather(1, rows[row, at][:, None])[:, 0]

    @property
    def _positions(self) -> int:
        return self.speaker.reader.shape.positions

    @staticmethod
    def _line(text: str) -> str:
        return text if text.endswith("\n") else text + "\n"

    def _streams(self, texts: torch.Tensor, lengths: torch.Tensor) -> list[_Stream]:
        readers = [self.speaker.reader] + ([self.valuer.reader] if self.valuer is not None else [])
        return [_Stream(reader, texts, lengths) for reader in readers]

    def _scores(self, streams: Sequence[_Stream]) -> torch.Tensor:
        scores = self.speaker.next_word(streams[0].last)
        scores[:, [self.words.pad, self.words.unknown]] = -torch.inf
        if self.valuer is not None:
            scores = supported(scores) + self.beta * self.valuer.least(streams[1].last)
        return scores

    def _choose(
        self, scores: torch.Tensor, games: Sequence[int], open_: npt.NDArray[np.bool_]
    ) -> npt.NDArray[np.int64]:
        """Return a word for each game; only those still speaking use up luck."""
        if self.greedy:
            best: npt.NDArray[np.int64] = scores.argmax(dim=1).numpy()
            return best
        chances = torch.softmax(scores, dim=1).double().numpy().cumsum(axis=1)
        luck = np.asarray([self._luck[g].random() if o else 0.0 for g, o in zip(games, open_, strict=True)])
        picked: npt.NDArray[np.int64] = (chances < (luck * chances[:, -1])[:, None]).sum(axis=1)
        return picked.astype(np.int64)

"""Text to numbers and back: a vocabulary of words and fixed phrases, made from the texts at hand."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from itertools import pairwise

PIECE = re.compile(r"\n| {2,}|[A-Za-z]+|[^\sA-Za-z]")
"""A line's end, a gap of blanks (it parts the fields of a chess position), a word, a digit, a sign."""

PAD, UNKNOWN, END = "<pad>", "<unknown>", "\n"
REMEMBERED = 100_000


def pieces(text: str) -> list[str]:
    """Return the words, digits and signs of `text`; a gap of blanks is one piece whatever its width."""
    return ["  " if p.isspace() and p != END else p for p in PIECE.findall(text)]


Pair = tuple[str, str]


@dataclass
class Words:
    """Every known word and phrase has a number; 0 pads, 1 stands for a word never seen.

    `phrases` are pairs to join, in order: they make texts shorter, not different.
    """

    words: tuple[str, ...]
    phrases: tuple[Pair, ...] = ()
    _remembered: dict[str, list[int]] = field(default_factory=dict, repr=False)

    def __post_init__(self) -> None:
        self._number = {word: i for i, word in enumerate(self.words)}
        self.pad, self.unknown, self.end = (self._number[w] for w in (PAD, UNKNOWN, END))

    @staticmethod
    def of(observations: Iterable[str], actions: Iterable[str] = ()) -> Words:
        """Return the words and the phrases of both."""
        said, spoken = _phrases(set(actions), set())
        phrases, left = _phrases(set(observations), spoken | {p for t in set(actions) for p in pieces(t)})
        found = {PAD, UNKNOWN, END}
        return Words((PAD, UNKNOWN, END, *sorted((spoken | left) - found)), (*said, *phrases))

    def __len__(self) -> int:
        return len(self.words)

    def encode(self, text: str) -> list[int]:
        found = self._remembered.get(text)
        if found is None:
            parts = pieces(text)
            for pair in self.phrases:
                parts = _joined(parts, pair)
            found = [self._number.get(p, self.unknown) for p in parts]
            if len(self._remembered) < REMEMBERED:
                self._remembered[text] = found
        return found

    def decode(self, numbers: Iterable[int]) -> str:
        """Return the words with blanks between them; a line's end stands right after its last word."""
        return " ".join(self.words[n] for n in numbers).replace(" \n", "\n")


def _joined(parts: Sequence[str], pair: Pair) -> list[str]:
    """Return `parts` with each occurrence of `pair` made one."""
    if pair[0] not in parts:
        return list(parts)
    found: list[str] = []
    i = 0
    while i < len(parts):
        if tuple(parts[i : i + 2]) == pair:
            found.append(f"{pair[0]} {pair[1]}")
            i += 2
        else:
            found.append(parts[i])
            i += 1
    return found


def _phrases(texts: set[str], kept: set[str]) -> tuple[list[Pair], set[str]]:
    """Return pairs of which one never stands without the other, and the words that are left.

    Such a pair says no more than the one word does. `kept` words and line ends stay alone.
    """
    rows = [pieces(text) for text in sorted(texts)]
    found: list[Pair] = []
    while True:
        alone = Counter(p for row in rows for p in row)
        pairs = Counter(pair for row in rows for pair in pairwise(row))
        fixed = [
            (count, a, b)
            for (a, b), count in pairs.items()
            if count > 1 and a != b and not ({a, b} & kept) and END not in (a, b)
            and (count == alone[a] or count == alone[b])
        ]  # fmt: skip
        if not fixed:
            return found, set(alone)
        _, first, second = max(fixed)
        found.append((first, second))
        rows = [_joined(row, (first, second)) for row in rows]

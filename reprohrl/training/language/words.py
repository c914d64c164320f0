"""A vocabulary of words that is built on the spot: a new word gets the next free number."""

from __future__ import annotations

import re
import zlib
from collections.abc import Iterable

PAD, END, LINE = 0, 1, 2
_FIRST = 3
_WORDS = re.compile(r"\n|\d|[^\W\d_]+|[^\w\s]|_")


class Words:
    """Numbers of words, `size` at most; what comes when all are taken shares one by its hash."""

    def __init__(self, size: int = 2048, known: Iterable[str] = ()) -> None:
        self.size = size
        self.numbers: dict[str, int] = {}
        for word in known:
            self._number(word, grow=True)

    def encode(self, text: str, *, grow: bool = True) -> list[int]:
        """Return the numbers of a text's words; digits stand alone, letters are small."""
        found = _WORDS.findall(text.lower())
        return [LINE if w == "\n" else self._number(w, grow=grow) for w in found]

    def decode(self, numbers: Iterable[int]) -> str:
        """Return a text with a blank between words; digits and points of a number stand together."""
        names = {n: w for w, n in self.numbers.items()}
        words = ["\n" if n == LINE else names.get(n, "?") for n in numbers if n not in (PAD, END)]
        text = " ".join(words)
        text = re.sub(r" ?\n ?", "\n", text)
        text = re.sub(r"(?<=\d) (?=[\d.])", "", text)
        text = re.sub(r"(?<=\d\.) (?=\d)", "", text)
        return re.sub(r" (?=[.,;:!?%)])|(?<=\() ", "", text)

    def _number(self, word: str, *, grow: bool) -> int:
        if word in self.numbers:
            return self.numbers[word]
        free = _FIRST + len(self.numbers)
        if grow and free < self.size:
            self.numbers[word] = free
            return free
        return _FIRST + zlib.crc32(word.encode()) % (self.size - _FIRST)

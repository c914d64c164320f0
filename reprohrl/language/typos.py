"""Which known word a misspelt one means; a question where it could be two."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

from reprohrl.language.lexicon import Lexicon, T, Word, lexicon

SHORTEST = 3
LONG = 7
"""Letters from which on a word may have two slips."""


@dataclass(frozen=True, slots=True)
class Guess:
    """The known words nearest to a misspelt one. More than one: they mean different things."""

    words: tuple[str, ...]


def distance(a: str, b: str, most: int) -> int:
    """Return the edit distance with swaps of neighbours (Damerau 1964, restricted), at most `most` + 1."""
    if abs(len(a) - len(b)) > most or len(set(a) ^ set(b)) > 2 * most:
        return most + 1
    before, row = [0] * (len(b) + 1), list(range(len(b) + 1))
    for i, x in enumerate(a, 1):
        older, before = before, row
        row = [i] + [0] * len(b)
        for j, y in enumerate(b, 1):
            row[j] = min(before[j] + 1, row[j - 1] + 1, before[j - 1] + (x != y))
            if i > 1 and j > 1 and x == b[j - 2] and a[i - 2] == y:
                row[j] = min(row[j], older[j - 2] + 1)
    return min(row[-1], most + 1)


@cache
def guess(word: str, language: str) -> Guess:
    """Return the known words nearest to `word`, one for each meaning; none for a word of its own."""
    lex = lexicon(language)
    if len(word) < SHORTEST or word in lex.real_words or any(c.isdigit() for c in word):
        return Guess(())
    most = 2 if len(word) >= LONG else 1
    near: dict[int, list[str]] = {}
    for known in lex.words:
        if len(known) > SHORTEST or _is_swap(word, known):
            near.setdefault(distance(word, known, most), []).append(known)
    best = next((sorted(near[d]) for d in range(1, most + 1) if near.get(d)), [])
    best = [w for w in best if _is_swap(word, w) or _may_be(word, w, lex)]
    return Guess(tuple(_one_for_each_meaning(best, lex)))


def _may_be(word: str, known: str, lex: Lexicon) -> bool:
    """Return whether a slip may stand for a word: a short one for an object alone, and none for a short word
    that says nothing, for then what was said would be gone."""
    meaning = lex.phrases.get((known,), Word(T.FILL))
    if len(word) == SHORTEST:
        return meaning.kind == T.OBJECT and word[:2] == known[:2]
    return meaning.kind != T.FILL or len(known) >= LONG - 1


def _is_swap(word: str, known: str) -> bool:
    return len(word) == len(known) and sorted(word) == sorted(known)


def _one_for_each_meaning(words: list[str], lex: Lexicon) -> list[str]:
    """Leave out words that mean what another one means already; things come before filling words."""
    kept: dict[tuple[str, float, str], str] = {}
    for word in words:
        meaning = lex.phrases.get((word,))
        article = word in lex.articles or meaning is None
        key = (
            (str(T.FILL), 0.0, "")
            if article or meaning is None
            else (str(meaning.kind), meaning.value, meaning.text)
        )
        kept.setdefault(key, word)
    return list(kept.values())

"""Wordle: find a hidden word of five letters in six guesses.

Published rules (LMRL-Gym's Wordle environment): the answer to a guess marks each letter `g` (right
place), `y` (in the word, elsewhere) or `b` (not in the word), from what is known then of each letter; the
hidden word is drawn anew at each guess among all words that fit what is known, which gives every game the
same chances as a word drawn once. Reward 0 for the guess that names the word, -1 for any other; a guess
that is no word of the list costs -1, is answered by an empty line and teaches nothing. Six guesses at most.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

import numpy as np

from reprohrl.lmrl.game import Turn
from reprohrl.lmrl.games.wordle_words import WORDS

LETTERS, GUESSES = 5, 6
NOT_HERE, POSSIBLE, HERE = 0, 1, 2
Knowledge = dict[str, tuple[int, ...]]
"""For each letter that was guessed, what is known of it at each of the five places."""

UNKNOWN = (POSSIBLE,) * LETTERS
ABSENT = (NOT_HERE,) * LETTERS


def learned(known: Knowledge, guess: str, word: str) -> Knowledge:
    """Return what is known after `guess`, where `word` is hidden."""
    found = dict(known)
    for place, letter in enumerate(guess):
        if letter == word[place]:
            found[letter] = _with(found.get(letter, UNKNOWN), place, HERE)
        elif letter in word:
            found[letter] = _with(found.get(letter, UNKNOWN), place, NOT_HERE)
        else:
            found[letter] = ABSENT
    return found


def _with(places: tuple[int, ...], place: int, knowledge: int) -> tuple[int, ...]:
    return (*places[:place], knowledge, *places[place + 1 :])


def marks(known: Knowledge, guess: str) -> str:
    """Return `g`, `y` or `b` for each letter of a guess that was made."""
    found = ""
    for place, letter in enumerate(guess):
        places = known[letter]
        found += "g" if places[place] == HERE else "b" if places == ABSENT else "y"
    return found


def fits(known: Knowledge, word: str) -> bool:
    """Is `word` possible?"""
    for letter, places in known.items():
        if places == ABSENT:
            if letter in word:
                return False
            continue
        if letter not in word:
            return False
        for place, knowledge in enumerate(places):
            if (knowledge == HERE) != (word[place] == letter) and knowledge != POSSIBLE:
                return False
    return True


@lru_cache(maxsize=200_000)
def _possible(known: frozenset[tuple[str, tuple[int, ...]]], words: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(word for word in words if fits(dict(known), word))


def possible(known: Knowledge, words: tuple[str, ...]) -> tuple[str, ...]:
    """Return the words that fit what is known."""
    return _possible(frozenset(known.items()), words)


def spelt(word: str) -> str:
    """Return a word as it is said: letter by letter."""
    return " ".join(word) + "\n"


class Wordle:
    """The game over a list of words."""

    def __init__(self, words: Sequence[str] = WORDS) -> None:
        self.words = tuple(words)
        self._list = frozenset(self.words)
        self.known: Knowledge = {}
        self.guesses: list[str] = []
        self._rng = np.random.default_rng(0)

    def reset(self, seed: int) -> str:
        self._rng = np.random.default_rng(seed)
        self.known, self.guesses = {}, []
        return "Wordle:\n"

    def step(self, action: str) -> Turn:
        guess = "".join(action.split())
        self.guesses.append(guess)
        last = len(self.guesses) >= GUESSES
        if guess not in self._list:
            return Turn("\n", -1.0, last)
        hidden = possible(self.known, self.words)
        word = hidden[int(self._rng.integers(len(hidden)))]
        self.known = learned(self.known, guess, word)
        left = possible(self.known, self.words)
        won = len(left) == 1 and left[0] in self.guesses
        return Turn(spelt(marks(self.known, guess)), 0.0 if won else -1.0, won or last)

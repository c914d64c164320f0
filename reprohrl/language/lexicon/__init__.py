"""The words of missions, by language: what each means, and nothing about how they combine."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from functools import cache, cached_property

from reprohrl.contracts.vocabulary import GOAL_CLASSES, OBSTACLE_ID
from reprohrl.language.lexicon import english, german

LANGUAGES = ("en", "de")


class T(StrEnum):
    """Kinds of words, one letter each: the grammar is written over these letters."""

    OBJECT = "O"  # value: class id
    PLURAL = "P"  # value: class id
    PEOPLE = "T"  # people and obstacles
    ALL = "A"
    WHATEVER = "j"
    BEHIND = "J"  # behind the doorway
    THROUGH = "U"  # through the doorway
    LOOKS = "c"  # colour or size
    VISIT = "V"
    AVOID = "X"
    NOT = "N"
    WITHOUT = "z"
    NEAR = "K"
    STAY = "S"
    AWAY = "Q"
    HOVER = "o"
    HOME = "h"
    LAND = "D"
    PATROL = "p"
    REPEAT = "r"
    TIMES = "w"  # value: how often
    TIMES_WORD = "x"
    NUMBER = "n"  # value
    METRES = "m"  # value: metres of one
    SECONDS = "s"  # value: seconds of one
    PERCENT = "%"
    BATTERY = "B"
    BELOW = "<"
    ABOVE = "+"
    AT_LEAST = ">"
    AT_MOST = "L"
    WITHIN = "W"
    IN = "I"
    FOR = "R"
    WITH = "G"
    BY = "Y"
    IF = "i"
    UNTIL = "u"
    EACH = "e"
    ANY_ORDER = "y"
    THEN = "t"
    BEFORE = "b"
    BEFORE_THAT = "d"
    AFTER = "a"
    FIRST = "f"
    LAST = "l"
    MIDDLE = "M"
    AGAIN = "g"
    BOTH = "2"
    OR = "|"
    AND = "&"
    BUT = "k"
    EXCEPT = "E"
    COMMA = ","
    STOP = "."
    VAGUE = "?"  # value: what to ask
    CANNOT = "!"  # value: why not
    FILL = "-"  # says nothing


@dataclass(frozen=True, slots=True)
class Word:
    """What a word or phrase means."""

    kind: T
    value: float = 0.0
    text: str = ""  # of VAGUE and CANNOT


@dataclass(frozen=True)
class Lexicon:
    """Phrases (tuples of normalised words) of one language, and single words that must not be corrected."""

    phrases: dict[tuple[str, ...], Word]
    articles: frozenset[str]
    real_words: frozenset[str]

    @cached_property
    def longest(self) -> int:
        return max(len(p) for p in self.phrases)

    @cached_property
    def words(self) -> frozenset[str]:
        """Every single word that occurs."""
        return frozenset({w for phrase in self.phrases for w in phrase} | self.articles)


def normalise(text: str) -> str:
    """Return lower case with umlauts written out, so that both ways of writing them are one word."""
    out = text.lower().replace("’", "'")
    for umlaut, plain in (("ä", "ae"), ("ö", "oe"), ("ü", "ue"), ("ß", "ss")):
        out = out.replace(umlaut, plain)
    return out


@cache
def lexicon(language: str) -> Lexicon:
    """Return the lexicon of "en" or "de"."""
    source = german if language == "de" else english
    articles = frozenset(normalise(source.ARTICLES).split())
    phrases: dict[tuple[str, ...], Word] = {}

    def add(line: str, word: Word) -> None:
        for phrase in line.split(","):
            if words := tuple(w for w in normalise(phrase).split() if w not in articles):
                phrases[words] = word

    for kind, line in source.WORDS.items():
        add(line, Word(T(kind), OBSTACLE_ID if kind == T.PEOPLE else 0.0))
    for table, kind in ((source.OBJECTS, T.OBJECT), (source.PLURALS, T.PLURAL)):
        for name, line in table.items():
            add(line, Word(kind, GOAL_CLASSES.index(name)))
    for table, kind in (
        (source.NUMBERS, T.NUMBER), (source.METRES, T.METRES), (source.SECONDS, T.SECONDS),
        (source.TIMES, T.TIMES),
    ):  # fmt: skip
        for value, line in table.items():
            add(line, Word(kind, value))
    for table, kind in ((source.VAGUE, T.VAGUE), (source.CANNOT, T.CANNOT)):
        for text, line in table.items():
            add(line, Word(kind, text=text))
    return Lexicon(phrases, articles, frozenset(normalise(source.REAL).split()))
